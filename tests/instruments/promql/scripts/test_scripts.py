import pytest

from simulator.errors import InvalidInput
from simulator.instruments.promql.scripts.model import (
    Clear,
    Evaluation,
    Expectation,
    Load,
    LoadedSeries,
)
from simulator.instruments.promql.scripts.reading import read_script
from simulator.instruments.promql.scripts.running import run
from simulator.instruments.series.block import ABSENT, STALE

UP = (("__name__", "up"), ("job", "a"))


def test_a_script_is_read_whole() -> None:
    found = read_script(
        """
        # a comment
        load 30s
          up{job="a"} 1 _ stale 2x1
          native {{schema:0}}

        eval instant at 1m up
          expect warn msg: "something"
          # of no account
          up{job="a"} 1
        clear
        eval range from 0 to 1m step 30s 1 + 1
          {} 2 2 2
        eval_fail instant at 1h5m rate(up)
        expected_fail_message no
        """
    )

    assert found.commands == (
        Load(
            3,
            30_000,
            (
                LoadedSeries(UP, (1.0, ABSENT, STALE, 2.0, 2.0)),
                LoadedSeries((("__name__", "native"),), (), "native histograms"),
            ),
        ),
        Evaluation(
            7, "up", 60_000, 60_000, 1, is_range=False,
            expectations=(Expectation("warn", "msg", "something"),), series=((UP, (1.0,)),),
        ),
        Clear(11),
        Evaluation(12, "1 + 1", 0, 60_000, 30_000, is_range=True, series=(((), (2.0, 2.0, 2.0)),)),
        Evaluation(
            14, "rate(up)", 3_900_000, 3_900_000, 1, is_range=False,
            expectations=(Expectation("fail"), Expectation("fail", "msg", "no")),
        ),
    )  # fmt: skip


def test_every_mistake_of_a_script_has_its_line() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_script(
            "load 5x\n  up 1\n\nload 5m\n  up what\n  up{ 1\n\nfetch up\n"
            "\neval banana\n\neval instant at 1m\n\neval range from 1m to 0 step 1m up\n"
            "\neval range from 0 to 1m step 0 up\n",
            "bad.test",
        )

    assert [(m.file, m.line) for m in refusal.value.mistakes] == [
        ("bad.test", 1), ("bad.test", 5), ("bad.test", 6), ("bad.test", 8),
        ("bad.test", 10), ("bad.test", 12), ("bad.test", 14), ("bad.test", 16),
    ]  # fmt: skip


def test_a_sample_loaded_twice_is_a_mistake() -> None:
    script = read_script("load 1m\n  up 1\n\nload 30s\n  up 1\n", "twice.test")

    with pytest.raises(InvalidInput, match=r"has a sample at 0.0 s already"):
        list(run(script))


@pytest.mark.parametrize(
    ("query", "expected", "says"),
    [
        ("up", "  up 2", "expected: up 2"),
        ("up", "  down 1", "expected: down 1"),
        ("up", "", "expected: nothing"),
        ("up", "  expect fail", "it should have failed"),
        ("rate(up)", "  up 1", "it failed: 1:6: parse error: expected type range vector"),
        ("rate(up)", "  expect fail msg: no", "expected: no"),
        ("quantile(2, up)", "  expect no_warn\n  {} Inf", "there should be no warn"),
        ("up", "  expect info\n  up 1", "no info is 'there'"),
        ("quantile(2, up)", "  expect warn regex: nothing\n  {} Inf", "no warn is 'nothing'"),
        ("1 + 1", "  3", "expected: 3.0"),
        ('"a"', '  expect string "b"', "found the text 'a'"),
        (
            'label_replace(up, "a", "b", "", "") or up',
            "  expect ordered\n  up 1\n  up{a='b'} 1",
            "a=",
        ),
    ],
)
def test_what_differs_is_said(query: str, expected: str, says: str) -> None:
    script = read_script(f"load 1m\n  up 1\n\neval instant at 0 {query}\n{expected}\n")

    verdicts = list(run(script))

    assert says in verdicts[0].failure


def test_series_alike_without_their_names_may_take_turns() -> None:
    script = read_script(
        "load 1m\n  a 1 stale\n  b _ 2\n\neval range from 0 to 1m step 1m -a or -b\n  {} -1 -2\n"
    )

    verdicts = list(run(script, names_go_last=True))

    assert [verdict.failure for verdict in verdicts] == [""]


def test_native_histograms_and_experiments_are_skipped_with_a_reason() -> None:
    script = read_script(
        "load 1m\n  h {{schema:0}}\n  c{x='a b'}@st -1mx1\n  c{x='a b'} 1\n\n"
        "eval instant at 0 h\n\n"
        "eval instant at 0 mad_over_time(x[5m])\n"
        "\neval instant at 0 histogram_count(x)\n\neval instant at 0 x\n  x {{schema:0}}\n"
        "\neval instant at 0 c\n\neval instant at 0 x + fill(0) y\n"
    )

    reasons = [verdict.skipped for verdict in run(script)]

    assert reasons == [
        "selects native histograms",
        'uses what is experimental: 1:1: parse error: function "mad_over_time" is not enabled',
        "histogram_count() is a function of native histograms",
        "expects native histograms",
        "selects series with start timestamps",
        "uses what is newer than Prometheus 3.5: fill",
    ]
