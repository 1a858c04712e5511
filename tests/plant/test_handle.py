"""Tables behind one pointer: what is put in place is what compiled code takes it to be."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.plant.batch import BATCHES, batch_tables
from simulator.plant.handle import Handle
from simulator.plant.jit import compiled
from simulator.plant.layout import SLOT_COLUMNS, State
from tests.plant.systems import Times, fixed, plant, pool


@compiled
def second_batches(tables: Handle, place: int) -> int:
    """Read a table of a part as compiled code does."""
    return tables.ints[1, place]  # type: ignore[attr-defined, no-any-return]  # a batch server's


def state() -> State:
    return plant([pool("api", 1, fixed(1))], Times([]))._s  # noqa: SLF001  the tables themselves


@pytest.mark.parametrize(
    ("tables", "error"),
    [
        ({"slot": np.zeros((4, SLOT_COLUMNS), np.int64)}, KeyError),
        ({"slots": np.zeros((4, SLOT_COLUMNS - 1), np.int64)}, ValueError),
        ({"slots": np.zeros((4, SLOT_COLUMNS))}, ValueError),
        ({"slots": np.zeros(4, np.int64)}, ValueError),
    ],
    ids=["unknown", "narrower", "of fractions", "flat"],
)
def test_a_table_unlike_what_is_compiled_is_refused(
    tables: dict[str, NDArray[Any]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        state().replace(**tables)


def test_a_handle_has_all_its_tables() -> None:
    with pytest.raises(TypeError, match="calls, floats"):
        type(batch_tables(1, 1))(ints=batch_tables(1, 1).ints)


def test_a_part_follows_its_whole() -> None:
    s = state()
    ints = batch_tables(2, 1).ints
    ints[1, BATCHES] = 7

    s.replace(batch_ints=ints)

    assert s.batch.ints is s.tables()["batch_ints"]
    assert second_batches(s.batch, BATCHES) == 7


def test_calls_begin_where_a_line_of_the_cache_does() -> None:
    s = state()

    s.replace(slots=np.concatenate([s.slots, s.slots]))

    assert s.slots.ctypes.data % 64 == 0
