"""A lived drill judged: the counterfactual runs it needs, run, and its grade."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.debrief.counterfactuals import Variant, plan, plan_pairs
from simulator.debrief.grading.grade import grade
from simulator.debrief.grading.model import Grade, Variants
from simulator.drill.pool import Task, run_all
from simulator.record.journal import Line
from simulator.record.model import Record
from simulator.scenario.source import Source

OnProgress = Callable[[int, int], None]
"""Told how many of how many counterfactual runs are done."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A record with the runs it is compared with and what came of that."""

    record: Record
    variants: Variants
    grade: Grade


def judge(
    lived: Record,
    source: Source,
    *,
    trace: str = "",
    jobs: int = 1,
    on_progress: OnProgress | None = None,
) -> Judged:
    """Run what a grade needs beside the lived drill, on the same seed and twin, and grade it."""
    wanted = plan(lived)
    found = _run(wanted, lived, source, trace, jobs, on_progress)
    by_acts = zip(wanted[2:], found[2:], strict=True)
    variants = Variants(
        do_nothing=found[0],
        reference=found[1],
        without={variant.left_out[0]: record for variant, record in by_acts},
    )
    pairs = plan_pairs(lived, variants)
    if pairs:
        more = _run(pairs, lived, source, trace, jobs, on_progress)
        of_two = {
            (variant.left_out[0], variant.left_out[1]): record
            for variant, record in zip(pairs, more, strict=True)
        }
        variants = Variants(variants.do_nothing, variants.reference, variants.without, of_two)
    return Judged(lived, variants, grade(lived, variants))


def _run(
    wanted: Sequence[Variant],
    lived: Record,
    source: Source,
    trace: str,
    jobs: int,
    on_progress: OnProgress | None,
) -> list[Record]:
    done = 0

    def tell(_place: int) -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, len(wanted))

    tasks = [
        Task(
            source,
            lived.header.seed,
            lived.header.twin,
            responder="none" if variant.responder == "journal" else variant.responder,
            lines=_lines(variant) if variant.responder == "journal" else None,
            trace=trace,
        )
        for variant in wanted
    ]
    return run_all(tasks, jobs, tell)


def _lines(variant: Variant) -> tuple[Line, ...]:
    return tuple(Line(int(str(line["at"])), str(line["text"])) for line in variant.journal)
