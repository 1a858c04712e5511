"""Fetching into the processor's cache what a call will look at some events later.

A cache of many keys is larger than the processor's own: to find one takes three looks at memory,
each of which must wait for the one before. They are begun as the call is sent, as it arrives and
as its work begins; by the look-up all is there. Nothing simulated depends on it.
"""

from typing import Any

from llvmlite import ir
from numba.core import cgutils as _cgutils
from numba.core import types
from numba.extending import intrinsic

from simulator.plant import layout as at
from simulator.plant.cache_entries import bucket_of, key_cell, key_of
from simulator.plant.jit import IS_COMPILED, internal
from simulator.plant.layout import State

cgutils: Any = _cgutils  # Numba is untyped in parts
_LASTING, _DATA = 3, 1  # as LLVM's prefetch numbers them


def _fetch(_context: Any, table: Any, row: Any) -> Any:
    """Begin to read a row of a table; takes no time itself, and never fails."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        step = cgutils.unpack_tuple(builder, array.strides)[0]
        word, byte = ir.IntType(64), ir.IntType(8).as_pointer()
        first = builder.ptrtoint(array.data, word)
        place = builder.inttoptr(builder.add(first, builder.mul(step, args[1])), byte)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(prefetch, [place, number(0), number(_LASTING), number(_DATA)])
        return context.get_dummy_value()

    return types.void(table, row), code


def _look_away(_table: Any, _row: int) -> None:
    """Interpreted, there is nothing to fetch."""


fetch: Any = intrinsic(_fetch) if IS_COMPILED else _look_away


@internal
def foresee_key(s: State, slot: int) -> None:
    """As a call is sent to a cache: where it is read which key it asks for."""
    call = s.slots[slot]
    if s.classes[call[at.CLASS], at.C_KEYS] > 0:
        fetch(s.popularity, key_cell(s, call[at.CLASS], call[at.ROOT_KEY]))


@internal
def foresee_bucket(s: State, slot: int) -> None:
    """As it arrives: the chain its key hangs on."""
    call = s.slots[slot]
    key = key_of(s, call[at.CLASS], call[at.ROOT_KEY])
    fetch(s.buckets, bucket_of(s.buckets, call[at.REPLICA], key))


@internal
def foresee_entry(s: State, slot: int) -> None:
    """As its work begins: the first entry of that chain, mostly its own."""
    call = s.slots[slot]
    key = key_of(s, call[at.CLASS], call[at.ROOT_KEY])
    entry = s.buckets[bucket_of(s.buckets, call[at.REPLICA], key)]
    if entry >= 0:
        fetch(s.keys, entry)
