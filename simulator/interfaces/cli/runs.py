"""`brownout runs`: what has been run, and away with what is old."""

import json
from pathlib import Path

import click

from simulator.interfaces.cli import options


@click.command("runs", short_help="Runs so far: list them, prune them.")
@options.all_of(
    click.argument("what", type=click.Choice(["list", "prune"]), default="list"),
    click.option("--keep", type=click.IntRange(0), help="How many of the newest to keep (prune)."),
    options.out,
    click.option("--format", "form", type=click.Choice(["text", "json"]), default="text"),
)
def command(what: str, keep: int | None, out: Path, form: str) -> None:
    """List the runs in ./runs, or delete all but the newest with `runs prune --keep N`."""
    from simulator.interfaces.shelf import entry, line  # noqa: PLC0415  heavy for --help
    from simulator.record.folder import prune, runs  # noqa: PLC0415  the same

    if what == "prune":
        if keep is None:
            raise click.UsageError(
                "say how many of the newest to keep: brownout runs prune --keep 10"
            )
        gone = prune(out, keep=keep)
        for name in gone:
            click.echo(name)
        click.echo(f"{len(gone)} deleted", err=True)
        return
    found = [entry(run) for run in runs(out)]
    if form == "json":
        document = {"schema_version": 1, "runs": found}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for each in found:
        click.echo(line(each))
    if not found:
        click.echo(f"no runs in {out}; try brownout play", err=True)
