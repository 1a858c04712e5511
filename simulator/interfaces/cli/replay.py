"""`brownout replay`: a run once more, as it was."""

from pathlib import Path

import click

from simulator.errors import InvariantViolated
from simulator.interfaces.cli import options


class Moment(click.ParamType[int]):
    """A time on the responder's clock: 00:30, 00:30:15 or 25m."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        from simulator.units import instant  # noqa: PLC0415  as below

        try:
            return instant(str(value))
        except ValueError as error:
            self.fail(f"{error}, or hours and minutes, such as 00:30", param, ctx)


@click.command("replay", short_help="A run once more, as it was.")
@options.all_of(
    click.argument("run"),
    click.option("--until", type=Moment(), help="Stop there and show the status, such as 00:30."),
    options.out,
)
def command(run: str, until: int | None, out: Path) -> None:
    """Do RUN (a folder, its name or its number) again from its journal, and tell the story.

    A run that had ended must give the same record again, to the byte: its digest is compared.
    """
    from simulator.interfaces.booking import booked  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.replaying import differs_from, replay  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import warn_of_compiling  # noqa: PLC0415  the same
    from simulator.record.folder import find_run, read_record  # noqa: PLC0415  the same
    from simulator.record.journal import read_journal  # noqa: PLC0415  the same

    found, screen = find_run(out, run), Screen()
    head, lines = read_journal(found.journal)
    booking, differs = booked(found, head)
    for each in differs:
        screen.aside(f"note: {each}")
    warn_of_compiling(screen)
    old = read_record(found).digest if found.has_ended else ""
    new = replay(booking, head, lines, screen, until=until, has_ended=bool(old))
    if not new:
        return
    verdict = differs_from(old, new)
    screen.say(verdict)
    screen.say(f"digest {new}")
    if verdict.startswith("different") and not differs:
        raise InvariantViolated(f"{found.path} gave {new} instead of {old}")
