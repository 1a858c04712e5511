"""A comparison in the form asked for, its rows in the order asked for."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from simulator.evaluation.as_json import as_json
from simulator.evaluation.model import Comparison, Row
from simulator.evaluation.picture import picture
from simulator.evaluation.table import as_text, table

_NO_TOKEN = float("inf")

_KEYS: dict[str, Callable[[Row], float | str]] = {
    "cost": lambda row: row.cost_per_hour.mean,
    "minutes": lambda row: row.minutes_over_per_hour.mean,
    "p99": lambda row: _NO_TOKEN if row.ttft_p99_s is None else row.ttft_p99_s.mean,
    "bad": lambda row: row.bad.mean,
    "events": lambda row: row.scale_events.mean,
    "policy": lambda row: row.name,
}


def sorted_rows(comparison: Comparison, by: str) -> tuple[Row, ...]:
    """Order rows by one of their figures, least first, or as they were given."""
    if by not in _KEYS:
        return comparison.rows
    return tuple(sorted(comparison.rows, key=_KEYS[by]))


def rendered(comparison: Comparison, rows: Sequence[Row], form: str) -> str:
    """Render as `json`, `svg` or a table, which is styled and fitted on a terminal."""
    if form == "json":
        return as_json(comparison, rows) + "\n"
    if form == "svg":
        return picture(comparison)
    console = Console(highlight=False)
    if not console.is_terminal:
        return as_text(comparison, rows)
    with console.capture() as captured:
        console.print(table(comparison, rows))
    return captured.get()


def write(comparison: Comparison, rows: Sequence[Row], folder: Path) -> None:
    """Write every form into a folder, made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "comparison.txt": as_text(comparison, rows),
        "comparison.json": as_json(comparison, rows) + "\n",
        "comparison.svg": picture(comparison),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
