"""Reads Grafana's dashboard JSON: panels of queries, with variables filled in.

A panel of another kind, another data source or a query that is no PromQL of ours is not shown,
and the dashboard says so.
"""

from collections.abc import Iterator, Mapping

from simulator.errors import QueryError
from simulator.instruments.dashboards.columns import changes, columns, named
from simulator.instruments.dashboards.opening import Json, mapping, objects, opened
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel, Target
from simulator.instruments.dashboards.variables import Variables
from simulator.instruments.dashboards.wordings import wordings
from simulator.instruments.promql.foreign import hint
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
_REDUCERS = {
    "": "last", "lastNotNull": "last", "last": "last", "current": "last", "mean": "mean",
    "avg": "mean", "max": "max", "min": "min", "sum": "sum", "total": "sum", "count": "count",
    "firstNotNull": "first", "first": "first", "range": "range", "diff": "diff",
    "median": "median",
}  # fmt: skip
_PROMETHEUS = ("", "None", "prometheus", "datasource", "victoriametrics-metrics-datasource")
"""What may answer PromQL; `datasource` is what mixed panels say."""


class _NotShown(Exception):
    """Why a panel is left out."""


def read_dashboard(
    text: str, file: str = "", variables: Mapping[str, str] | None = None
) -> Dashboard:
    """Read a dashboard's JSON; variables that it leaves open match everything.

    Raises InvalidInput when it is no JSON, or no dashboard.
    """
    board = opened(text, file)
    filler = Variables(board, variables or {})
    panels: list[Panel] = []
    skipped: list[str] = []
    for each in _flat(board):
        panel = _from_library(each, board)
        title = filler.named(str(panel.get("title") or "")) or "untitled"
        try:
            panels.append(_panel(panel, title, filler))
        except _NotShown as reason:
            skipped.append(f"{title}: {reason}")
        else:
            skipped += [f"{title}: {left_out}" for left_out in changes(panel)]
    return Dashboard(str(board.get("title") or file), tuple(panels), tuple(skipped))


def _flat(value: Json) -> Iterator[Json]:
    """Walk every panel, those inside rows too."""
    for holder in (*objects(value, "rows"), value):
        for panel in objects(holder, "panels"):
            if panel.get("type") == "row":
                yield from _flat(panel)
            else:
                yield panel


def _from_library(panel: Json, board: Json) -> Json:
    """Put a library panel's own words in its place, where the file was exported with them."""
    uid = str(mapping(panel, "libraryPanel").get("uid"))
    return {**mapping(mapping(mapping(board, "__elements"), uid), "model"), **panel}


def _panel(panel: Json, title: str, filler: Variables) -> Panel:
    kind = str(panel.get("type") or "")
    if kind not in _KINDS:
        raise _NotShown(_unknown(panel, kind))
    defaults = mapping(mapping(panel, "fieldConfig"), "defaults")
    axes = objects(panel, "yaxes")  # of the old graph panel
    old_unit = axes[0].get("format") if axes else panel.get("format")
    dial = mapping(panel, "gauge")  # of the old singlestat
    steps = objects(mapping(defaults, "thresholds"), "steps")
    drawing = Drawing.GAUGE if dial.get("show") is True else _KINDS[kind]
    queries = _targets(panel, filler)
    is_table = drawing is Drawing.TABLE
    targets, heads = columns(panel, queries) if is_table else (named(panel, queries), ())
    return Panel(
        title,
        drawing,
        targets,
        str(defaults.get("unit") or old_unit or "short"),
        _number(defaults.get("min", dial.get("minValue"))),
        _number(defaults.get("max", dial.get("maxValue"))),
        _reducer(panel),
        tuple(x for step in steps if (x := _number(step.get("value"))) is not None),
        wordings(panel),
        str(defaults.get("noValue") or "no data"),
        heads,
    )


def _unknown(panel: Json, kind: str) -> str:
    library = mapping(panel, "libraryPanel")
    if library and not kind:
        return f"it is the library panel {str(library.get('name'))!r}, which is not in the file"
    return f"panels of kind {kind!r} are not drawn"


def _targets(panel: Json, filler: Variables) -> list[tuple[str, Target]]:
    """Read the queries that are shown, each with what it is called in its panel."""
    found: list[tuple[str, Target]] = []
    listed = [each for each in objects(panel, "targets") if each.get("hide") is not True]
    for each in listed:
        expr = filler.filled(str(each.get("expr") or ""))
        source = str(mapping(each, "datasource").get("type") or "") or str(
            mapping(panel, "datasource").get("type") or ""
        )
        if source == "__expr__":
            raise _NotShown("it computes with Grafana's own expressions, which are not evaluated")
        if source not in _PROMETHEUS:
            raise _NotShown(f"a query of it is for {source!r}, not for Prometheus")
        if not expr.strip():  # another data source's query
            raise _NotShown("a query of it is no PromQL")
        _check(expr, str(each.get("expr")), filler)
        legend = str(each.get("legendFormat") or "")
        legend = "" if legend == "__auto" else filler.named(legend)
        is_instant = each.get("instant") is True and each.get("range") is not True
        found.append((str(each.get("refId") or "A"), Target(expr, legend, is_instant)))
    if not found:
        raise _NotShown("it has no PromQL query")
    return found


def _check(expr: str, written: str, filler: Variables) -> None:
    try:
        read(expr)
    except QueryError as error:
        missing = filler.missing(written)
        needs = f"; perhaps it needs --var {missing[0]}=VALUE" if missing else hint(expr)
        raise _NotShown(f"{error}{needs}") from error


def _reducer(panel: Json) -> str:
    options = mapping(mapping(panel, "options"), "reduceOptions")
    calcs = options.get("calcs")
    named = calcs[0] if isinstance(calcs, list) and calcs else panel.get("valueName") or ""
    if str(named) not in _REDUCERS:
        raise _NotShown(f"the {str(named)!r} of a time range is not worked out")
    return _REDUCERS[str(named)]


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]  # said by the line above
