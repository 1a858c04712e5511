"""`brownout compare`: autoscaling policies on the same requests."""

from pathlib import Path
from typing import Literal

import click

from simulator.interfaces.cli import options

SORTS = ("given", "cost", "minutes", "p99", "bad", "events", "policy")


@click.command("compare", short_help="Autoscaling policies on the same requests.")
@options.all_of(
    options.scenario,
    click.argument("policies", nargs=-1, required=True, metavar="POLICY..."),
    click.option(
        "--seeds",
        type=options.Seeds(),
        default="1..10",
        show_default=True,
        help="Which runs each policy gets.",
    ),
    options.jobs,
    click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "svg"]),
        default="table",
        show_default=True,
        help="For people, programs, or as a picture.",
    ),
    click.option(
        "--sort",
        type=click.Choice(SORTS),
        default="given",
        show_default=True,
        help="Order of the rows; the first policy given stays the baseline.",
    ),
    options.twin,
    options.changes,
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        help="Also write comparison.txt, .json and .svg into this folder.",
    ),
)
def command(
    scenario: str,
    policies: tuple[str, ...],
    seeds: tuple[int, ...],
    jobs: int,
    form: str,
    sort: str,
    twin: Literal["healthy", "noisy"] | None,
    changes: tuple[str, ...],
    out: Path | None,
) -> None:
    """Compare autoscaling policies on the same requests, with nobody in the seat.

    A POLICY is a Kubernetes HPA manifest, a file such as {kind: static, target: llm, replicas: 6},
    or a folder of them. It replaces the scenario's autoscalers of what it scales. The first is the
    baseline. Seeds are used as given: seed 7 is `brownout run --seed 7` under that policy.
    """
    from simulator.evaluation.comparison import compared  # noqa: PLC0415  heavy for --help
    from simulator.evaluation.output import rendered, sorted_rows, write  # noqa: PLC0415  the same
    from simulator.evaluation.policies import read_policies  # noqa: PLC0415  the same
    from simulator.interfaces.cli.mistakes import text  # noqa: PLC0415  the same
    from simulator.interfaces.progress import counting  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import warn_of_compiling  # noqa: PLC0415  the same
    from simulator.scenario.reader import load  # noqa: PLC0415  the same

    held = load(scenario, changes)
    found, warnings = read_policies(policies, held)
    if warnings:
        click.echo(text(warnings), err=True)
    warn_of_compiling(Screen())
    with counting(len(found) * len(seeds), "runs") as tell:
        comparison = compared(held, found, seeds, jobs, twin=twin or "fault", on_done=tell)
    rows = sorted_rows(comparison, sort)
    if out is not None:
        write(comparison, rows, out)
        click.echo(f"wrote comparison.txt, .json and .svg to {out}", err=True)
    click.echo(rendered(comparison, rows, form), nl=False)
