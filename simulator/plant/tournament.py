"""A tournament tree over a pool's ready replicas: who has the least, in O(log replicas).

A tree of `size` leaves (a power of two) is a row of 2 x size numbers: leaf i stands at size + i,
the winner of everything at 1; whoever is not there scores infinity.
"""

from simulator.plant.jit import internal
from simulator.plant.layout import Floats

NOBODY = float("inf")


@internal
def fill_tree(tree: Floats, size: int) -> None:
    """Play every match again, from the leaves up."""
    for place in range(size - 1, 0, -1):
        tree[place] = min(tree[2 * place], tree[2 * place + 1])


@internal
def set_leaf(tree: Floats, size: int, leaf: int, score: float) -> None:
    """Change one score and replay the matches on its way up that turn out otherwise."""
    place = size + leaf
    tree[place] = score
    place >>= 1
    while place > 0:
        winner = min(tree[2 * place], tree[2 * place + 1])
        if tree[place] == winner:
            return
        tree[place] = winner
        place >>= 1


@internal
def _least_between(tree: Floats, size: int, first: int, last: int) -> float:
    """The least score of leaves first to last - 1."""
    low, high = size + first, size + last
    least = NOBODY
    while low < high:
        if low & 1:
            least = min(least, tree[low])
            low += 1
        if high & 1:
            high -= 1
            least = min(least, tree[high])
        low >>= 1
        high >>= 1
    return least


@internal
def _first_from(tree: Floats, size: int, leaf: int, score: float) -> int:
    """The first leaf from a place on that scores no more than that; -1 if there is none."""
    place = size + leaf
    while tree[place] > score:
        while place & 1:
            place >>= 1
        if place == 0:
            return -1
        place += 1
    while place < size:
        place *= 2
        if tree[place] > score:
            place += 1
    return place - size


@internal
def best_leaf(tree: Floats, size: int, first: int, count: int, start: int) -> int:
    """Find who scores least among `count` leaves; among equals the first from `start` on, round.

    -1 if nobody is there.
    """
    least = _least_between(tree, size, first, first + count)
    if least == NOBODY:
        return -1
    leaf = _first_from(tree, size, first + start, least)
    if leaf < 0 or leaf >= first + count:
        leaf = _first_from(tree, size, first, least)
    return leaf
