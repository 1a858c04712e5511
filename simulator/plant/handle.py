"""Many tables behind one pointer: compiled functions pass one word, not forty arrays.

A `Handle` is an ordinary object whose attributes are arrays; compiled code sees the same attributes
and finds each array through a table of addresses, which changes only between calls. A handle may
be a part of a larger one: then it reads its rows of that one's addresses.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from llvmlite import ir
from numba.core import cgutils as _cgutils
from numba.core import types
from numba.core.datamodel import models
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue as _NativeValue
from numba.extending import intrinsic, register_model, typeof_impl, unbox
from numba.np.arrayobj import populate_array as _populate_array
from numpy.typing import NDArray

from simulator.plant.jit import IS_COMPILED

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Numba is untyped in parts.
cgutils: Any = _cgutils
NativeValue: Any = _NativeValue
populate_array: Any = _populate_array

_LINE_BYTES = 64
_WORDS = 4  # of an entry: address, then up to three sizes
FLOATS_1 = types.Array(types.float64, 1, "C")
FLOATS_2 = types.Array(types.float64, 2, "C")
INTS_1, INTS_2, INTS_3 = (types.Array(types.int64, n, "C") for n in (1, 2, 3))


class Handle:
    """Tables by name; replacing one by a larger copy is how they grow."""

    FIELDS: ClassVar[dict[str, Any]]
    """Every table and its shape, in the order of the table of addresses."""
    WIDTHS: ClassVar[dict[str, int]]
    """How many columns a table has where every system has as many: compiled into the code."""
    LINED: ClassVar[tuple[str, ...]] = ()
    """Tables that begin where a line of the processor's cache does."""
    PARTS: ClassVar[dict[str, type["Handle"]]] = {}
    """Handles within this one, by name; their tables stand together, with that name in front."""

    def __init__(self, **tables: NDArray[Any]) -> None:
        missing = self.FIELDS.keys() - tables.keys()
        if missing:
            raise TypeError(f"no tables for {', '.join(sorted(missing))}")
        self.put_at(np.zeros((len(self.FIELDS), _WORDS), dtype=np.int64))
        self.replace(**tables)

    def put_at(self, addresses: Ints) -> None:
        """Keep the addresses of all tables there, those of parts too."""
        self._addresses = addresses
        self.address = int(addresses.ctypes.data)
        for name, kind in self.PARTS.items():
            first = self._first_of(name)
            part = kind.__new__(kind)
            part.put_at(addresses[first : first + len(kind.FIELDS)])
            setattr(self, name, part)

    @classmethod
    def _first_of(cls, part: str) -> int:
        return list(cls.FIELDS).index(f"{part}_{next(iter(cls.PARTS[part].FIELDS))}")

    @classmethod
    def fix_widths(cls, **columns: int) -> None:
        """Say of tables how many columns they always have; called where the columns are named."""
        cls._known(columns)
        cls.WIDTHS.update(columns)

    @classmethod
    def _known(cls, names: Iterable[str]) -> None:
        unknown = set(names) - cls.FIELDS.keys()
        if unknown:
            raise KeyError(f"no such tables: {', '.join(sorted(unknown))}")

    @classmethod
    def _check(cls, name: str, table: NDArray[Any]) -> None:
        kind, columns = cls.FIELDS[name], table.shape[-1]
        if (table.dtype.name, table.ndim) != (str(kind.dtype), kind.ndim):
            raise ValueError(f"{name} is {kind}, not {table.ndim} dimensions of {table.dtype}")
        if columns != cls.WIDTHS.get(name, columns):
            raise ValueError(f"{name} has {cls.WIDTHS[name]} columns, not {columns}")

    def __init_subclass__(cls) -> None:
        for name, part in cls.PARTS.items():
            cls.FIELDS |= {f"{name}_{field}": shape for field, shape in part.FIELDS.items()}
            cls.WIDTHS |= {f"{name}_{field}": width for field, width in part.WIDTHS.items()}

    @property
    def key(self) -> Any:
        """What Python passes of it to a function that finds it by `at_address`."""
        return self.address if IS_COMPILED else self

    def tables(self) -> dict[str, NDArray[Any]]:
        """Every table by name, those of parts too."""
        return {name: getattr(self, name) for name in self.FIELDS}

    def replace(self, **tables: NDArray[Any]) -> None:
        """Put other arrays in place of some tables; those of a part through the whole.

        Raises:
            KeyError: there is no such table.
            ValueError: it is not as compiled code takes it to be.
        """
        self._known(tables)
        for row, name in enumerate(self.FIELDS):
            if name in tables:
                table = np.ascontiguousarray(tables[name])
                self._check(name, table)
                if name in self.LINED:
                    table = _on_a_line(table)
                self.set_table(name, table)
                self._addresses[row, 0] = table.ctypes.data
                self._addresses[row, 1 : 1 + table.ndim] = table.shape

    def set_table(self, name: str, table: NDArray[Any]) -> None:
        """Show a table as an attribute, here and in the part it belongs to."""
        setattr(self, name, table)
        part, _, field = name.partition("_")
        if part in self.PARTS and field in self.PARTS[part].FIELDS:
            setattr(getattr(self, part), field, table)


def at_address(kind: type[Handle]) -> Any:
    """Make what compiled code finds a handle by where Python passes its `key`.

    Numba looks at an object it does not know for microseconds at each call, and at a number for
    next to nothing.
    """

    def found(_context: Any, address: Any) -> Any:
        def code(_c: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], _POINTER)

        return _HandleType(kind)(address), code

    return intrinsic(found) if IS_COMPILED else lambda handle: handle


def _on_a_line(table: NDArray[Any]) -> NDArray[Any]:
    room = np.empty(table.nbytes + _LINE_BYTES, dtype=np.uint8)
    first = -room.ctypes.data % _LINE_BYTES
    there = room[first : first + table.nbytes].view(table.dtype).reshape(table.shape)
    there[...] = table
    return there


class _HandleType(types.Type):
    def __init__(self, of: type[Handle]) -> None:
        self.of = of
        super().__init__(name=f"{of.__name__}")


_WORD: Any = ir.IntType(64)
_POINTER: Any = _WORD.as_pointer()


@typeof_impl.register(Handle)
def _typeof(value: Handle, _context: Any) -> _HandleType:
    return _HandleType(type(value))


@register_model(_HandleType)
class _HandleModel(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _POINTER)  # type: ignore[no-untyped-call]  # Numba is untyped here


@unbox(_HandleType)  # type: ignore[no-untyped-call]  # and here
def _unbox(_type: Any, value: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_longlong(number)
    c.pyapi.decref(number)
    failed = cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
    return NativeValue(c.builder.inttoptr(address, _POINTER), is_error=failed)


@infer_getattr
class _HandleAttributes(AttributeTemplate):
    key = _HandleType

    def generic_resolve(self, kind: Any, name: str) -> Any:  # type: ignore[override]  # its base says it is unimplemented
        if name in kind.of.PARTS:
            return _HandleType(kind.of.PARTS[name])
        return kind.of.FIELDS.get(name)


@lower_getattr_generic(_HandleType)  # type: ignore[no-untyped-call]  # and here
def _get(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    of = kind.of
    if name in of.PARTS:
        return builder.gep(value, [ir.Constant(_WORD, of._first_of(name) * _WORDS)])  # noqa: SLF001
    array_kind = of.FIELDS[name]
    first = list(of.FIELDS).index(name) * _WORDS

    def word(place: int) -> Any:
        loaded = builder.load(builder.gep(value, [ir.Constant(_WORD, first + place)]))
        # Nothing compiled ever writes there, which lets the compiler load it once.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    sizes = [word(1 + axis) for axis in range(array_kind.ndim)]
    if name in of.WIDTHS:
        sizes[-1] = ir.Constant(_WORD, of.WIDTHS[name])
    steps = [ir.Constant(_WORD, 8)]
    for size in reversed(sizes[1:]):
        steps.insert(0, builder.mul(steps[0], size))
    array = context.make_array(array_kind)(context, builder)
    pointer = context.get_data_type(array_kind.dtype).as_pointer()
    populate_array(
        array,
        data=builder.inttoptr(word(0), pointer),
        shape=cgutils.pack_array(builder, sizes),
        strides=cgutils.pack_array(builder, steps),
        itemsize=ir.Constant(_WORD, 8),
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001  how Numba names it
