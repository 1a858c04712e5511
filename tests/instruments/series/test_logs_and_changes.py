import pytest

from simulator.errors import QueryError
from simulator.instruments.series.changes import ChangeEntry, ChangeStore
from simulator.instruments.series.logs import LogEntry, LogStore, Severity
from simulator.units import SECOND


def entry(second: float, message: str, severity: Severity = Severity.INFO) -> LogEntry:
    fields = (("status", "503"),)
    return LogEntry(int(second * SECOND), severity, "decode", "decode-0", message, "t1", fields)


def test_search_narrows_by_time_level_place_and_text() -> None:
    logs = LogStore()
    for second in (3, 1, 2):
        logs.append(entry(second, f"slow {second}", Severity(10 * second)))

    assert [e.message for e in logs.search()] == ["slow 1", "slow 2", "slow 3"]
    assert [e.message for e in logs.search(since_ns=2 * SECOND)] == ["slow 2", "slow 3"]
    assert [e.message for e in logs.search(until_ns=2 * SECOND)] == ["slow 1", "slow 2"]
    assert [e.message for e in logs.search(level=Severity.WARN)] == ["slow 3"]
    assert [e.message for e in logs.search(grep="slow [13] .*=503")] == ["slow 1", "slow 3"]
    assert [e.message for e in logs.search(limit=1)] == ["slow 3"]
    assert logs.search(component="gateway") == []


def test_a_stream_that_writes_too_fast_loses_lines_and_says_how_many() -> None:
    logs = LogStore(lines_per_second=2)

    kept = [logs.append(entry(0.1 * i, f"line {i}")) for i in range(5)]
    logs.append(entry(1.5, "next"))

    assert kept == [True, True, False, False, False]
    assert logs.dropped == 3
    assert [e.message for e in logs.search(since_ns=SECOND)] == [
        "3 messages were dropped by the rate limit",
        "next",
    ]


def test_a_bad_pattern_is_refused() -> None:
    with pytest.raises(QueryError, match="not a regular expression"):
        LogStore().search(grep="(")


def test_changes_come_in_order_of_time() -> None:
    changes = ChangeStore()
    for second, kind in ((2, "deploy"), (1, "flag")):
        changes.append(ChangeEntry(second * SECOND, "decode", kind, f"{kind} at {second}"))

    assert [c.text for c in changes.search()] == ["flag at 1", "deploy at 2"]
    assert [c.text for c in changes.search(kind="deploy")] == ["deploy at 2"]
    assert [c.text for c in changes.search(since_ns=2 * SECOND)] == ["deploy at 2"]
