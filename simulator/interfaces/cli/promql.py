"""`brownout promql`: test scripts of queries, in Prometheus's own format."""

import click

_EXIT_FAILED = 4
_File = click.Path(exists=True, dir_okay=False)


@click.group("promql", short_help="Run test scripts of queries.")
def command() -> None:
    """Run test scripts of PromQL queries, in Prometheus's promqltest format."""


@command.command("test", short_help="Run test scripts.")
@click.argument("files", nargs=-1, required=True, type=_File, metavar="FILE...")
@click.option("--verbose", "-v", is_flag=True, help="Show every evaluation, not only failures.")
@click.option("--as-served", is_flag=True, help="Drop metric names at once, as a server does.")
@click.pass_context
def test(context: click.Context, files: tuple[str, ...], *, verbose: bool, as_served: bool) -> None:
    """Run test scripts (`load`, `clear`, `eval`), and say what differs, by file and line.

    Metric names are dropped last, as Prometheus's own runner of scripts has it (its feature
    promql-delayed-name-removal). Evaluations of native histograms are skipped. Exit code 4 if any
    evaluation fails, 3 if a file cannot be used.
    """
    from simulator.interfaces.scripts import tested  # noqa: PLC0415  heavy for --help

    has_failed = False
    for lines, is_good in tested(files, is_verbose=verbose, names_go_last=not as_served):
        has_failed |= not is_good
        for line in lines:
            click.echo(line)
    if has_failed:
        context.exit(_EXIT_FAILED)
