import pytest

from simulator.instruments.series.log_patterns import patterns, template_of
from simulator.instruments.series.logs import LogEntry, Severity
from simulator.units import MINUTE


def entry(minute: float, message: str) -> LogEntry:
    return LogEntry(int(minute * MINUTE), Severity.WARN, "gateway", "gateway-0", message)


@pytest.mark.parametrize(
    ("message", "template"),
    [
        (
            "upstream llm/llm-2 timed out after 30.00 s",
            "upstream llm/llm-<n> timed out after <n> s",
        ),
        ("trace 00ffab12cd34ef56 failed", "trace <id> failed"),
        ("h100 is full", "h100 is full"),
    ],
)
def test_numbers_and_ids_become_placeholders(message: str, template: str) -> None:
    assert template_of(message) == template


def test_what_is_new_or_far_more_frequent_is_marked() -> None:
    old = [entry(k, "served 5 calls") for k in range(1, 11)]
    usual = [entry(10 + k / 2, "served 7 calls") for k in range(1, 9)]
    rush = [entry(2, "timed out after 1 s")]
    rush += [entry(10 + k / 10, f"timed out after {k} s") for k in range(1, 31)]
    fresh = [entry(14, "connection reset")]

    found = patterns([*old, *usual, *rush, *fresh], 10 * MINUTE, 15 * MINUTE)

    seen = {each.template: (each.count, each.is_new, each.is_unusual) for each in found}
    assert seen == {
        "timed out after <n> s": (30, False, True),
        "served <n> calls": (8, False, False),
        "connection reset": (1, True, True),
    }
    assert [each.count for each in found] == [30, 8, 1]
