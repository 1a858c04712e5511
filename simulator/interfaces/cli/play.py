"""`brownout play`: a drill at the prompt."""

from pathlib import Path

import click

from simulator.interfaces.cli import options


@click.command("play", short_help="A drill with you in the seat.")
@options.all_of(
    options.scenario,
    options.seed,
    options.twin,
    click.option("--blind", is_flag=True, help="Fault or twin, drawn by the seed; not told."),
    options.changes,
    options.out,
    click.option("--echo", is_flag=True, help="On a pipe, print every line read, with the clock."),
    options.jobs,
)
def command(
    scenario: str,
    seed: int,
    twin: str | None,
    changes: tuple[str, ...],
    out: Path,
    *,
    blind: bool,
    echo: bool,
    jobs: int,
) -> None:
    """Play a drill: you are on call, and time passes when you let it.

    Type help for what you can do. Everything is saved as you go: Ctrl-D leaves, and `brownout
    resume` goes on. Lines may also come from a pipe.
    """
    from simulator.interfaces.booking import Booking  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.prompt.drill import greet, talk  # noqa: PLC0415  the same
    from simulator.interfaces.prompt.seat import sit_down  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import warn_of_compiling  # noqa: PLC0415  the same
    from simulator.record.folder import new_run  # noqa: PLC0415  the same
    from simulator.scenario.reader import load  # noqa: PLC0415  the same

    if blind and twin is not None:
        raise click.UsageError("--blind draws the twin itself; leave --twin out")
    booking = Booking(load(scenario, changes), seed, "blind" if blind else twin or "fault")
    screen = Screen(echoes=echo)
    warn_of_compiling(screen)
    seat = sit_down(booking, new_run(out, booking.scenario.name))
    greet(seat, screen)
    talk(seat, screen, jobs=jobs)
