import re
from xml.etree import ElementTree as ET

from simulator.instruments.dashboards.markup import drawn
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel, Target
from simulator.instruments.series.store import SeriesStore

MINUTE = 60_000


def store() -> SeriesStore:
    made = SeriesStore()
    for pod, slope in (("a", 1.0), ("<b>", 2.0)):
        for tick in range(41):
            made.append((("__name__", "queue"), ("pod", pod)), tick * 15_000, slope * tick)
    return made


def page(drawing: Drawing, expr: str = "queue", **more: object) -> ET.Element:
    panel = Panel("q & a", drawing, (Target(expr, "{{pod}}"),), **more)  # type: ignore[arg-type]
    text = drawn(Dashboard("test", (panel,), ("a heatmap",)), store(), 0, 10 * MINUTE)
    return ET.fromstring(text)  # noqa: S314 - our own, and it must be well-formed


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_a_chart_runs_from_its_first_value_to_its_last() -> None:
    found = page(Drawing.TIMESERIES)

    paths = [each.attrib["d"] for each in found.iter("path")]
    assert len(paths) == 2
    ends = [tuple(map(float, re.findall(r"[\d.]+", path)[-2:])) for path in paths]
    assert ends == [(520.0, 8.0), (520.0, 83.0)]  # b ends at the top, a half as high
    assert "<b> 80" in words(found)
    assert "00:10" in words(found)


def test_a_stat_a_gauge_and_a_table_show_their_values() -> None:
    assert "20 a" in words(page(Drawing.STAT, reduces_by="mean"))
    bars = [each.attrib["style"] for each in page(Drawing.GAUGE, maximum=80.0).iter("i")]
    assert sorted(bars) == ["width:100.0%", "width:50.0%"]
    rows = [words(row) for row in page(Drawing.TABLE).iter("tr")]
    assert sorted(rows) == ["<b>80", "a40"]


def test_what_finds_nothing_what_fails_and_what_is_left_out_say_so() -> None:
    assert "no data" in words(page(Drawing.STAT, "nothing"))
    assert "error:" in words(page(Drawing.TABLE, "queue + on () queue"))
    assert "a heatmap" in words(page(Drawing.STAT))


def test_a_table_of_several_queries_has_a_column_for_each() -> None:
    targets = (Target("queue", column="Depth"), Target("queue * 2", column="Twice"))
    panel = Panel("q", Drawing.TABLE, targets)
    found = ET.fromstring(drawn(Dashboard("t", (panel,)), store(), 0, 10 * MINUTE))  # noqa: S314  ours

    rows = [[words(cell) for cell in row] for row in found.iter("tr")]
    assert rows == [["pod", "Depth", "Twice"], ["<b>", "80", "160"], ["a", "40", "80"]]
