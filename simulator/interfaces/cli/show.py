"""`brownout show`: what a responder is told, and the system; never the cause."""

import click

from simulator.interfaces.cli.arguments import ScenarioName


@click.command("show", short_help="What a responder is told, and the system.")
@click.argument("name", type=ScenarioName())
@click.option("--facilitator", is_flag=True, help="Reveal the faults and the reference response.")
def command(name: str, facilitator: bool) -> None:  # noqa: FBT001  as click calls it
    """Show a scenario's brief, topology, objectives and pass marks.

    The cause stays hidden, unless you are the facilitator.
    """
    from simulator.interfaces.cli.portrait import public, truth  # noqa: PLC0415  heavy for --help
    from simulator.scenario.reader import load  # noqa: PLC0415  as above

    scenario = load(name)
    click.echo(public(scenario))
    if facilitator:
        click.echo(truth(scenario))
