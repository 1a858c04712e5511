import math

import pytest

from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel, Target, Wording
from simulator.instruments.dashboards.terminal import drawn
from simulator.instruments.dashboards.units import written
from simulator.instruments.series.store import SeriesStore

MINUTE = 60_000


def store() -> SeriesStore:
    made = SeriesStore()
    for pod, slope in (("a", 1.0), ("b", 2.0)):
        for tick in range(41):
            made.append((("__name__", "queue"), ("pod", pod)), tick * 15_000, slope * tick)
    return made


def picture(panel: Panel) -> list[str]:
    return drawn(Dashboard("test", (panel,)), store(), 0, 10 * MINUTE, 80)[3:]


def test_a_chart_has_its_range_its_times_and_a_legend() -> None:
    lines = picture(Panel("queue", Drawing.TIMESERIES, (Target("queue", "{{pod}}"),)))

    text = "\n".join(lines)
    assert "80┤" in text
    assert "00:00" in text
    assert "00:10" in text
    assert [line.strip() for line in lines[-3:-1]] == ["⠤ b  80", "• a  40"]


def test_a_stat_shows_the_value_it_reduces_to() -> None:
    lines = picture(Panel("q", Drawing.STAT, (Target("sum(queue)", "all"),), reduces_by="mean"))

    assert lines[1].strip() == "60  all"


def test_a_gauge_is_full_at_its_maximum() -> None:
    lines = picture(
        Panel("q", Drawing.GAUGE, (Target("queue", "{{pod}}"),), maximum=80.0, minimum=0.0)
    )

    bars = [line.count("█") for line in lines[1:3]]
    assert bars == [19, 38]


@pytest.mark.parametrize("drawing", list(Drawing))
@pytest.mark.parametrize(
    ("expr", "value"), [("queue / 0", "∞"), ("queue - 1e300", "-1"), ("queue", "80")]
)
def test_whatever_the_values_there_is_a_picture(drawing: Drawing, expr: str, value: str) -> None:
    target = Target(f"{expr} > -Inf", "{{pod}}")

    lines = picture(Panel("q", drawing, (target,), minimum=7.0, maximum=7.0))

    (shown,) = [words for line in lines if "b" in (words := line.split())]
    assert any(word.startswith(value) for word in shown)


def test_what_finds_nothing_and_what_fails_say_so() -> None:
    assert picture(Panel("q", Drawing.STAT, (Target("nothing"),)))[1].strip() == "no data"
    assert picture(Panel("q", Drawing.TABLE, (Target("queue + on () queue"),)))[1].strip()[:6] == (
        "error:"
    )


def test_values_have_words_where_the_panel_has_some() -> None:
    idle, busy = Wording(math.nan, math.nan, "idle"), Wording(50.0, math.inf, "busy")
    words = {"wordings": (idle, busy), "nothing": "absent"}

    def stat(expr: str) -> list[str]:
        lines = picture(Panel("q", Drawing.STAT, (Target(expr, "{{pod}}"),), **words))  # type: ignore[arg-type]
        return [line.strip() for line in lines[1:-1]]

    assert stat("queue") == ["40  a", "busy  b"]
    assert stat("0 / (queue - queue)") == ["idle"]
    assert stat("nothing") == ["absent"]


def test_a_table_of_several_queries_has_a_column_for_each() -> None:
    targets = (
        Target("queue", is_instant=True, column="Depth"),
        Target("rate(queue{pod='a'}[1m])", is_instant=True, column="Growth", unit="percentunit"),
        Target("queue * 2"),
    )
    lines = picture(Panel("q", Drawing.TABLE, targets, heads=(("pod", "Pod"),)))

    assert [line.split() for line in lines[1:-1]] == [
        ["Pod", "Depth", "Growth"],
        ["a", "40", "6.67%"],
        ["b", "80", "-"],
    ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0123, "s", "12.3 ms"), (90.0, "s", "1.5 min"), (250.0, "ms", "250 ms"),
        (0.5, "percentunit", "50%"), (50.0, "percent", "50%"), (2048.0, "bytes", "2 KiB"),
        (1500.0, "short", "1.5 K"), (12.0, "reqps", "12/s"), (math.nan, "s", "-"),
        (math.inf, "short", "∞"), (0.0, "s", "0 s"), (12345.0, "cows", "12345 cows"),
        (1500.0, "count:tok/s", "1.5 k tok/s"), (3.0, "prefix:$", "$3"), (3.0, "suffix:x", "3 x"),
        (1.5e9, "hertz", "1.5 GHz"), (40960.0, "mbytes", "40 GiB"), (7200.0, "dtdurations", "2 h"),
    ],
)  # fmt: skip
def test_values_are_written_in_their_unit(value: float, unit: str, text: str) -> None:
    assert written(value, unit) == text
