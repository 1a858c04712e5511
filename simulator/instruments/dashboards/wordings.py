"""Words for values: Grafana's value mappings, such as DOWN for 0 and `no traffic` for none."""

import math
from collections.abc import Iterator
from typing import Any

from simulator.instruments.dashboards.opening import Json, mapping, objects
from simulator.instruments.dashboards.panels import Wording

_NONE = math.nan
_VALUE, _RANGE = 1, 2  # what Grafana 7 and before called them


def wordings(panel: Json) -> tuple[Wording, ...]:
    """Give a panel's mappings of values, newer and older ones; those of texts are left out."""
    listed = objects(mapping(mapping(panel, "fieldConfig"), "defaults"), "mappings")
    older = [{**each, "type": _VALUE} for each in objects(panel, "valueMaps")]
    older += [{**each, "type": _RANGE} for each in objects(panel, "rangeMaps")]
    return tuple(word for each in (*listed, *older) for word in _of(each))


def _of(each: Json) -> Iterator[Wording]:
    kind, options = each.get("type"), mapping(each, "options")
    if kind == "value":
        for value, result in options.items():
            yield from _between(value, value, result)
    elif kind == "range":
        yield from _between(options.get("from"), options.get("to"), options.get("result"))
    elif kind == "special" and ("nan" in (match := str(options.get("match"))) or "null" in match):
        yield from _between(_NONE, _NONE, options.get("result"))
    elif kind == _VALUE:
        yield from _between(each.get("value"), each.get("value"), each)
    elif kind == _RANGE:
        yield from _between(each.get("from"), each.get("to"), each)


def _between(low: Any, high: Any, result: object) -> Iterator[Wording]:
    text = result.get("text") if isinstance(result, dict) else None
    bounds = _number(low, -math.inf), _number(high, math.inf)
    if text and None not in bounds:
        yield Wording(bounds[0] or 0.0, bounds[1] or 0.0, str(text))


def _number(value: Any, otherwise: float) -> float | None:
    if value is None:
        return otherwise
    if value == "null":
        return _NONE
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
