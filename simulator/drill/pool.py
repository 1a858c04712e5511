"""Many drills, side by side: tasks are texts and numbers, results are records, order is kept.

Processes are spawned, never forked. A killed worker breaks its pool for good, so the runner makes
another and does again what had not finished.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from simulator.drill.drill import Twin
from simulator.drill.run import run
from simulator.record.journal import Line
from simulator.record.model import Record
from simulator.scenario.reader import build
from simulator.scenario.source import Source

POOLS_MAX = 5
"""How many broken pools are replaced before the break is taken for the tasks' own doing."""

OnDone = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One drill to run, as plain data."""

    source: Source
    seed: int
    twin: Twin = "fault"
    responder: str = "none"
    lines: tuple[Line, ...] | None = None
    trace: str = ""


def perform(task: Task) -> Record:
    """Run one task."""
    scenario = build(task.source)
    return run(
        scenario,
        seed=task.seed,
        twin=task.twin,
        responder=task.responder,
        lines=task.lines,
        trace=task.trace,
    )


def run_all(tasks: Sequence[Task], jobs: int = 1, on_done: OnDone | None = None) -> list[Record]:
    """Run every task; results come in the order of tasks, whoever finished first.

    Raises what a task raised, and BrokenProcessPool when workers keep dying.
    """
    tell = on_done or (lambda _place: None)
    if jobs <= 1 or len(tasks) <= 1:
        records = []
        for place, task in enumerate(tasks):
            records.append(perform(task))
            tell(place)
        return records
    done: dict[int, Record] = {}
    for attempt in range(1, POOLS_MAX + 1):
        try:
            _once(tasks, jobs, done, tell)
        except BrokenProcessPool:
            if attempt == POOLS_MAX:
                raise
            continue
        break
    return [done[place] for place in range(len(tasks))]


def _once(tasks: Sequence[Task], jobs: int, done: dict[int, Record], tell: OnDone) -> None:
    """Run what is not done yet in one pool, keeping what finishes."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[Record], int] = {
            pool.submit(perform, task): place
            for place, task in enumerate(tasks)
            if place not in done
        }
        try:
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                tell(waiting[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
