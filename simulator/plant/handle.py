"""The plant's tables behind one pointer: compiled functions pass one word, not forty arrays.

`State` is an ordinary object whose attributes are arrays; compiled code sees the same attributes
and finds each array through a table of addresses. The table changes only between calls.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils as _cgutils
from numba.core import types
from numba.core.datamodel import models
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue as _NativeValue
from numba.extending import register_model, typeof_impl, unbox
from numba.np.arrayobj import populate_array as _populate_array
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Numba is untyped in parts.
cgutils: Any = _cgutils
NativeValue: Any = _NativeValue
populate_array: Any = _populate_array

_WORDS = 4  # of an entry: address, then up to three sizes
_FLOATS_1 = types.Array(types.float64, 1, "C")
_INTS_1, _INTS_2, _INTS_3 = (types.Array(types.int64, n, "C") for n in (1, 2, 3))
_FLOATS_2 = types.Array(types.float64, 2, "C")
FIELDS: dict[str, Any] = {
    "head": _INTS_1, "prog": _INTS_2, "laws": _FLOATS_2, "slots": _INTS_2, "heap": _INTS_2,
    "lanes": _INTS_3, "lane_heads": _INTS_2, "work": _INTS_2, "replicas": _INTS_2,
    "replica_floats": _FLOATS_2, "pools": _INTS_2, "pool_floats": _FLOATS_2, "edges": _INTS_2,
    "edge_floats": _FLOATS_2, "classes": _INTS_2, "class_floats": _FLOATS_2, "bounds": _INTS_2,
    "bins": _INTS_3, "signals": _INTS_2, "arrivals": _INTS_2, "keys": _INTS_2, "buckets": _INTS_1,
    "popularity": _FLOATS_2, "targets": _INTS_2, "scrapes": _INTS_2, "finished": _INTS_2,
    "llm_ints": _INTS_2, "llm_floats": _FLOATS_2, "llm_linear": _FLOATS_2, "llm_calls": _INTS_2,
    "llm_heaps": _INTS_3, "llm_blocks": _INTS_3, "llm_segments": _INTS_2, "llm_extras": _INTS_2,
    "llm_adapters": _INTS_3, "batch_ints": _INTS_2,
    "batch_floats": _FLOATS_2, "batch_calls": _INTS_2, "batch_pools": _FLOATS_2, "guards": _INTS_2,
    "guard_floats": _FLOATS_2, "outliers": _INTS_3,
    "adaptive": _INTS_2, "adaptive_floats": _FLOATS_2, "latencies": _INTS_2,
    "sheds": _FLOATS_2, "net": _FLOATS_2, "wires": _FLOATS_2, "impairments": _FLOATS_2,
    "records": _INTS_2, "routes": _INTS_2, "route_floats": _FLOATS_2, "ready": _INTS_2,
    "trees": _FLOATS_2, "views": _FLOATS_2, "cells": _INTS_2,
    "spans": _INTS_2, "span_of": _INTS_1, "tracing": _INTS_1, "levels": _INTS_2,
    "limits": _FLOATS_2, "uses": _FLOATS_2,
    "providers": _FLOATS_2, "provider_hours": _FLOATS_2, "provider_rows": _INTS_2,
    "manners": _INTS_2, "manner_floats": _FLOATS_2, "users": _INTS_2, "loops": _INTS_2,
    "tenants": _INTS_2, "tenant_floats": _FLOATS_2,
    "cpu_ints": _INTS_2, "cpu_floats": _FLOATS_2, "cpu_jobs": _INTS_2, "cpu_ends": _FLOATS_1,
    "caches": _INTS_2, "cache_floats": _FLOATS_2, "stores": _INTS_2, "members": _INTS_1,
    "facts": _INTS_2, "indexes": _FLOATS_2,
    "pooled": _INTS_2, "conns": _INTS_2,
    "databases": _INTS_2, "replays": _INTS_2, "commits": _INTS_2, "queues": _INTS_2,
    "messages": _INTS_2, "objects": _FLOATS_2, "prefixes": _FLOATS_2, "transfers": _INTS_2,
}  # fmt: skip
"""Every table and its shape, in the order of the table of addresses."""


class State:
    """Every table of the plant; replacing one by a larger copy is how they grow."""

    head: Ints
    prog: Ints
    laws: Floats
    slots: Ints
    heap: Ints
    lanes: Ints
    lane_heads: Ints
    work: Ints
    replicas: Ints
    replica_floats: Floats
    pools: Ints
    pool_floats: Floats
    edges: Ints
    edge_floats: Floats
    classes: Ints
    class_floats: Floats
    bounds: Ints
    bins: Ints
    signals: Ints
    arrivals: Ints
    keys: Ints
    buckets: Ints
    popularity: Floats
    targets: Ints
    scrapes: Ints
    finished: Ints
    llm_ints: Ints
    llm_floats: Floats
    llm_linear: Floats
    llm_calls: Ints
    llm_heaps: Ints
    llm_blocks: Ints
    llm_segments: Ints
    llm_extras: Ints
    llm_adapters: Ints
    batch_ints: Ints
    batch_floats: Floats
    batch_calls: Ints
    batch_pools: Floats
    guards: Ints
    guard_floats: Floats
    outliers: Ints
    adaptive: Ints
    adaptive_floats: Floats
    latencies: Ints
    sheds: Floats
    net: Floats
    wires: Floats
    impairments: Floats
    records: Ints
    routes: Ints
    route_floats: Floats
    ready: Ints
    trees: Floats
    views: Floats
    cells: Ints
    limits: Floats
    uses: Floats
    providers: Floats
    provider_hours: Floats
    provider_rows: Ints
    spans: Ints
    span_of: Ints
    tracing: Ints
    levels: Ints
    manners: Ints
    manner_floats: Floats
    users: Ints
    loops: Ints
    tenants: Ints
    tenant_floats: Floats
    cpu_ints: Ints
    cpu_floats: Floats
    cpu_jobs: Ints
    cpu_ends: Floats
    caches: Ints
    cache_floats: Floats
    stores: Ints
    members: Ints
    facts: Ints
    indexes: Floats
    pooled: Ints
    conns: Ints
    databases: Ints
    replays: Ints
    commits: Ints
    queues: Ints
    messages: Ints
    objects: Floats
    prefixes: Floats
    transfers: Ints

    def __init__(self, **tables: NDArray[Any]) -> None:
        self._addresses = np.zeros((len(FIELDS), _WORDS), dtype=np.int64)
        self.address = int(self._addresses.ctypes.data)
        self.replace(**tables)

    def replace(self, **tables: NDArray[Any]) -> None:
        """Put other arrays in place of some tables."""
        for row, name in enumerate(FIELDS):
            if name in tables:
                table = np.ascontiguousarray(tables[name])
                setattr(self, name, table)
                self._addresses[row, 0] = table.ctypes.data
                self._addresses[row, 1 : 1 + table.ndim] = table.shape


class _StateType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="PlantState")


_STATE = _StateType()
_WORD: Any = ir.IntType(64)
_POINTER: Any = _WORD.as_pointer()


@typeof_impl.register(State)
def _typeof(_value: State, _context: Any) -> _StateType:
    return _STATE


@register_model(_StateType)
class _StateModel(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _POINTER)  # type: ignore[no-untyped-call]  # Numba is untyped here


@unbox(_StateType)  # type: ignore[no-untyped-call]  # and here
def _unbox(_type: Any, value: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_longlong(number)
    c.pyapi.decref(number)
    failed = cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
    return NativeValue(c.builder.inttoptr(address, _POINTER), is_error=failed)


@infer_getattr
class _StateAttributes(AttributeTemplate):
    key = _StateType

    def generic_resolve(self, _type: Any, name: str) -> Any:  # type: ignore[override]  # its base says it is unimplemented
        return FIELDS.get(name)


@lower_getattr_generic(_StateType)  # type: ignore[no-untyped-call]  # and here
def _get(context: Any, builder: Any, _type: Any, value: Any, name: str) -> Any:
    kind = FIELDS[name]
    first = list(FIELDS).index(name) * _WORDS

    def word(place: int) -> Any:
        loaded = builder.load(builder.gep(value, [ir.Constant(_WORD, first + place)]))
        # Nothing compiled ever writes there, which lets the compiler load it once.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    sizes = [word(1 + axis) for axis in range(kind.ndim)]
    steps = [ir.Constant(_WORD, 8)]
    for size in reversed(sizes[1:]):
        steps.insert(0, builder.mul(steps[0], size))
    array = context.make_array(kind)(context, builder)
    pointer = context.get_data_type(kind.dtype).as_pointer()
    populate_array(
        array,
        data=builder.inttoptr(word(0), pointer),
        shape=cgutils.pack_array(builder, sizes),
        strides=cgutils.pack_array(builder, steps),
        itemsize=ir.Constant(_WORD, 8),
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001  how Numba names it
