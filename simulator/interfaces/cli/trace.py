"""`brownout trace`: one traced request of a run, drawn as a waterfall."""

from pathlib import Path

import click

from simulator.interfaces.cli import options


@click.command("trace", short_help="One of them, drawn as a waterfall.")
@options.all_of(
    click.argument("run"),
    click.argument("trace_id", metavar="ID"),
    options.out,
)
def command(run: str, trace_id: str, out: Path) -> None:
    """Draw trace ID, or the one whose id ends so, of RUN (a folder, its name or its number)."""
    from simulator.drill.evidence import evidence  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.moment import as_it_stood  # noqa: PLC0415  the same
    from simulator.response.evidence import Trace  # noqa: PLC0415  the same

    wanted = Trace.build({"id": trace_id})
    for line in evidence(as_it_stood(run, out, None), wanted):
        click.echo(line)
