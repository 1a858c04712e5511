"""How a quantity goes with the hour of the day: 24 factors, or some of them by hour."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

HOURS = 24
FACTOR_MAX = 100.0


def by_hour(value: object) -> tuple[float, ...]:
    """Read 24 factors, or factors by full hour with straight lines between, round the clock.

    ValueError says what to write.
    """
    such_as = "{3: 0.8, 15: 1.6}, or 24 factors from midnight on"
    if isinstance(value, Mapping) and value:
        known = {_hour(hour): _factor(of) for hour, of in value.items()}
        return tuple(_between(known, hour) for hour in range(HOURS))
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} does not say factors by hour; write {such_as}")
    if len(value) != HOURS:
        raise ValueError(f"a day has 24 hours; found {len(value)} factors; write {such_as}")
    return tuple(_factor(of) for of in value)


def _hour(value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isdigit() or int(text) >= HOURS:
        raise ValueError(f"{value!r} is not a full hour; write 0 to 23")
    return int(text)


def _factor(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a factor; write a number, such as 1.5")
    if not 0.0 < value <= FACTOR_MAX:
        raise ValueError(f"a factor is above 0 and at most {FACTOR_MAX:g}; found {value:g}")
    return float(value)


def _between(known: Mapping[int, float], hour: int) -> float:
    """Read the straight line between the nearest known hours before and after, round the clock."""
    behind = min((hour - at) % HOURS for at in known)
    ahead = min((at - hour) % HOURS for at in known)
    before, after = known[(hour - behind) % HOURS], known[(hour + ahead) % HOURS]
    return before + (after - before) * behind / max(behind + ahead, 1)


_FACTOR: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": FACTOR_MAX}

ByHour = Annotated[
    tuple[float, ...],
    BeforeValidator(by_hour),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": _FACTOR, "minItems": HOURS, "maxItems": HOURS},
                {
                    "type": "object",
                    "patternProperties": {r"^(1?\d|2[0-3])$": _FACTOR},
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        },
        mode="validation",
    ),
]
"""Factors at the 24 full hours of a day (UTC), written `{3: 0.8, 15: 1.6}` or as a list."""
