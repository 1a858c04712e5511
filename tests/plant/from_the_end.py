"""Run by a test with the plant interpreted: flies trials whose tables refuse to count from the end.

Compiled code takes indices as they are, so a negative one would read what is not there.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant.state import State
from tests.swarm.flights import fly
from tests.swarm.systems import trial


def _counts_back(index: object) -> bool:
    """Say whether a place, or the place in any dimension, is below 0."""
    if isinstance(index, tuple):
        return any(_counts_back(each) for each in index)
    return isinstance(index, int | np.integer) and bool(index < 0)


class FromTheStart(np.ndarray):
    """An array that has no end to count from."""

    def __getitem__(self, index: Any) -> Any:
        if _counts_back(index):
            raise IndexError(f"{index} counts from the end")
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        if _counts_back(index):
            raise IndexError(f"{index} counts from the end")
        super().__setitem__(index, value)


def strict(put: Callable[..., None]) -> Callable[..., None]:
    """Make every table that is put in place a strict one."""

    def put_strict(state: State, name: str, table: NDArray[Any]) -> None:
        put(state, name, table.view(FromTheStart))

    return put_strict


if __name__ == "__main__":
    State.set_table = strict(State.set_table)  # type: ignore[method-assign]
    for number in sys.argv[1:]:
        fly(trial(int(number)))
