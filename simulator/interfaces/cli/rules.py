"""`brownout rules`: Prometheus rule files checked, and their unit tests run."""

import click

_EXIT_FAILED = 4
_File = click.Path(exists=True, dir_okay=False)


@click.group("rules", short_help="Check Prometheus rule files, run their unit tests.")
def command() -> None:
    """Check Prometheus rule files and run unit tests of them, in promtool's formats."""


@command.command("check", short_help="Find every mistake in rule files.")
@click.argument("files", nargs=-1, required=True, type=_File, metavar="FILE...")
def check(files: tuple[str, ...]) -> None:
    """Find every mistake in rule files and PrometheusRule manifests, each with its place.

    Every rule is planned, and evaluated once on an empty store. Exit code 3 if there is any
    mistake.
    """
    from simulator.interfaces.rules import checked  # noqa: PLC0415  heavy for --help

    for line in checked(files):
        click.echo(line)


@command.command("test", short_help="Run unit tests of rules.")
@click.argument("files", nargs=-1, required=True, type=_File, metavar="FILE...")
@click.pass_context
def test(context: click.Context, files: tuple[str, ...]) -> None:
    """Run unit-test files in promtool's format, and say what differs.

    Exit code 4 if any test fails, 3 if a file cannot be used.
    """
    from simulator.interfaces.rules import tested  # noqa: PLC0415  the same

    has_failed = False
    for file, warnings, failures in tested(files):
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
        click.echo(f"{file}: {f'{len(failures)} failed' if failures else 'SUCCESS'}")
        for failure in failures:
            click.echo(f"{failure}")
        has_failed |= bool(failures)
    if has_failed:
        context.exit(_EXIT_FAILED)
