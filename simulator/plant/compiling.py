"""Habits of Numba's that the plant does without while it is compiled, and what each costs.

All are private parts of Numba: where one is missing, `is_known` is false, a test notices, and the
plant is compiled as Numba would, only slower.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import llvmlite.binding
import numba
from numba.core import codegen as _codegen
from numba.core import cpu as _cpu
from numba.core.compiler_lock import global_compiler_lock as _lock
from numba.np import arrayobj as _arrayobj

# Numba is untyped in parts.
arrays: Any = _arrayobj
Target: Any = _cpu.CPUContext
Library: Any = _codegen.CPUCodeLibrary
Linkage: Any = llvmlite.binding.Linkage
global_compiler_lock: Any = _lock

is_known = (
    hasattr(arrays, "fix_integer_index")
    and hasattr(Target, "get_executable")
    and hasattr(Library, "_get_module_for_linking")
)


def _index_as_it_is(context: Any, builder: Any, kind: Any, index: Any, _: Any) -> Any:
    """Take an index unchanged: nothing in the plant counts from the end of a table.

    Numba tests each for being negative: a tenth of running and compiling.
    """
    whole = numba.types.intp if kind.signed else numba.types.uintp
    return context.cast(builder, index, kind, whole)


def _only_linked(_: Any, library: Any, __: Any, ___: Any) -> Any:
    """Leave a function that only compiled ones call as it is, to be optimised within them.

    Numba optimises it and makes machine code of it by itself, with all that it calls, and again
    for each of its callers: two fifths of the time it takes to compile the plant.
    """
    module = library._final_module  # noqa: SLF001  Numba's own finalize, but for those two parts
    for part in dict.fromkeys(library._linking_libraries):  # noqa: SLF001
        module.link_in(part._get_module_for_linking(), preserve=True)  # noqa: SLF001
    library._finalized = True  # noqa: SLF001
    # A built-in function of its own: Numba knows the overload by it. To Python it is a TypeError,
    # as Numba hands over all arguments as one.
    return bytearray().append


def _as_one(context: Any, library: Any, about: Any, environment: Any) -> Any:
    """Make a function that Python calls of all its parts, which nobody else will ask for.

    So LLVM may inline whatever is called from one place, and drops it.
    """
    optimise = library._optimize_final_module  # noqa: SLF001

    def optimised() -> None:
        for part in library._final_module.functions:  # noqa: SLF001
            if not part.is_declaration and part.linkage == Linkage.linkonce_odr:
                part.linkage = Linkage.internal
        optimise()

    library._optimize_final_module = optimised  # noqa: SLF001
    return _MAKE(context, library, about, environment)


if is_known:
    _MAKE = Target.get_executable


def _only_linked_and_rare(context: Any, library: Any, about: Any, environment: Any) -> Any:
    """Say of a function that it is seldom called: never inlined, and what leads to it moved away.

    The paths that are taken then lie close together, which is what a processor can read ahead.
    """
    for own in library._final_module.functions:  # noqa: SLF001
        if not own.is_declaration:
            own.add_function_attribute("cold")
            own.add_function_attribute("noinline")
    return _only_linked(context, library, about, environment)


@contextmanager
def our_habits(*, is_part: bool, is_rare: bool) -> Iterator[None]:
    """Compile as the plant needs it; `is_part` is a function that only compiled ones call."""
    if not is_known:
        yield
        return
    with global_compiler_lock:  # nobody else's code is compiled meanwhile
        before = arrays.fix_integer_index, Target.get_executable
        arrays.fix_integer_index = _index_as_it_is
        linked = _only_linked_and_rare if is_rare else _only_linked
        Target.get_executable = linked if is_part else _as_one
        try:
            yield
        finally:
            arrays.fix_integer_index, Target.get_executable = before
