"""`brownout workload`: what a trace's or a scenario's arrivals are like."""

import click

from simulator.interfaces.cli import options


@click.group("workload", short_help="What a trace's or a scenario's arrivals are like.")
def command() -> None:
    """Say what arrivals are like."""


@command.command("describe", short_help="Rate, burstiness, lengths.")
@click.argument("source", metavar="FILE|SCENARIO")
@options.seed
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
def describe(source: str, seed: int, form: str) -> None:
    """Describe a trace file, or the arrivals of every class of a scenario.

    Traces are told apart by their first line: Azure, BurstGPT, Mooncake, or time,class.
    """
    from simulator.interfaces.describing import as_json, described, text  # noqa: PLC0415  heavy

    found = described(source, seed)
    click.echo(as_json(found) if form == "json" else text(found))
