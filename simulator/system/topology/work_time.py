"""How much work a call is: a law, or a law and more for each token of the request.

`5ms`, `{lognormal: {...}}`, `{base: 1ms, per_prompt_token: 2us, per_output_token: 0.5us}`.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from simulator.plant.spec import Work
from simulator.system.topology.distribution import (
    DURATION_SCHEMA,
    DURATIONS_SCHEMA,
    durations,
)
from simulator.units import duration

_PER_TOKEN = ("per_prompt_token", "per_output_token")
_KEYS = ("base", *_PER_TOKEN)
_SUCH_AS = "{base: 1ms, per_prompt_token: 2us}"


def work_time(value: object) -> Work:
    """Read an amount of work; ValueError says what to write."""
    if isinstance(value, Work):
        return value
    if not isinstance(value, dict) or not set(value) & set(_KEYS):
        return Work(durations(value))
    if unknown := [str(key) for key in value if key not in _KEYS]:
        raise ValueError(
            f"work by tokens has {', '.join(_KEYS)}, not {', '.join(unknown)}: write {_SUCH_AS}"
        )
    if not set(value) & set(_PER_TOKEN):
        raise ValueError(f"base alone is no work by tokens: write the law itself, or {_SUCH_AS}")
    return Work(durations(value.get("base", "0")), *(_per(value, key) for key in _PER_TOKEN))


def _per(value: dict[Any, Any], key: str) -> int:
    try:
        return duration(value.get(key, "0"))
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


_SCHEMA: dict[str, Any] = {
    "anyOf": [
        *DURATIONS_SCHEMA["anyOf"],
        {
            "type": "object",
            "properties": {
                "base": DURATIONS_SCHEMA,
                "per_prompt_token": DURATION_SCHEMA,
                "per_output_token": DURATION_SCHEMA,
            },
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}

WorkTime = Annotated[Work, BeforeValidator(work_time), WithJsonSchema(_SCHEMA, mode="validation")]
"""An amount of work: `2ms`, `{exponential: 5ms}` or `{base: 1ms, per_prompt_token: 2us}`."""
