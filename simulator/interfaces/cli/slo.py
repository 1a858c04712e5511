"""`brownout slo`: the recording rules and burn-rate alerts made from a scenario's objectives."""

import click

from simulator.interfaces.cli import options


@click.command("slo", short_help="The rules made from a scenario's objectives.")
@options.scenario
def command(scenario: str) -> None:
    """Print a Prometheus rule file made from the objectives of a scenario.

    Error ratios over several windows, what is left of the budget, and alerts that fire when it
    burns too fast: the SRE workbook's windows, in proportion to each objective's own. All
    objectives are taken, whether the scenario alerts on them or not.
    """
    from simulator.interfaces.slos import generated  # noqa: PLC0415  heavy for --help

    click.echo(generated(scenario), nl=False)
