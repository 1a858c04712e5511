"""`brownout list`: which scenarios there are, by their symptoms."""

import json

import click

from simulator.scenario.library import heads


@click.command("list", short_help="Scenarios you can play.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
@click.option("--tag", help="Only scenarios with this tag.")
def command(form: str, tag: str | None) -> None:
    """List the scenarios you can play.

    They come from ./scenarios, $BROWNOUT_PATH and the package. Titles say a symptom at most.
    """
    found = [head for head in heads() if tag is None or tag in head.tags]
    if form == "json":
        scenarios = [{"name": h.name, "title": h.title, "tags": list(h.tags)} for h in found]
        document = {"schema_version": 1, "scenarios": scenarios}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    width = max((len(head.name) for head in found), default=0)
    for head in found:
        tags = f"  [{', '.join(head.tags)}]" if head.tags else ""
        click.echo(f"{head.name:<{width}}  {head.title}{tags}")
    if not found:
        hint = f"no scenario has the tag {tag!r}" if tag else "no scenarios here; try brownout new"
        click.echo(hint, err=True)
