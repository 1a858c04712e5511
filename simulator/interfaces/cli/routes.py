"""`brownout routes`: an Alertmanager configuration's tree, and who hears of an alert."""

import click

from simulator.interfaces.cli.arguments import InputFile


@click.command("routes", short_help="Who an Alertmanager configuration tells.")
@click.argument("config", type=InputFile(), metavar="CONFIG")
@click.argument("labels", nargs=-1, metavar="[LABEL=VALUE]...")
def command(config: str, labels: tuple[str, ...]) -> None:
    """Draw the routing tree of CONFIG, or say who hears of an alert with these labels.

    As `amtool config routes` does; mistakes in the file are listed with their places.
    """
    from simulator.interfaces.routes import told, tree  # noqa: PLC0415  heavy for --help

    for line in told(config, labels) if labels else tree(config):
        click.echo(line)
