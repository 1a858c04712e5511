"""`brownout run`: a whole drill with a program in the seat."""

from pathlib import Path

import click

from simulator.interfaces.cli import options

EXIT_NOT_MET = 4


@click.command("run", short_help="Run a drill with a runbook, or nobody, in the seat.")
@options.all_of(
    options.scenario,
    click.option("--runbook", metavar="NAME|FILE", help="Who acts: this runbook."),
    click.option(
        "--responder",
        type=click.Choice(["none", "reference"]),
        help="Who acts instead: nobody (the default), or the scenario's own reference response.",
    ),
    options.seed,
    options.twin,
    click.option(
        "--trace",
        type=click.Path(exists=True, dir_okay=False),
        help="Real requests from a CSV file, in place of the scenario's workload.",
    ),
    options.changes,
    options.out,
    click.option("--check", is_flag=True, help="Exit with 4 when the pass marks are not met."),
    click.option("--grade/--no-grade", default=True, help="Grade it and write the report."),
    options.jobs,
)
@click.pass_context
def command(
    context: click.Context,
    scenario: str,
    runbook: str | None,
    responder: str | None,
    seed: int,
    twin: str | None,
    trace: str | None,
    changes: tuple[str, ...],
    out: Path,
    *,
    check: bool,
    grade: bool,
    jobs: int,
) -> None:
    """Run a drill from beginning to end, grade it and write its post-mortem.

    Prints a line for every simulated minute and everything that happens, then score, report and
    digest. Whatever the score, the exit code is 0, unless --check is given.
    """
    from simulator.interfaces.booking import Booking  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.flying import Wishes, fly, responder_of  # noqa: PLC0415  the same
    from simulator.interfaces.runbooks import load as read_runbook  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import warn_of_compiling  # noqa: PLC0415  the same
    from simulator.record.folder import new_run  # noqa: PLC0415  the same
    from simulator.scenario.reader import load  # noqa: PLC0415  the same

    if runbook is not None and responder is not None:
        raise click.UsageError("--runbook and --responder both say who acts; give one of them")
    if check and not grade:
        raise click.UsageError("--check needs the grade; leave --no-grade out")
    booking = Booking(
        load(scenario, changes),
        seed,
        twin or "fault",
        trace or "",
        f"runbook: {read_runbook(runbook).title}" if runbook else responder or "none",
        runbook or "",
    )
    responder_of(booking)  # what cannot be flown is refused before a folder is made
    screen = Screen()
    warn_of_compiling(screen)
    outcome = fly(booking, new_run(out, booking.scenario.name), screen, Wishes(grade, jobs))
    if check and outcome.is_passed is not True:
        context.exit(EXIT_NOT_MET)
