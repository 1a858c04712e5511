"""Reads Grafana's dashboard JSON: panels of queries, with variables filled in.

A panel of another kind, another data source or a query that is no PromQL of ours is not shown,
and the dashboard says so.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.errors import InvalidInput, Mistake, QueryError
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel, Target
from simulator.instruments.promql.reading import read

_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\]")
_WINDOWS = {
    "__rate_interval": "1m", "__interval": "15s", "__range": "30m", "__interval_ms": "15000",
    "__range_s": "1800", "__range_ms": "1800000",
}  # fmt: skip
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
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg}"
        raise InvalidInput(
            [Mistake(file, error.lineno, error.colno, "not-json", message)]
        ) from error
    if isinstance(value, dict) and isinstance(value.get("dashboard"), dict):
        value = value["dashboard"]  # as the API gives it
    if not isinstance(value, dict) or not (_list(value, "panels") or _list(value, "rows")):
        message = "this is no Grafana dashboard: there is no list of 'panels'"
        raise InvalidInput([Mistake(file, 1, 1, "no-dashboard", message)])
    known = dict(variables or {})
    panels: list[Panel] = []
    skipped: list[str] = []
    for each in _flat(value):
        panel = _panel(each, known)
        if isinstance(panel, Panel):
            panels.append(panel)
        else:
            skipped.append(panel)
    return Dashboard(str(value.get("title") or file), tuple(panels), tuple(skipped))


def _flat(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk every panel, those inside rows too."""
    for holder in (*_list(value, "rows"), value):
        for panel in _list(holder, "panels"):
            if panel.get("type") == "row":
                yield from _flat(panel)
            else:
                yield panel


def _panel(panel: Mapping[str, Any], variables: Mapping[str, str]) -> Panel | str:
    """Read one panel, or say why it is not shown."""
    title = str(panel.get("title") or "untitled")
    kind = str(panel.get("type"))
    if kind not in _KINDS:
        return f"{title}: panels of kind {kind!r} are not drawn"
    targets: list[Target] = []
    for target in _list(panel, "targets"):
        if target.get("hide") is True:
            continue
        expr = _filled(str(target.get("expr") or ""), variables)
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
    calcs = options.get("calcs") or [""]
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
        _REDUCERS.get(str(calcs[0]), "last"),
        tuple(x for step in steps if (x := _number(step.get("value"))) is not None),
    )


def _filled(expr: str, variables: Mapping[str, str]) -> str:
    """Put values in place of variables; what nobody gave is what `All` would match."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        return variables.get(name) or _WINDOWS.get(name) or ".*"

    filled = _VARIABLE.sub(value, expr)
    # A variable that matches everything is a pattern, wherever the author wrote `=`.
    return re.sub(r'=\s*"\.\*"', '=~".*"', filled)


def _list(value: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = value.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]  # said by the line above
