"""`brownout report`: the post-mortem of a run."""

from pathlib import Path

import click

from simulator.interfaces.cli import options


@click.command("report", short_help="The post-mortem of a run.")
@options.all_of(
    click.argument("run"),
    click.option(
        "--format",
        "form",
        type=click.Choice(["html", "md", "json"]),
        default="html",
        show_default=True,
        help="md and json are printed, of html the path.",
    ),
    click.option("--again", is_flag=True, help="Write it anew, even if it is there."),
    click.option(
        "--dashboard",
        "grafana",
        type=click.Path(exists=True, dir_okay=False),
        help="Panels of a Grafana dashboard besides; the page is another then.",
    ),
    click.option(
        "--var", "variables", multiple=True, metavar="NAME=VALUE", help="For that dashboard."
    ),
    options.out,
    options.jobs,
)
def command(
    run: str,
    form: str,
    out: Path,
    grafana: str | None,
    variables: tuple[str, ...],
    *,
    again: bool,
    jobs: int,
) -> None:
    """Write or show the post-mortem of RUN (a folder, its name or its number).

    Where the folder holds none yet, the runs to compare with are made first. With --dashboard the
    run is done again from its journal, since samples are not kept on disk.
    """
    from simulator.interfaces.booking import booked  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.ending import judged, write_reports  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.record.folder import find_run, read_record  # noqa: PLC0415  the same
    from simulator.record.journal import read_journal  # noqa: PLC0415  the same

    found, screen = find_run(out, run), Screen()
    path = found.path / f"report.{form}"
    if again or not path.exists():
        record = read_record(found)
        head, _ = read_journal(found.journal)
        booking, differs = booked(found, head)
        for each in differs:
            screen.aside(f"note: {each}")
        graded = judged(record, booking.scenario, screen, trace=head.trace, jobs=jobs)
        if graded is None:
            return
        write_reports(found, graded)
    if grafana is not None:
        from simulator.interfaces.picturing import with_panels  # noqa: PLC0415  the same

        if form != "html":
            raise click.UsageError("--dashboard draws into the page; leave --format out")
        path = with_panels(path, run, out, grafana, variables)
    if form == "html":
        click.echo(path)
        return
    click.echo(path.read_text(encoding="utf-8"), nl=False)
    screen.aside(f"from {path}")
