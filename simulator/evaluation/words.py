"""Figures of a comparison as short texts, the same in every rendering."""

import math

from simulator.evaluation.paired import NO_CLEAR_DIFFERENCE, Estimate

MINUS = "−"  # noqa: RUF001  a minus sign is meant: it is as wide as a plus


def figure(value: Estimate, digits: int) -> str:
    """Say `31.2 ± 0.4`; a mean alone where one run gives no interval."""
    mean = f"{value.mean:,.{digits}f}"
    return mean if math.isinf(value.half) else f"{mean} ± {value.half:,.{digits}f}"


def change(value: Estimate | None, digits: int) -> str:
    """Say `+5.9 ± 0.3`, that no difference is clear, or that this is the baseline (None)."""
    if value is None:
        return "baseline"
    if value.holds_zero:
        return NO_CLEAR_DIFFERENCE
    sign = "+" if value.mean > 0 else MINUS
    return f"{sign}{abs(value.mean):,.{digits}f} ± {value.half:,.{digits}f}"


def plural(number: int, word: str) -> str:
    """Say `1 run` or `2 runs`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
