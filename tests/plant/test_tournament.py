"""The tournament tree agrees with looking at everybody."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant.jit import compiled
from simulator.plant.layout import Floats
from simulator.plant.tournament import NOBODY, best_leaf, fill_tree, set_leaf

SIZE = 16
SCORES = st.sampled_from([1.0, 2.0, 3.0, NOBODY])


@compiled
def _fill(tree: Floats) -> None:
    fill_tree(tree, tree.shape[0] // 2)


@compiled
def _set(tree: Floats, leaf: int, score: float) -> None:
    set_leaf(tree, tree.shape[0] // 2, leaf, score)


@compiled
def _best(tree: Floats, first: int, count: int, start: int) -> int:
    return best_leaf(tree, tree.shape[0] // 2, first, count, start)


def _looked_at(scores: list[float], first: int, count: int, start: int) -> int:
    """The first of the least from `start` on, round and round."""
    places = [first + (start + k) % count for k in range(count)]
    best = min(places, key=lambda place: scores[place])
    return best if scores[best] < NOBODY else -1


@settings(deadline=None)  # the first call compiles
@given(
    scores=st.lists(SCORES, min_size=SIZE, max_size=SIZE),
    changes=st.lists(st.tuples(st.integers(0, SIZE - 1), SCORES), max_size=8),
    first=st.integers(0, SIZE - 1),
    count=st.integers(1, SIZE),
    start=st.integers(0, SIZE - 1),
)
def test_the_best_leaf_is_the_first_of_the_least_from_the_start_on(
    scores: list[float], changes: list[tuple[int, float]], first: int, count: int, start: int
) -> None:
    count = min(count, SIZE - first)
    tree = np.zeros(2 * SIZE)
    tree[SIZE:] = scores
    _fill(tree)

    for leaf, score in changes:
        scores[leaf] = score
        _set(tree, leaf, score)

    assert _best(tree, first, count, start % count) == _looked_at(
        scores, first, count, start % count
    )
    played = tree.copy()
    _fill(played)
    assert np.array_equal(tree[1:], played[1:])
