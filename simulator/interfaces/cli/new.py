"""`brownout new`: a small scenario of your own to start from."""

import re

import click

from simulator.errors import UsageError
from simulator.interfaces.cli.arguments import new_path

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


@click.command("new", short_help="Start a scenario of your own.")
@click.argument("name")
def command(name: str) -> None:
    """Write a small, valid, commented scenario to ./scenarios/NAME.drill.yaml.

    Give it a name that does not tell the cause, such as slow-tuesday.
    """
    from simulator.scenario.template import text  # noqa: PLC0415  heavy for --help

    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a scenario; write small letters, digits and -")
    path = new_path(name)
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text(name))
    except FileExistsError:
        raise UsageError(f"{path} is there already; choose another name") from None
    click.echo(path)
    click.echo(f"next: brownout validate {path}", err=True)
    click.echo(
        f"      brownout schema > {path.parent}/scenario.schema.json   (editor completion)",
        err=True,
    )
