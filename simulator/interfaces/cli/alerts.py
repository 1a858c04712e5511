"""`brownout alerts`: how good alert rules are."""

from pathlib import Path

import click

from simulator.interfaces.cli import options
from simulator.interfaces.cli.arguments import ScenarioName


@click.group("alerts", short_help="How good alert rules are.")
def command() -> None:
    """Judge alert rules on drills."""


@command.command("evaluate", short_help="What rules catch, how soon, and false alarms.")
@options.all_of(
    click.argument(
        "scenarios", nargs=-1, required=True, type=ScenarioName(), metavar="NAME|FILE..."
    ),
    click.option(
        "--rules",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Rule files instead of the scenarios' own; may be repeated.",
    ),
    click.option("--seeds", type=options.Seeds(), default="1..3", show_default=True),
    options.jobs,
    click.option(
        "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
    ),
    click.option(
        "--plot",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Draw every firing against the strike, as SVG.",
    ),
)
def evaluate(
    scenarios: tuple[str, ...],
    rules: tuple[Path, ...],
    seeds: tuple[int, ...],
    jobs: int,
    form: str,
    plot: Path | None,
) -> None:
    """Run scenarios with and without their fault, nobody in the seat, and judge the alert rules.

    Per rule: precision (firings that began after a fault struck), recall (faults it fired for),
    delay from strike to firing, flapping; and why a rule never fired. Over all: pages per
    incident, what was lost before the first page, and pages on healthy days.
    """
    from simulator.interfaces.alerts import evaluated  # noqa: PLC0415  heavy for --help

    for line in evaluated(scenarios, rules, seeds, jobs, form, plot):
        click.echo(line)
