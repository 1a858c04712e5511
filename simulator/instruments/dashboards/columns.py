"""What a panel's overrides and transformations do to its queries: names, units and columns.

Transformations that would make other values are not done; they are named instead.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from simulator.instruments.dashboards.opening import Json, mapping, objects
from simulator.instruments.dashboards.panels import Target

_ONLY_LOOKS = frozenset((
    "merge", "organize", "joinByField", "seriesToColumns", "sortBy", "renameByRegex",
    "labelsToFields", "filterFieldsByName", "timeSeriesTable", "convertFieldType",
))  # fmt: skip
Heads = tuple[tuple[str, str], ...]


def changes(panel: Json) -> Iterator[str]:
    """Say which of a panel's transformations are not done."""
    for each in objects(panel, "transformations"):
        name = str(each.get("id"))
        if name not in _ONLY_LOOKS and each.get("disabled") is not True:
            yield f"what its transformation {name!r} makes; the values are as they were found"


def named(panel: Json, queries: Sequence[tuple[str, Target]]) -> tuple[Target, ...]:
    """Give each query the name and the unit that its panel wants for it."""
    overrides = _overrides(panel)
    found = []
    for ref, target in queries:
        own = overrides.get(f"ref {ref}", {}) | overrides.get(target.legend or target.expr, {})
        legend = str(own.get("displayName") or target.legend)
        found.append(replace(target, legend=legend, unit=str(own.get("unit") or "")))
    return tuple(found)


def columns(panel: Json, queries: Sequence[tuple[str, Target]]) -> tuple[tuple[Target, ...], Heads]:
    """Give each query of a table its column, and the labels their headings."""
    renamed, hidden, order = _organized(panel)
    overrides = _overrides(panel)
    found = []
    for ref, target in queries:
        field = f"Value #{ref}" if len(queries) > 1 else "Value"
        heading = renamed.get(field, field)
        own = overrides.get(f"ref {ref}", {}) | overrides.get(field, {})
        own |= overrides.get(heading, {})
        column = "" if field in hidden else _heading(heading, own)
        found.append(replace(target, column=column, unit=str(own.get("unit") or "")))
    labels = sorted({*renamed, *hidden, *overrides}, key=lambda name: (order(name), name))
    heads = tuple(
        (name, "" if name in hidden else _heading(renamed.get(name, name), overrides.get(name, {})))
        for name in labels
    )
    return tuple(found), heads


def _heading(name: str, own: dict[str, object]) -> str:
    return "" if own.get("custom.hidden") is True else str(own.get("displayName") or name)


def _organized(panel: Json) -> tuple[dict[str, str], set[str], Callable[[str], float]]:
    renamed: dict[str, str] = {}
    hidden: set[str] = set()
    places: dict[str, float] = {}
    for each in objects(panel, "transformations"):
        options = mapping(each, "options")
        if each.get("id") == "organize":
            renamed |= {k: str(v) for k, v in mapping(options, "renameByName").items() if v}
            hidden |= {k for k, v in mapping(options, "excludeByName").items() if v is True}
            places |= {
                k: v for k, v in mapping(options, "indexByName").items() if isinstance(v, int)
            }
    return renamed, hidden, lambda name: places.get(name, len(places))


def _overrides(panel: Json) -> dict[str, dict[str, object]]:
    """What is overridden by a field's name, or by its query as `ref A`."""
    found: dict[str, dict[str, object]] = {}
    for each in objects(mapping(panel, "fieldConfig"), "overrides"):
        matcher = mapping(each, "matcher")
        by, name = matcher.get("id"), str(matcher.get("options"))
        if by in ("byName", "byFrameRefID"):
            own = found.setdefault(name if by == "byName" else f"ref {name}", {})
            own |= {str(p.get("id")): p.get("value") for p in objects(each, "properties")}
    return found
