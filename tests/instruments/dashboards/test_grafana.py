import json
import math
from pathlib import Path

import pytest

from simulator.errors import InvalidInput
from simulator.instruments.dashboards.grafana import read_dashboard
from simulator.instruments.dashboards.library import general
from simulator.instruments.dashboards.making import COMPONENT
from simulator.instruments.dashboards.panels import Drawing, Panel, Target
from tests.instruments.development_data import DATA

GRAFANAS = "Grafana's own expressions, which are not evaluated"
FILES = Path("simulator/instruments/dashboards/files")


def panel(**keys: object) -> dict[str, object]:
    return {"title": "one", "type": "timeseries", "targets": [{"expr": "up"}], **keys}


@pytest.mark.parametrize("kind", sorted(general()))
def test_what_grafana_gets_is_what_the_terminal_draws(kind: str) -> None:
    text = (FILES / f"{kind}.json").read_text()

    board = read_dashboard(text, kind, {"component": COMPONENT})

    assert board == general()[kind]


def test_every_panel_of_a_row_is_found_and_the_old_kinds_too() -> None:
    board = read_dashboard(
        json.dumps({"rows": [{"panels": [panel(type="graph", yaxes=[{"format": "s"}])]}],
                    "panels": [{"type": "row", "panels": [panel(type="gauge")]}]})
    )  # fmt: skip

    assert [(p.drawing, p.unit) for p in board.panels] == [
        (Drawing.TIMESERIES, "s"),
        (Drawing.GAUGE, "short"),
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (panel(type="heatmap"), "panels of kind 'heatmap' are not drawn"),
        (panel(targets=[]), "it has no PromQL query"),
        (panel(targets=[{"rawSql": "select 1"}]), "a query of it is no PromQL"),
        (panel(targets=[{"expr": "rate("}]), "one: "),
        (panel(targets=[{"expr": "up", "hide": True}]), "it has no PromQL query"),
        (
            panel(targets=[{"datasource": {"type": "__expr__"}, "expression": "$A + $B"}]),
            "Grafana's own expressions",
        ),
        (panel(datasource={"type": "loki"}), "a query of it is for 'loki', not for Prometheus"),
        (panel(options={"reduceOptions": {"calcs": ["stdDev"]}}), "the 'stdDev' of a time range"),
        (panel(targets=[{"expr": "topk($n, up)"}]), "perhaps it needs --var n=VALUE"),
        ({"libraryPanel": {"name": "CPU"}}, "the library panel 'CPU', which is not in the file"),
    ],
)
def test_what_cannot_be_drawn_is_listed(broken: object, said: str) -> None:
    board = read_dashboard(json.dumps({"panels": [broken, panel()]}))

    assert len(board.panels) == 1
    assert said in board.skipped[0]


VARIABLES = [
    {"name": "window", "type": "custom", "options": [{"value": "5m"},
     {"value": "30s", "selected": True}]},
    {"name": "disks", "type": "custom", "current": {"value": ["sd.", "nvme.+"]}},
    {"name": "pod", "type": "query", "current": {"value": "of-another-cluster"}},
    {"name": "metric", "type": "query", "current": {"value": ["up"]}, "query": "metrics(.*)"},
    {"name": "team", "type": "custom", "allValue": "ml-.*", "current": {"value": ["$__all"]}},
    {"name": "limit", "type": "constant", "query": "5"},
    {"name": "auto", "type": "interval", "current": {"value": "$__auto_interval_auto"}},
]  # fmt: skip


@pytest.mark.parametrize(
    ("expr", "filled"),
    [
        ("rate(x[$__rate_interval])", "rate(x[1m])"),
        ('x{pod="$pod"}', 'x{pod=~".*"}'),
        ('x{pod=~"${pod:regex}"}', 'x{pod=~".*"}'),
        ('x{job="$job"}', 'x{job="llm"}'),
        ('x{job="[[job]]"}', 'x{job="llm"}'),
        ("x{pod='$pod'}", "x{pod=~'.*'}"),
        ('x{addr="$node:$port",a!="$b"}', 'x{addr=~".*:.*",a!=".*"}'),
        ('x{a=".*"}', 'x{a=".*"}'),
        ("x{a=${pod:doublequote}}", 'x{a=~".*"}'),
        ('x{pod="$a-$b", job!="$c"}', 'x{pod=~".*-.*", job!=".*"}'),
        ('x{pod=~"${pod.text}|b"}', 'x{pod=~".*|b"}'),
        ("rate($metric[$unknown])", "rate(up[1m])"),
        ('label_replace(x, "a", "$1-${2}", "b", "(.+)x$")',) * 2,
        ("rate(x[$window])", "rate(x[30s])"),
        ('x{disk=~"$disks"}', 'x{disk=~"(sd.|nvme.+)"}'),
        ('x{job=~"$team"}', 'x{job=~"ml-.*"}'),
        ("x > $limit", "x > 5"),
        ("rate(x[$auto])", "rate(x[1m])"),
    ],
)
def test_variables_are_filled_in(expr: str, filled: str) -> None:
    text = json.dumps(
        {"panels": [panel(targets=[{"expr": expr}])], "templating": {"list": VARIABLES}}
    )

    board = read_dashboard(text, "", {"job": "llm"})

    assert board.panels[0].targets[0].expr == filled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this file is empty"),
        ("{", "this is not JSON"),
        ("panels:\n- {}\n", "if it is YAML with a dashboard in it, take its JSON out"),
        ("[" * 100_000, "it is nested too deep"),
        ("[]", "there is no list of 'panels'"),
        ("{}", "there is no list of 'panels'"),
        ('{"panels": 5}', "there is no list of 'panels'"),
        ('"x"', "there is no list of 'panels'"),
        ('{"title": "x", "panels": []}', "this dashboard has no panels"),
        ('{"spec": {"panels": {"a": {}}}}', "Perses's are not read"),
    ],
)
def test_what_is_no_dashboard_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=r"x\.json:\d+:\d+: ") as caught:
        read_dashboard(text, "x.json")

    assert said in str(caught.value)


def test_a_dashboard_is_taken_out_of_what_wraps_it() -> None:
    bare = {"title": "t", "panels": [panel()]}
    wrapped = [{key: bare, "kind": "Dashboard"} for key in ("dashboard", "spec", "json")]

    boards = [read_dashboard(json.dumps(each)) for each in (bare, *wrapped)]

    assert boards == [boards[0]] * 4
    assert boards[0].title == "t"


def test_the_second_schema_says_the_same_in_other_words() -> None:
    query = {"kind": "DataQuery", "group": "prometheus", "spec": {"expr": "rate(x[$w])"}}
    shown = {"kind": "Panel", "spec": {
        "title": "one",
        "data": {"spec": {"queries": [{"spec": {"refId": "A", "query": query}}]}},
        "vizConfig": {"kind": "VizConfig", "group": "stat",
                      "spec": {"fieldConfig": {"defaults": {"unit": "s"}}}},
    }}  # fmt: skip
    shared = {"kind": "LibraryPanel", "spec": {"title": "two", "libraryPanel": {"name": "CPU"}}}
    window = {"kind": "IntervalVariable", "spec": {"name": "w", "current": {"value": "2m"}}}
    spec = {"elements": {"a": shown, "b": shared}, "variables": [window]}

    board = read_dashboard(json.dumps({"kind": "Dashboard", "spec": spec}))

    assert board.panels == (Panel("one", Drawing.STAT, (Target("rate(x[2m])"),), "s"),)
    assert board.skipped == ("two: it is the library panel 'CPU', which is not in the file",)


def test_a_library_panel_is_found_where_the_file_brings_it() -> None:
    model = panel(type="stat")
    text = json.dumps(
        {"panels": [{"libraryPanel": {"uid": "u"}}], "__elements": {"u": {"model": model}}}
    )

    assert [p.drawing for p in read_dashboard(text).panels] == [Drawing.STAT]


def test_the_old_singlestat_has_its_dial_its_words_and_its_reducer() -> None:
    old = panel(
        type="singlestat", format="percent", valueName="avg",
        gauge={"show": True, "minValue": 0, "maxValue": 100},
        valueMaps=[{"op": "=", "value": "null", "text": "N/A"}],
    )  # fmt: skip

    (found,) = read_dashboard(json.dumps({"rows": [{"panels": [old]}]})).panels

    assert (found.drawing, found.unit, found.maximum) == (Drawing.GAUGE, "percent", 100.0)
    assert found.reduces_by == "mean"
    assert found.empty(was_found=True) == "N/A"


def test_values_are_put_in_words_as_mapped() -> None:
    mappings = [
        {"type": "value", "options": {"0": {"text": "down"}}},
        {"type": "range", "options": {"from": 1, "to": 9, "result": {"text": "some"}}},
        {"type": "special", "options": {"match": "nan", "result": {"text": "idle"}}},
        {"type": 1, "value": "12", "text": "dozen"},
        {"type": "regex", "options": {"pattern": "x", "result": {"text": "not of numbers"}}},
    ]
    text = json.dumps({"panels": [panel(fieldConfig={"defaults": {"mappings": mappings}})]})

    (found,) = read_dashboard(text).panels

    values = (0.0, 5.0, math.nan, 12.0, 20.0)
    assert [found.shown(each, 0) for each in values] == ["down", "some", "idle", "dozen", "20"]


def test_a_table_has_the_columns_that_its_transformations_name() -> None:
    board = read_dashboard(json.dumps({"panels": [panel(
        type="table",
        targets=[
            {"refId": "A", "expr": "up", "instant": True},
            {"refId": "B", "expr": "x", "instant": True, "range": True},
            {"refId": "C", "expr": "y"},
        ],
        transformations=[
            {"id": "merge"},
            {"id": "organize", "options": {
                "renameByName": {"Value #A": "Up", "pod": "Pod"},
                "excludeByName": {"Value #C": True, "job": True}}},
            {"id": "groupBy"},
        ],
        fieldConfig={"overrides": [{
            "matcher": {"id": "byName", "options": "Value #B"},
            "properties": [{"id": "displayName", "value": "Slow"}, {"id": "unit", "value": "s"}],
        }]},
    )]}))  # fmt: skip

    (found,) = board.panels
    columns = [(t.is_instant, t.column, t.unit) for t in found.targets]
    assert columns == [(True, "Up", ""), (False, "Slow", "s"), (False, "", "")]
    assert dict(found.heads)["pod"] == "Pod"
    assert dict(found.heads)["job"] == ""
    assert board.skipped == (
        "one: what its transformation 'groupBy' makes; the values are as they were found",
    )


def test_a_query_may_be_renamed_by_an_override() -> None:
    override = {
        "matcher": {"id": "byName", "options": "up"},
        "properties": [{"id": "displayName", "value": "Alive"}],
    }
    text = json.dumps({"panels": [panel(fieldConfig={"overrides": [override]})]})

    assert read_dashboard(text).panels[0].targets == (Target("up", "Alive"),)


@pytest.mark.skipif(not (DATA / "dashboards").exists(), reason="public dashboards are not here")
@pytest.mark.parametrize(("name", "drawn"), [("redis", 13), ("tgi", 21)])
def test_public_dashboards_can_be_read(name: str, drawn: int) -> None:
    board = read_dashboard((DATA / f"dashboards/{name}.json").read_text(), name)

    assert len(board.panels) == drawn
    assert [t for t in board.skipped if "'heatmap'" not in t] == (
        [f"Time to first token: it computes with {GRAFANAS}"] if name == "tgi" else []
    )
