"""Windows and thresholds of burn-rate alerts, and the rules written from them."""

import pytest

from simulator.instruments.alerting.group import RunningGroup
from simulator.instruments.alerting.model import AlertRule
from simulator.instruments.alerting.rules import read_rules
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.slo.generated import Slo, rules_text
from simulator.instruments.slo.windows import burn_windows, duration_text

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
FIRST_TOKEN = Slo("first-token", "chat", "ttft", 2.0, 0.99, 30 * DAY)
ANSWERED = Slo("answered", "chat", "outcome", None, 0.95, 30 * DAY)


def test_thirty_days_give_the_table_of_the_sre_workbook() -> None:
    found = burn_windows(30 * DAY)

    assert [(w.severity, round(w.factor, 9), w.long_ms, w.short_ms) for w in found] == [
        ("page", 14.4, HOUR, 5 * MINUTE),
        ("page", 6.0, 6 * HOUR, 30 * MINUTE),
        ("ticket", 3.0, DAY, 2 * HOUR),
        ("ticket", 1.0, 3 * DAY, 6 * HOUR),
    ]


@pytest.mark.parametrize("window_ms", [2 * HOUR, 12 * HOUR, 2 * DAY, 7 * DAY, 28 * DAY, 90 * DAY])
def test_other_windows_spend_the_same_share_of_the_budget(window_ms: int) -> None:
    found = burn_windows(window_ms)

    for window in found:
        assert window.short_ms >= 4 * 15_000
        assert window.short_ms % 15_000 == window.long_ms % 15_000 == 0
        assert window.long_ms > window.short_ms
        share = window.factor * window.long_ms / window_ms
        assert share == pytest.approx(0.02 if window is found[0] else share)
        assert round(share, 9) in {0.02, 0.05, 0.1}


@pytest.mark.parametrize(
    ("ms", "text"), [(300_000, "5m"), (5_400_000, "1h30m"), (90_000, "1m30s"), (30 * DAY, "30d")]
)
def test_durations_are_written_as_promql_does(ms: int, text: str) -> None:
    assert duration_text(ms) == text


@pytest.mark.parametrize("slo", [FIRST_TOKEN, ANSWERED, Slo("quick", "x", "e2e", 0.5, 0.9, DAY)])
def test_every_objective_gives_rules_that_read_plan_and_evaluate(slo: Slo) -> None:
    groups = read_rules(rules_text([slo]), "generated.yaml")

    store = SeriesStore()
    alerts = [r for g in groups for r in g.rules if isinstance(r, AlertRule)]
    assert [dict(alert.labels)["severity"] for alert in alerts] == ["page", "ticket"]
    for group in groups:
        running = RunningGroup(group, store)
        running.evaluate(0)
        assert running.failures == []


def severities(errors_share: float) -> list[str]:
    """Which alerts of a 99 % objective fire after three hours of a constant share of errors."""
    store = SeriesStore()
    for t_ms in range(0, 3 * HOUR + 1, 15_000):
        for code, share in (("200", 1 - errors_share), ("500", errors_share)):
            labels = (("__name__", "http_requests_total"), ("code", code), ("route", "chat"))
            store.append(labels, t_ms, share * t_ms / 10)
    strict = Slo("answered", "chat", "outcome", None, 0.99, 30 * DAY)
    found: list[str] = []
    for group in read_rules(rules_text([strict]), "generated.yaml"):
        running = RunningGroup(group, store)
        running.evaluate(3 * HOUR)
        found += [dict(alert.labels)["severity"] for alert in running.alerts()]
    return found


@pytest.mark.parametrize(
    ("errors_share", "expected"),
    [
        (0.2, ["page", "ticket"]),
        (0.065, ["page", "ticket"]),
        (0.055, ["ticket"]),
        (0.011, ["ticket"]),
        (0.009, []),
    ],
)
def test_alerts_fire_above_their_burn_rate_and_not_below(
    errors_share: float, expected: list[str]
) -> None:
    assert severities(errors_share) == expected
