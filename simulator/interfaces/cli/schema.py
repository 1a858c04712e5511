"""`brownout schema`: JSON Schema for an editor."""

import json

import click


@click.command("schema", short_help="JSON Schema for your editor.")
@click.argument(
    "what",
    type=click.Choice(["scenario", "runbook", "policy"]),
    default="scenario",
    metavar="[scenario|runbook|policy]",
)
def command(what: str) -> None:
    """Print the JSON Schema of a kind of file.

    With `brownout schema > scenarios/scenario.schema.json` an editor completes and checks scenarios
    that begin with `# yaml-language-server: $schema=scenario.schema.json`.
    """
    from simulator.scenario.schema import schema  # noqa: PLC0415  heavy for --help

    click.echo(json.dumps(schema(what), indent=2, ensure_ascii=False))
