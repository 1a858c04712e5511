import pytest

from simulator.errors import UsageError
from simulator.response.navigation import (
    GiveUp,
    Help,
    Navigation,
    Next,
    Play,
    Step,
    Undo,
    Until,
    parse_navigation,
)
from simulator.units import MINUTE, SECOND


@pytest.mark.parametrize(
    ("line", "wish"),
    [
        ("step", Step()),
        ("step 2m", Step.build({"lasts": "2m"})),
        ("next", Next()),
        ("until alert", Until(what="alert")),
        ("until alert QueueLong", Until(what="alert", alert="QueueLong")),
        ("until resolved", Until(what="resolved")),
        ("until 00:30", Until(what="time", ns=30 * MINUTE)),
        ("until 00:30:15", Until(what="time", ns=30 * MINUTE + 15 * SECOND)),
        ("until +5m", Until(what="span", ns=5 * MINUTE)),
        ("until max(up) == 0", Until(what="expr", expr="max(up) == 0")),
        ("until 1 > sum(up)", Until(what="expr", expr="1 > sum(up)")),
        ("until alert_count > 3", Until(what="expr", expr="alert_count > 3")),
        ("play", Play()),
        ("play x600", Play(pace="x600")),
        ("undo 2", Undo(count=2)),
        ("help scale", Help(topic="scale")),
        ("give-up", GiveUp()),
    ],
)
def test_wish_about_the_clock(line: str, wish: Navigation) -> None:
    assert parse_navigation(line) == wish


def test_command_is_no_navigation() -> None:
    assert parse_navigation("scale llm 6") is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("until", "until what"),
        ("until +soon", "not a duration"),
        ("step soon", "not a duration"),
        ("undo 0", "greater than or equal to 1"),
        ("play fast", "not a name|x60"),
    ],
)
def test_malformed_wish_says_what_to_write(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_navigation(line)


@pytest.mark.parametrize("line", ["until alert X", "until 00:30:00", "until +5m", "until a > 1"])
def test_wish_reads_as_it_was_typed(line: str) -> None:
    wish = parse_navigation(line)

    assert wish is not None
    assert f"until {wish.spoken()}" == line
