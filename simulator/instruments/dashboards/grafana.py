"""Reads Grafana's dashboard JSON: panels of queries, with variables filled in.

A panel of another kind, another data source or a query that is no PromQL of ours is not shown,
and the dashboard says so.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.errors import InvalidInput, Mistake, QueryError
from simulator.instruments.dashboards.newer import as_older
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel, Target
from simulator.instruments.dashboards.variables import Variables, defaults
from simulator.instruments.promql.reading import read

_KINDS = {
    "graph": Drawing.TIMESERIES,
    "timeseries": Drawing.TIMESERIES,
    "stat": Drawing.STAT,
    "singlestat": Drawing.STAT,
    "gauge": Drawing.GAUGE,
    "bargauge": Drawing.GAUGE,
    "table": Drawing.TABLE,
    "table-old": Drawing.TABLE,
}
_REDUCERS = {"mean": "mean", "avg": "mean", "max": "max", "min": "min"}


def read_dashboard(
    text: str, file: str = "", variables: Mapping[str, str] | None = None
) -> Dashboard:
    """Read a dashboard's JSON; variables not given match everything.

    Raises InvalidInput when it is no JSON, or no dashboard.
    """
    value = _dashboard(text, file)
    known = Variables(dict(variables or {}), defaults(_list(_mapping(value, "templating"), "list")))
    panels: list[Panel] = []
    skipped: list[str] = []
    for each in _flat(value):
        panel = _panel(each, known)
        if isinstance(panel, Panel):
            panels.append(panel)
        else:
            skipped.append(panel)
    return Dashboard(str(value.get("title") or file), tuple(panels), tuple(skipped))


def _dashboard(text: str, file: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg}"
        raise InvalidInput(
            [Mistake(file, error.lineno, error.colno, "not-json", message)]
        ) from error
    except RecursionError as error:
        raise InvalidInput([Mistake(file, 1, 1, "not-json", "this is nested too deep")]) from error
    for wrapping in ("dashboard", "spec"):  # as the API gives it, and as a resource
        if isinstance(value, dict) and isinstance(value.get(wrapping), dict):
            value = value[wrapping]
    if isinstance(value, dict) and isinstance(value.get("elements"), dict):
        value = as_older(value)
    if not isinstance(value, dict) or not (_list(value, "panels") or _list(value, "rows")):
        message = "this is no Grafana dashboard: there is no list of 'panels'"
        raise InvalidInput([Mistake(file, 1, 1, "no-dashboard", message)])
    return value


def _flat(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk every panel, those inside rows too."""
    for holder in (*_list(value, "rows"), value):
        for panel in _list(holder, "panels"):
            if panel.get("type") == "row":
                yield from _flat(panel)
            else:
                yield panel


def _panel(panel: Mapping[str, Any], variables: Variables) -> Panel | str:
    """Read one panel, or say why it is not shown."""
    title = str(panel.get("title") or "untitled")
    kind = str(panel.get("type"))
    if kind not in _KINDS:
        return f"{title}: panels of kind {kind!r} are not drawn"
    targets: list[Target] = []
    for target in _list(panel, "targets"):
        if target.get("hide") is True:
            continue
        expr = variables.filled(str(target.get("expr") or ""))
        if _mapping(target, "datasource").get("type") == "__expr__":
            return f"{title}: it computes with Grafana's own expressions, which are not evaluated"
        if not expr.strip():  # another data source's query
            return f"{title}: a query of it is no PromQL"
        try:
            read(expr)
        except QueryError as error:
            return f"{title}: {error}"
        legend = str(target.get("legendFormat") or "")
        targets.append(Target(expr, "" if legend == "__auto" else legend))
    if not targets:
        return f"{title}: it has no PromQL query"
    defaults = _mapping(_mapping(panel, "fieldConfig"), "defaults")
    options = _mapping(_mapping(panel, "options"), "reduceOptions")
    calcs = options.get("calcs")
    calc = str(calcs[0]) if isinstance(calcs, list) and calcs else ""
    axes = _list(panel, "yaxes")  # of the old graph panel
    old_unit = axes[0].get("format") if axes else panel.get("format")
    steps = _list(_mapping(defaults, "thresholds"), "steps")
    return Panel(
        title,
        _KINDS[kind],
        tuple(targets),
        str(defaults.get("unit") or old_unit or "short"),
        _number(defaults.get("min")),
        _number(defaults.get("max")),
        _REDUCERS.get(calc, "last"),
        tuple(x for step in steps if (x := _number(step.get("value"))) is not None),
    )


def _list(value: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = value.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]  # said by the line above
