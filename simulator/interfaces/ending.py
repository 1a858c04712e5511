"""What happens when a drill is over: record, grade, report, and the last words on the screen."""

from pathlib import Path

from simulator.debrief.grading.model import Grade, Line, Times
from simulator.debrief.judged import Judged, judge
from simulator.debrief.postmortem import FORMATS, render
from simulator.drill.run import Flight
from simulator.interfaces.booking import Booking, write_source
from simulator.interfaces.screen import Screen
from simulator.record.folder import Run, write_record
from simulator.record.model import Record
from simulator.scenario.model import Scenario
from simulator.units import SECOND, format_clock, format_duration

WORTH_SAYING = 0.05
"""Lost points below this are not worth a line."""

PARTS = ("mitigation", "diagnosis", "safety", "process")


def close(flight: Flight, run: Run, command: str) -> Record:
    """Let the system run out, and put the record into the folder."""
    flight.session.idle_to_end()
    record = flight.land(command)
    write_source(run, flight.drill.scenario.source)
    write_record(run, record)
    return record


def judged(
    record: Record, scenario: Scenario, screen: Screen, *, trace: str = "", jobs: int = 1
) -> Judged | None:
    """Grade a record, showing how far it is; None, with the reason beside, where none can be."""
    if scenario.runbook is None:
        screen.aside("not graded: the scenario names no reference response to compare with")
        return None

    def progress(done: int, total: int) -> None:
        screen.progress(f"grading: {done} of {total} runs to compare with")

    progress(0, 2)
    found = judge(record, scenario.source, trace=trace, jobs=jobs, on_progress=progress)
    screen.progress("")
    return found


def write_reports(run: Run, found: Judged) -> Path:
    """Write the post-mortem in every format; return the page."""
    for form in FORMATS:
        write_report(run, found, form)
    return run.path / "report.html"


def write_report(run: Run, found: Judged, form: str) -> Path:
    """Write the post-mortem in one format."""
    path = run.path / f"report.{form}"
    assert form in {"html", "md", "json"}  # noqa: S101  callers choose from FORMATS
    text = render(found.record, found.grade, found.variants, form)  # type: ignore[arg-type]  # as asserted
    partial = path.with_suffix(".part")
    partial.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    partial.replace(path)
    return path


def say_score(found: Judged, screen: Screen) -> None:
    """Print score, the lines that cost points, and the times."""
    grade, header = found.grade, found.record.header
    if grade.score is None:
        screen.say(f"No score: {grade.why_no_score}", "bold")
    else:
        parts = " · ".join(f"{part} {_sum(grade, part)}" for part in PARTS)
        screen.say(f"Score {grade.score:.0f} / 100   {parts}", "bold")
    for line in lost(grade):
        screen.say(f"  {line.points - line.points_max:+.0f}   {line.text} [{line.rule}]")
    screen.say(f"  {_times(found)}")
    if header.is_practice:
        screen.say("  practice: undo was used, so the score does not count")
    if grade.is_passed is not None:
        screen.say(f"  pass marks: {'met' if grade.is_passed else 'not met'}")


def lost(grade: Grade) -> list[Line]:
    """Lines that cost points, dearest first."""
    dear = [line for line in grade.lines if line.points_max - line.points > WORTH_SAYING]
    return sorted(dear, key=lambda line: line.points - line.points_max)


def say_truth(record: Record, screen: Screen) -> None:
    """Reveal what it was, now that it is over."""
    if not record.header.causes:
        screen.say(f"It was the {record.header.twin} twin: nothing had to be mended.")
    for cause in record.header.causes:
        screen.say(
            f"It was {cause.kind.replace('_', ' ')} on {cause.target} "
            f"from {format_clock(cause.at)}: {cause.component}, {cause.mechanism}"
            + (f", set off by {cause.trigger}" if cause.trigger else "")
        )


def say_next(run: Run, report: Path | None, screen: Screen, again: str) -> None:
    """Print where the report is, and two commands to go on with."""
    screen.say()
    if report is not None:
        screen.say(f"report      {report}")
    screen.say(f"again       {again}")
    screen.say(f"as it was   brownout replay {run.path}")


def again(booking: Booking, verb: str, options: str = "") -> str:
    """Say the command that does this drill once more, with the next seed."""
    with_next = Booking(booking.scenario, booking.seed + 1, booking.twin, booking.trace)
    return " ".join(f"brownout {verb} {booking.name} {options} {with_next.words()}".split())


def _sum(grade: Grade, category: str) -> str:
    lines = [line for line in grade.lines if line.category == category]
    return f"{sum(x.points for x in lines):.0f}/{sum(x.points_max for x in lines):.0f}"


def _times(found: Judged) -> str:
    grade = found.grade
    spent = f"error budget spent {grade.harm.budget_spent:.1%}"
    if not found.record.header.causes:
        return spent
    named: list[tuple[str, int | None]] = _stages(grade.times)
    said = [f"{stage} {'never' if at is None else _span(at)}" for stage, at in named]
    return f"time to {' · '.join(said)} (from the fault's start) · {spent}"


def _stages(times: Times) -> list[tuple[str, int | None]]:
    return [
        ("detect", times.detect),
        ("acknowledge", times.acknowledge),
        ("mitigate", times.mitigate),
    ]


def _span(ns: int) -> str:
    return format_duration(ns // SECOND * SECOND)
