"""`brownout validate`: every mistake in files, with its place."""

import click

from simulator.interfaces.cli.arguments import InputFile

_EXIT_INVALID = 3


@click.command("validate", short_help="Find every mistake in files.")
@click.argument("files", nargs=-1, required=True, type=InputFile(), metavar="FILE...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="For people, programs, or GitHub's annotations.",
)
@click.pass_context
def command(context: click.Context, files: tuple[str, ...], form: str) -> None:
    """Find every mistake in scenarios, runbooks, rule files and autoscaling policies.

    Files that a scenario names are read too. Exit code 3 if there is any error.
    """
    from simulator.interfaces.cli import mistakes  # noqa: PLC0415  heavy for --help
    from simulator.scenario.anyfile import check  # noqa: PLC0415  as above

    found = {file: check(file) for file in files}
    listed = [mistake for each in found.values() for mistake in each]
    listed = sorted(dict.fromkeys(listed))
    if form == "json":
        click.echo(mistakes.as_json(listed))
    elif form == "github":
        click.echo(mistakes.github(listed), nl=bool(listed))
    else:
        valid = [file for file, each in found.items() if all(m.is_warning for m in each)]
        if listed:
            click.echo(mistakes.text(listed))
        for file in valid:
            click.echo(f"{file}: valid")
    if any(not mistake.is_warning for mistake in listed):
        context.exit(_EXIT_INVALID)
