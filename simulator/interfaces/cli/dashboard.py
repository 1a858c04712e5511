"""`brownout dashboard`: how a run's users or components were doing, drawn in the terminal."""

from pathlib import Path

import click

from simulator.interfaces.cli import options
from simulator.interfaces.cli.replay import Moment


@click.command("dashboard", short_help="A run's panels, drawn in the terminal.")
@options.all_of(
    click.argument("run"),
    click.argument("name", default="users", metavar="[COMPONENT|users]"),
    click.option("--at", type=Moment(), help="As it stood then, such as 00:10; else at the end."),
    click.option("--since", default="15m", show_default=True, help="How far back from there."),
    click.option(
        "--file",
        "grafana",
        type=click.Path(exists=True, dir_okay=False),
        help="Panels of a Grafana dashboard.",
    ),
    click.option(
        "--var", "variables", multiple=True, metavar="NAME=VALUE", help="For that dashboard."
    ),
    click.option("--width", type=click.IntRange(40, 400), help="In characters."),
    options.out,
)
def command(
    run: str,
    name: str,
    at: int | None,
    since: str,
    grafana: str | None,
    variables: tuple[str, ...],
    width: int | None,
    out: Path,
) -> None:
    """Draw how users, or a component, of RUN (a folder, its name or its number) were doing.

    The run is done again from its journal, since samples are not kept on disk. With --file, the
    panels of a Grafana dashboard are drawn instead; what cannot be drawn is listed.
    """
    from simulator.interfaces.picturing import Picture, picture  # noqa: PLC0415  heavy for --help

    wanted = Picture(name, at, since, grafana or "", variables, width)
    for line in picture(run, out, wanted):
        click.echo(line)
