"""Many drills, side by side: tasks are texts and numbers, results are records, order is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.drill.drill import Twin
from simulator.drill.processes import OnDone, map_all
from simulator.drill.run import run
from simulator.plant.jit import IS_COMPILED, is_cached
from simulator.record.journal import Line
from simulator.record.model import Record
from simulator.scenario.reader import build
from simulator.scenario.source import Source


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
    return map_all(perform, tasks, jobs, on_done, first_here=must_compile())


def must_compile() -> bool:
    """Say whether the kernel is still to be compiled; then one process does it, not all at once."""
    return IS_COMPILED and not is_cached()
