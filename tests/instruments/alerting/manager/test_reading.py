from pathlib import Path

import pytest

from simulator.errors import InvalidInput
from simulator.instruments.alerting.manager.matching import format_matchers, read_matchers
from simulator.instruments.alerting.manager.reading import read_config
from simulator.instruments.series.labels import labels_of
from simulator.instruments.series.matchers import Matcher

SAMPLE = Path(__file__).parents[5] / "shared/data/alertmanager/conf.good.yml"

BROKEN = """
route:
  receiver: a
  matchers: [x=y]
  group_interval: 0s
  grup_by: [a]
  routes:
  - receiver: bb
    matchers: ['sev=~"(("', 'nonsense']
    mute_time_intervals: [nights]
  - oops
time_intervals:
- name: night
  time_intervals:
  - times: [{start_time: 17:00, end_time: '25:00'}]
    weekdays: [monday:fryday]
    location: Nowhere/X
receivers:
- name: ab
  slak_configs: []
- {}
inhibit_rules: 5
"""


def test_every_mistake_is_found_at_once_and_in_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_config(BROKEN, "am.yml")

    found = [(m.line, m.col, m.code) for m in sorted(caught.value.mistakes)]
    assert found == [
        (3, 13, "unknown-receiver"), (4, 13, "unknown-key"), (5, 19, "bad-duration"),
        (6, 3, "unknown-key"), (8, 15, "unknown-receiver"), (9, 16, "bad-matcher"),
        (9, 29, "bad-matcher"), (10, 27, "unknown-time-interval"), (11, 5, "wrong-type"),
        (15, 43, "bad-time"), (16, 16, "bad-range"), (17, 15, "unknown-time-zone"),
        (20, 3, "unknown-key"), (21, 3, "missing-key"), (22, 16, "wrong-type"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "route: 5", "route: {receiver: [a]}", "{", "a: b"])
def test_nonsense_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_config(text, "am.yml")

    assert all(mistake.file == "am.yml" and mistake.line >= 1 for mistake in caught.value.mistakes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a="b"', (Matcher("a", "=", "b"),)),
        ("a=b", (Matcher("a", "=", "b"),)),
        ('{a="b", c!~"d.*"}', (Matcher("a", "=", "b"), Matcher("c", "!~", "d.*"))),
        ('a != "x,\\"y\\""', (Matcher("a", "!=", 'x,"y"'),)),
        ('"a label"=b', (Matcher("a label", "=", "b"),)),
        ("a=", (Matcher("a", "=", ""),)),
    ],
)
def test_matchers_are_read_as_amtool_reads_them(text: str, expected: tuple[Matcher, ...]) -> None:
    assert read_matchers(text) == expected


@pytest.mark.parametrize("text", ["", "{}", "a", "=b", "{a=b", "a=b c=d", "a==b", "a=~(("])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"matcher|brace|regexp"):
        read_matchers(text)


def test_matchers_are_written_as_they_can_be_read() -> None:
    matchers = read_matchers("a=b,c!~d.*")

    assert format_matchers(matchers) == '{a="b",c!~"d.*"}'
    assert read_matchers(format_matchers(matchers)) == matchers


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample configuration is not on this machine")
@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, ["team-X-mails"]),
        ({"service": "foo1", "severity": "critical"}, ["team-X-pager"]),
        ({"service": "files"}, ["team-Y-mails"]),
        ({"service": "database", "owner": "team-Y", "owner2": "team-X"},
         ["team-X-pager", "team-Y-pager"]),
        ({"service": "database"}, ["team-DB-pager"]),
    ],
)  # fmt: skip
def test_the_sample_routes_as_amtool_says(labels: dict[str, str], receivers: list[str]) -> None:
    config = read_config(SAMPLE.read_text(), SAMPLE.name)

    assert [route.receiver for route in config.route.matching(labels_of(labels))] == receivers
