"""What the binary operators compute, element by element."""

import math
from collections.abc import Callable

import numpy as np

from simulator.instruments.series.block import Bools, Floats

Arithmetic = Callable[[Floats, Floats], Floats]
Comparison = Callable[[Floats, Floats], Bools]


def one_by_one(compute: Callable[..., float]) -> Callable[..., Floats]:
    """Apply a function of numbers to each element; what it cannot compute is NaN.

    The C library is used rather than NumPy's vector code, which differs between processors.
    """

    def one(*values: float) -> float:
        try:
            return compute(*values)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    def computed(*columns: Floats) -> Floats:
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return np.array([one(*row) for row in rows], np.float64)

    return computed


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        is_odd = exponent % 2 == 1
        return -math.inf if base < 0 and is_odd else math.inf
    except ValueError:
        # Zero to a negative power is infinite, as in IEEE 754; a root of a negative is none.
        if base != 0:
            return math.nan
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf


ARITHMETIC: dict[str, Arithmetic] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": one_by_one(_power),
    "atan2": one_by_one(math.atan2),
}
COMPARISONS: dict[str, Comparison] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}
SETS = ("and", "or", "unless")


def compute(operator: str, left: float, right: float) -> float:
    """Apply an operator to two numbers; comparisons give 0 or 1."""
    a, b = np.array([left]), np.array([right])
    if operator in ARITHMETIC:
        return float(ARITHMETIC[operator](a, b)[0])
    return float(COMPARISONS[operator](a, b)[0])
