"""`brownout resume`: go on with a drill that was left or killed."""

from pathlib import Path

import click

from simulator.errors import UsageError
from simulator.interfaces.cli import options


@click.command("resume", short_help="Go on with a drill that was left or killed.")
@options.all_of(
    click.argument("run"),
    options.out,
    click.option("--echo", is_flag=True, help="On a pipe, print every line read, with the clock."),
    options.jobs,
)
def command(run: str, out: Path, *, echo: bool, jobs: int) -> None:
    """Go on with RUN (a folder, its name or its number) from its journal.

    A person's drill goes on where it was left. A program's starts over in the same folder, since
    what a program does follows from scenario and seed; its journal is compared with the old one.
    """
    from simulator.interfaces.booking import booked  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.prompt.drill import talk, welcome_back  # noqa: PLC0415  the same
    from simulator.interfaces.prompt.seat import sit_down_again  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import warn_of_compiling  # noqa: PLC0415  the same
    from simulator.record.folder import find_run  # noqa: PLC0415  the same
    from simulator.record.journal import read_journal  # noqa: PLC0415  the same

    found = find_run(out, run)
    if found.has_ended:
        raise UsageError(f"this drill has ended; see it with: brownout replay {found.path}")
    head, lines = read_journal(found.journal)
    booking, differs = booked(found, head)
    if differs:
        raise UsageError(f"this drill cannot go on: {'; '.join(differs)}")
    screen = Screen(echoes=echo)
    warn_of_compiling(screen)
    if head.responder != "person":
        from simulator.interfaces.flying import Wishes, fly_again  # noqa: PLC0415  as above

        fly_again(booking, found, lines, screen, Wishes(jobs=jobs))
        return
    seat = sit_down_again(booking, found, lines, is_practice=head.is_practice)
    welcome_back(seat, screen)
    talk(seat, screen, jobs=jobs)
