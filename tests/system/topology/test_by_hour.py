"""Factors by hour of the day are read as they are written, with straight lines between."""

import pytest

from simulator.system.topology.by_hour import by_hour


def test_between_written_hours_lie_straight_lines_round_the_clock() -> None:
    found = by_hour({22: 1.0, 2: 2.0, 12: 1.0})

    assert [found[hour] for hour in (22, 23, 0, 1, 2)] == [1.0, 1.25, 1.5, 1.75, 2.0]
    assert [found[hour] for hour in (7, 12, 17)] == [1.5, 1.0, 1.0]


def test_one_hour_is_every_hour() -> None:
    assert by_hour({5: 1.3}) == (1.3,) * 24


def test_a_whole_day_is_taken_as_written() -> None:
    day = [1.0 + hour / 100 for hour in range(24)]

    assert by_hour(day) == tuple(day)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2.0, "2.0 does not say factors by hour"),
        ({}, "does not say factors by hour"),
        ({9: 0}, "a factor is above 0 and at most 100; found 0"),
        ({9: True}, "True is not a factor"),
        ({"nine": 1.0}, "'nine' is not a full hour"),
    ],
)
def test_what_is_no_day_says_what_to_write(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        by_hour(value)
