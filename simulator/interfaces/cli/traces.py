"""`brownout traces`: requests of a run that were traced."""

from pathlib import Path

import click

from simulator.interfaces.cli import options
from simulator.interfaces.cli.replay import Moment


@click.command("traces", short_help="Requests of a run that were traced.")
@options.all_of(
    click.argument("run"),
    click.argument("component", default=""),
    click.option("--slow", is_flag=True, help="Those that lasted long."),
    click.option("--errors", is_flag=True, help="Those with a failed span."),
    click.option("--since", default="", help="How far back, such as 5m; else all."),
    click.option("--at", type=Moment(), help="As it stood then, such as 00:10; else at the end."),
    click.option("--json", "as_json", is_flag=True, help="As JSON, a line a trace."),
    options.out,
)
def command(
    run: str,
    component: str,
    since: str,
    at: int | None,
    out: Path,
    *,
    slow: bool,
    errors: bool,
    as_json: bool,
) -> None:
    """List the traces of RUN (a folder, its name or its number) that the collector kept.

    Only those that reached COMPONENT (or a pod), if one is given. The run is done again from its
    journal, since spans are not kept on disk.
    """
    from simulator.drill.evidence import evidence  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.moment import as_it_stood  # noqa: PLC0415  the same
    from simulator.response.evidence import Traces  # noqa: PLC0415  the same

    # What cannot be meant is said before any work is done.
    words: dict[str, object] = {"slow": slow, "errors": errors, "json": as_json}
    words |= {"component": component} if component else {}
    wanted = Traces.build(words | {"since": since or "10000h"})
    for line in evidence(as_it_stood(run, out, at), wanted):
        click.echo(line)
