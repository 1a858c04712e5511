"""Rows of text in columns, and figures as looks write them."""

import math
from collections.abc import Iterable, Sequence

ROWS_MAX = 40
THREE_DIGITS = 1000


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Lay rows out in columns two spaces apart."""
    cells = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return tuple(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def number(value: float, unit: str = "") -> str:
    """Write a figure with three digits, or `-` for none."""
    if math.isnan(value):
        return "-"
    return f"{value:.3g}{unit}" if abs(value) < THREE_DIGITS else f"{value:,.0f}{unit}"


def more(rows: int) -> list[str]:
    """Say how many rows were not shown."""
    return [f"... and {rows - ROWS_MAX} more"] if rows > ROWS_MAX else []
