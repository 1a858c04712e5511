"""`brownout export`: a run for Prometheus, Grafana and other real tools."""

from pathlib import Path

import click

from simulator.interfaces.cli import options


@click.command("export", short_help="A run for Prometheus, Grafana and jq.")
@options.all_of(
    click.argument("run"),
    click.option("--openmetrics", is_flag=True, help="Every sample, for promtool to backfill."),
    click.option("--logs", is_flag=True, help="Logs and changes as JSON lines."),
    click.option("--otlp", is_flag=True, help="Traces and logs as OTLP/JSON lines."),
    click.option(
        "--compose", is_flag=True, help="A compose file with Prometheus, Jaeger and Grafana."
    ),
    click.option(
        "--to", type=click.Path(file_okay=False, path_type=Path), help="Folder; else RUN/export."
    ),
    options.out,
)
def command(
    run: str,
    to: Path | None,
    out: Path,
    *,
    openmetrics: bool,
    logs: bool,
    otlp: bool,
    compose: bool,
) -> None:
    """Write what the instruments of RUN (a folder, its name or its number) saw; all forms if none.

    The run is done again from its journal, since samples are not kept on disk.
    """
    from simulator.errors import UsageError  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.booking import booked  # noqa: PLC0415  the same
    from simulator.interfaces.exporting import Wanted, export, say_how  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import warn_of_compiling  # noqa: PLC0415  the same
    from simulator.record.folder import find_run  # noqa: PLC0415  the same
    from simulator.record.journal import read_journal  # noqa: PLC0415  the same

    found, screen = find_run(out, run), Screen()
    if not found.has_ended:
        raise UsageError(f"{found.path} has not ended; `brownout resume {found.path}` goes on")
    head, lines = read_journal(found.journal)
    booking, differs = booked(found, head)
    for each in differs:
        screen.aside(f"note: {each}")
    warn_of_compiling(screen)
    everything = not (openmetrics or logs or otlp or compose)
    wanted = Wanted(*(each or everything for each in (openmetrics, logs, otlp, compose)))
    folder = to or found.path / "export"
    say_how(folder, export(booking, lines, folder, wanted), screen)
