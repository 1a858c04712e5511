import json
from pathlib import Path

import pytest

from simulator.errors import InvalidInput
from simulator.instruments.dashboards.grafana import read_dashboard
from simulator.instruments.dashboards.library import general
from simulator.instruments.dashboards.making import COMPONENT
from simulator.instruments.dashboards.panels import Drawing
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
    ],
)
def test_what_cannot_be_drawn_is_listed(broken: object, said: str) -> None:
    board = read_dashboard(json.dumps({"panels": [broken, panel()]}))

    assert len(board.panels) == 1
    assert said in board.skipped[0]


@pytest.mark.parametrize(
    ("expr", "filled"),
    [
        ("rate(x[$__rate_interval])", "rate(x[1m])"),
        ('x{pod="$pod"}', 'x{pod=~".*"}'),
        ('x{pod=~"${pod:regex}"}', 'x{pod=~".*"}'),
        ('x{job="$job"}', 'x{job="llm"}'),
        ('x{job="[[job]]"}', 'x{job="llm"}'),
    ],
)
def test_variables_are_filled_in(expr: str, filled: str) -> None:
    text = json.dumps({"panels": [panel(targets=[{"expr": expr}])]})

    board = read_dashboard(text, "", {"job": "llm"})

    assert board.panels[0].targets[0].expr == filled


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"panels": 5}', '"x"'])
def test_what_is_no_dashboard_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_dashboard(text, "x.json")

    assert caught.value.mistakes[0].file == "x.json"


@pytest.mark.skipif(not (DATA / "dashboards").exists(), reason="public dashboards are not here")
@pytest.mark.parametrize(("name", "drawn"), [("redis", 13), ("tgi", 21)])
def test_public_dashboards_can_be_read(name: str, drawn: int) -> None:
    board = read_dashboard((DATA / f"dashboards/{name}.json").read_text(), name)

    assert len(board.panels) == drawn
    assert [t for t in board.skipped if "'heatmap'" not in t] == (
        [f"Time to first token: it computes with {GRAFANAS}"] if name == "tgi" else []
    )
