"""Who is done first: the jobs of a replica in a pairing heap, linked through their rows.

Jobs stand in order of the clock at which they end, then of their frame's serial, so what is first
never depends on the heap's shape (Fredman, Sedgewick, Sleator and Tarjan, "The Pairing Heap",
1986). A change costs O(log n) on average over many.
"""

from simulator.plant import layout as at
from simulator.plant.cpu import BACK, CHILD, FIRST, SIBLING
from simulator.plant.jit import internal
from simulator.plant.layout import State


@internal
def _meld(s: State, a: int, b: int) -> int:
    """Hang the later of two roots below the other; say which that is."""
    jobs, ends = s.cpu_jobs, s.cpu_ends
    if ends[b] < ends[a] or (ends[b] == ends[a] and s.slots[b, at.SERIAL] < s.slots[a, at.SERIAL]):
        a, b = b, a
    child = jobs[a, CHILD]
    jobs[b, SIBLING] = child
    jobs[b, BACK] = a
    if child >= 0:
        jobs[child, BACK] = b
    jobs[a, CHILD] = b
    return a


@internal
def _gather(s: State, first: int) -> int:
    """Make one heap of a row of siblings, by pairs from the left, then from the right."""
    jobs = s.cpu_jobs
    pairs = -1
    while first >= 0:
        a = first
        b = jobs[a, SIBLING]
        first = jobs[b, SIBLING] if b >= 0 else -1
        root = _meld(s, a, b) if b >= 0 else a
        jobs[root, SIBLING] = pairs
        pairs = root
    root = -1
    while pairs >= 0:
        following = jobs[pairs, SIBLING]
        root = _meld(s, root, pairs) if root >= 0 else pairs
        pairs = following
    if root >= 0:
        jobs[root, BACK] = -1
        jobs[root, SIBLING] = -1
    return root


@internal
def add_job(s: State, r: int, slot: int) -> None:
    """Put a job among those of a replica."""
    s.cpu_jobs[slot, CHILD] = -1
    s.cpu_jobs[slot, SIBLING] = -1
    s.cpu_jobs[slot, BACK] = -1
    first = s.cpu_ints[r, FIRST]
    s.cpu_ints[r, FIRST] = _meld(s, first, slot) if first >= 0 else slot


@internal
def take_job(s: State, r: int, slot: int) -> None:
    """Take a job out, wherever it stands."""
    jobs = s.cpu_jobs
    first = s.cpu_ints[r, FIRST]
    below = _gather(s, jobs[slot, CHILD])
    if slot != first:
        before, after = jobs[slot, BACK], jobs[slot, SIBLING]
        if jobs[before, CHILD] == slot:
            jobs[before, CHILD] = after
        else:
            jobs[before, SIBLING] = after
        if after >= 0:
            jobs[after, BACK] = before
        below = _meld(s, first, below) if below >= 0 else first
    s.cpu_ints[r, FIRST] = below
