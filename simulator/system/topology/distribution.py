"""Laws to draw durations and counts from, as a scenario writes them.

`2ms` is fixed; anything else is one law by its name: `{exponential: 5ms}`, `{uniform: [1ms, 2ms]}`,
`{lognormal: {50%: 5ms, 99%: 40ms}}`, `{lognormal: {mean: 5ms, cv: 1.5}}`,
`{quantiles: {50%: 400ms, 99%: 2s}}`, ...
"""

import itertools
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from simulator.errors import suggestion
from simulator.plant.spec import Distribution
from simulator.system.topology.traced import QUANTILES
from simulator.units import duration, share

Scalar = Callable[[object], int]
"""Reads one value: a duration in nanoseconds, or a count."""

CV_MAX = 100.0


def count(value: object) -> int:
    """Read a whole number from 0; ValueError says what to write."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"{value!r} is not a count; write a whole number, such as 1200")


def durations(value: object) -> Distribution:
    """Read a law of durations, in nanoseconds; ValueError says what to write."""
    return _read(value, duration, "2ms, {exponential: 5ms} or {quantiles: {50%: 400ms, 99%: 2s}}")


def counts(value: object) -> Distribution:
    """Read a law of counts, such as tokens; ValueError says what to write."""
    if isinstance(value, dict) and set(value) == {"traced"}:
        return _traced(value["traced"])
    return _read(value, count, "200, {exponential: 200} or {quantiles: {50%: 1020, 99%: 4142}}")


def _read(value: object, scalar: Scalar, such_as: str) -> Distribution:
    if isinstance(value, Distribution):
        return value
    if not isinstance(value, dict):
        return Distribution("fixed", float(scalar(value)))
    if len(value) != 1:
        raise ValueError(f"write one law, such as {such_as}; found {len(value)}")
    name, parameters = next(iter(value.items()))
    if name not in _LAWS:
        near = suggestion(str(name), _LAWS)
        raise ValueError(f"{name!r} is not a law{near}; write {such_as}; known: {', '.join(_LAWS)}")
    return _LAWS[name](parameters, scalar)


def _fixed(value: object, scalar: Scalar) -> Distribution:
    return Distribution("fixed", float(scalar(value)))


def _exponential(value: object, scalar: Scalar) -> Distribution:
    return Distribution("exponential", float(scalar(value)))


def _uniform(value: object, scalar: Scalar) -> Distribution:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004  two ends
        raise ValueError("uniform takes two values, such as {uniform: [1ms, 2ms]}")
    low, high = scalar(value[0]), scalar(value[1])
    if high < low:
        raise ValueError(f"uniform takes the smaller value first: [{value[1]}, {value[0]}]")
    return Distribution("uniform", float(low), float(high))


def _points(name: str, value: object, scalar: Scalar) -> list[tuple[float, int]]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{name} takes quantiles, such as {{{name}: {{50%: .., 99%: ..}}}}")
    points = []
    for key, of in value.items():
        try:
            points.append((share(key), scalar(of)))
        except ValueError as error:
            raise ValueError(f"{name} {key}: {error}") from error
    points.sort()
    for (low_at, low), (high_at, high) in itertools.pairwise(points):
        if high_at == low_at or high < low:
            raise ValueError(f"{name}: values must grow from {low_at:.4g} to {high_at:.4g}")
    return points


def _quantiles(value: object, scalar: Scalar) -> Distribution:
    points = _points("quantiles", value, scalar)
    return Distribution("quantiles", points=tuple((at, float(of)) for at, of in points))


def _lognormal(value: object, scalar: Scalar) -> Distribution:
    if isinstance(value, dict) and set(value) & {"mean", "cv"}:
        return _lognormal_of_mean(value, scalar)
    points = _points("lognormal", value, scalar)
    inside = all(0.0 < at < 1.0 and of > 0 for at, of in points)
    if len(points) != 2 or not inside:  # noqa: PLR2004  two points fix two parameters
        raise ValueError(
            "lognormal takes two quantiles between 0% and 100% with values above 0, "
            "such as {lognormal: {50%: 5ms, 99%: 40ms}}"
        )
    (p1, v1), (p2, v2) = points
    z1, z2 = NormalDist().inv_cdf(p1), NormalDist().inv_cdf(p2)
    sigma = math.log(v2 / v1) / (z2 - z1)
    median = math.exp(math.log(v1) - z1 * sigma)
    # Nine digits, so that the last bits of a platform's logarithm do not reach the simulation.
    return Distribution("lognormal", float(f"{median:.9g}"), float(f"{sigma:.9g}"))


def _lognormal_of_mean(value: dict[Any, Any], scalar: Scalar) -> Distribution:
    mean, cv = _fields("lognormal", value, ("mean", "cv"), "{mean: 5ms, cv: 1.5}")
    of = _number("lognormal: cv", cv)
    if not 0.0 < of <= CV_MAX:
        raise ValueError(f"lognormal: cv must be above 0, at most {CV_MAX:g}; found {of:g}")
    median = scalar(mean) / math.sqrt(1.0 + of * of)
    sigma = math.sqrt(math.log1p(of * of))
    return Distribution("lognormal", float(f"{median:.9g}"), float(f"{sigma:.9g}"))


def _erlang(value: object, scalar: Scalar) -> Distribution:
    mean, stages = _fields("erlang", value, ("mean", "stages"), "{mean: 5ms, stages: 3}")
    of = count(stages)
    if not 1 <= of <= 1000:  # noqa: PLR2004  a draw costs a hash per stage
        raise ValueError("erlang: stages must be from 1 to 1000")
    return Distribution("erlang", float(scalar(mean)), float(of))


def _hyperexponential(value: object, scalar: Scalar) -> Distribution:
    mean, cv = _fields("hyperexponential", value, ("mean", "cv"), "{mean: 5ms, cv: 3}")
    of = _number("hyperexponential: cv", cv)
    if not 1.0 <= of <= CV_MAX:
        raise ValueError(f"hyperexponential: cv must be from 1 to {CV_MAX:g}; found {of:g}")
    return Distribution("hyperexponential", float(scalar(mean)), of * of)


def _pareto(value: object, scalar: Scalar) -> Distribution:
    example = "{at_least: 1ms, shape: 1.5, at_most: 10s}"
    low, shape, high = _fields("pareto", value, ("at_least", "shape", "at_most"), example)
    smallest, largest, of = scalar(low), scalar(high), _number("pareto: shape", shape)
    if not 0 < smallest < largest or of <= 0:
        raise ValueError(f"pareto: at_least and shape must be above 0, at_most above at_least: "
                         f"write {example}")  # fmt: skip
    return Distribution("pareto", float(smallest), of, float(largest))


def _traced(name: object) -> Distribution:
    if name not in QUANTILES:
        near = suggestion(str(name), QUANTILES)
        raise ValueError(f"{name!r} was not measured{near}; there is: {', '.join(QUANTILES)}")
    return Distribution("quantiles", points=QUANTILES[str(name)])


def _fields(law: str, value: object, names: tuple[str, ...], example: str) -> list[object]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise ValueError(f"{law} takes {', '.join(names)}: write {{{law}: {example}}}")
    return [value[name] for name in names]


def _number(what: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError(f"{what} must be a number; found {value!r}")


_LAWS: dict[str, Callable[[object, Scalar], Distribution]] = {
    "fixed": _fixed,
    "exponential": _exponential,
    "uniform": _uniform,
    "lognormal": _lognormal,
    "erlang": _erlang,
    "hyperexponential": _hyperexponential,
    "pareto": _pareto,
    "quantiles": _quantiles,
}


def _schema(scalar: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    number = {"type": "number"}
    by_quantile = {"type": "object", "additionalProperties": scalar, "minProperties": 1}
    two = {"type": "array", "items": scalar, "minItems": 2, "maxItems": 2}
    laws: dict[str, Any] = {
        "fixed": scalar,
        "exponential": scalar,
        "uniform": two,
        "lognormal": {"anyOf": [by_quantile, _object(mean=scalar, cv=number)]},
        "erlang": _object(mean=scalar, stages={"type": "integer", "minimum": 1}),
        "hyperexponential": _object(mean=scalar, cv=number),
        "pareto": _object(at_least=scalar, shape=number, at_most=scalar),
        "quantiles": by_quantile,
        **extra,
    }
    one = {
        "type": "object", "properties": laws, "additionalProperties": False,
        "minProperties": 1, "maxProperties": 1,
    }  # fmt: skip
    return {"anyOf": [scalar, one]}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties),
        "additionalProperties": False,
    }  # fmt: skip


DURATION_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"^(0|(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+)$",
}
DURATIONS_SCHEMA = _schema(DURATION_SCHEMA, {})
_COUNT_SCHEMA: dict[str, Any] = {"type": "integer", "minimum": 0}

Durations = Annotated[
    Distribution,
    BeforeValidator(durations),
    WithJsonSchema(DURATIONS_SCHEMA, mode="validation"),
]
"""A law of durations, in nanoseconds, written `2ms` or `{exponential: 5ms}`."""

Counts = Annotated[
    Distribution,
    BeforeValidator(counts),
    WithJsonSchema(
        _schema(_COUNT_SCHEMA, {"traced": {"enum": sorted(QUANTILES)}}), mode="validation"
    ),
]
"""A law of counts, written `200` or `{quantiles: {50%: 1020, 99%: 4142}}`."""
