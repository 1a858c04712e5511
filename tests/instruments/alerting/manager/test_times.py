from datetime import UTC, datetime

import pytest

from simulator.instruments.alerting.located import Reader
from simulator.instruments.alerting.manager.reading_times import read_times
from simulator.instruments.alerting.manager.times import is_inside


def inside(text: str, moment: str) -> bool:
    reader = Reader("times")
    root = reader.compose(f"[{text}]")
    intervals = read_times(reader, root)
    assert reader.mistakes == []
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return is_inside(intervals, int(at.timestamp() * 1000))


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        ("{}", "2026-03-03T09:00", True),
        ("{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-03-03T09:00", True),
        ("{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-03-03T17:00", False),
        ("{times: [{start_time: '09:00', end_time: '24:00'}]}", "2026-03-03T23:59", True),
        ("{weekdays: ['monday:friday']}", "2026-03-03T09:00", True),
        ("{weekdays: ['saturday', 'sunday']}", "2026-03-03T09:00", False),
        ("{days_of_month: ['-1']}", "2026-02-28T09:00", True),
        ("{days_of_month: ['31']}", "2026-02-28T09:00", True),
        ("{days_of_month: ['1:5']}", "2026-02-28T09:00", False),
        ("{months: ['december:december', '3']}", "2026-03-03T09:00", True),
        ("{years: ['2027:2030']}", "2026-03-03T09:00", False),
        ("{times: [{start_time: '09:00', end_time: '10:00'}], location: Asia/Kolkata}",
         "2026-03-03T04:00", True),
    ],
)  # fmt: skip
def test_an_interval_holds_what_every_field_allows(
    text: str, moment: str, *, expected: bool
) -> None:
    assert inside(text, moment) is expected
