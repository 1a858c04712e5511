"""A comparison as a table for a terminal, with words beside every mark."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from simulator.evaluation.model import Comparison, Row
from simulator.evaluation.words import change, figure, plural

FRONT = "● front"


def table(comparison: Comparison, rows: Sequence[Row] | None = None) -> Group:
    """Lay a comparison out, its rows in the order given."""
    shown = comparison.rows if rows is None else rows
    parts: list[Text | Table] = [Text(line) for line in heading(comparison)]
    parts += [_grid(comparison, shown), Text(""), *(Text(line) for line in remarks(comparison))]
    return Group(*parts)


def as_text(comparison: Comparison, rows: Sequence[Row] | None = None) -> str:
    """Render the table as plain text, as wide as it needs to be."""
    console = Console(width=1000, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(table(comparison, rows))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def heading(comparison: Comparison) -> tuple[str, str]:
    """Say what was run, in two lines."""
    minutes = comparison.graded_hours * 60
    twin = "" if comparison.twin == "fault" else f" · {comparison.twin} twin"
    return (
        (
            f"{comparison.scenario}{twin} · {plural(len(comparison.seeds), 'seed')} "
            f"({seeds_in_words(comparison.seeds)}) · {minutes:.3g} min graded in each run"
        ),
        "every policy gets the same requests; ± is the 95 % interval of the mean",
    )


def remarks(comparison: Comparison) -> tuple[str, ...]:
    """Say what the marks mean and what the figures cannot."""
    found = [f"{FRONT}: nothing here is clearly both cheaper and better (intervals apart on both)"]
    found += [
        f"{row.name} loses to {row.beaten_by} on both."
        for row in comparison.rows
        if row.beaten_by is not None
    ]
    found += [f"{row.name}: {text}." for row in comparison.rows for text in row.patterns]
    found += [f"note: {note}." for note in comparison.notes]
    found.append(
        f"{comparison.currency}/h counts nodes while they hold pods; p99 first token is of "
        "requests that got one; figures are means over seeds."
    )
    return tuple(found)


def seeds_in_words(seeds: Sequence[int]) -> str:
    """Say `1..10` where seeds follow each other, else list them."""
    if len(seeds) > 1 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]}..{seeds[-1]}"
    return ",".join(str(seed) for seed in seeds)


def _grid(comparison: Comparison, rows: Sequence[Row]) -> Table:
    money = f"{comparison.currency}/h"
    grid = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    grid.add_column("policy", no_wrap=True)
    for name in (money, "min over objective/h", "p99 first token", "bad requests", "scale events"):
        grid.add_column(name, justify="right")
    grid.add_column(f"vs {comparison.baseline}: {money}", justify="right")
    grid.add_column("and min/h", justify="right")
    grid.add_column("front")
    for row in rows:
        p99 = "none" if row.ttft_p99_s is None else f"{row.ttft_p99_s.mean:.2f} s"
        grid.add_row(
            Text(row.name),
            figure(row.cost_per_hour, 2),
            figure(row.minutes_over_per_hour, 1),
            p99,
            f"{row.bad.mean:,.0f}",
            f"{row.scale_events.mean:.3g}",
            change(row.versus_cost, 2),
            change(row.versus_minutes, 1),
            Text(FRONT if row.is_on_front else f"loses to {row.beaten_by}"),
        )
    return grid
