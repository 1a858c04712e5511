"""Objectives that alert on their burn: a past before the drill, a page, a panel, a budget."""

import pytest

from simulator.units import MINUTE, SECOND
from tests.drill.small import landed, seated, small

pytestmark = pytest.mark.xdist_group("small")

STRICT = (
    "objectives=[{name: first-token, class: chat, of: ttft, below: 3s, share: 99%, "
    "window: 12h, burn_rate_alerts: true}]"
)


def test_a_healthy_system_has_all_its_budget_and_no_burn_alert() -> None:
    flight = seated(STRICT)
    flight.session.advance(30 * SECOND)

    assert [a for a in flight.drill.active_alerts() if "ErrorBudgetBurn" in str(a.labels)] == []
    assert flight.session.evaluate("slo:period_error_budget_remaining:ratio")[0][1] > 0.5


def test_an_objective_between_buckets_gets_a_bucket_of_its_own() -> None:
    flight = seated(STRICT)
    flight.session.advance(30 * SECOND)

    found = flight.session.evaluate(
        'gen_ai_server_time_to_first_token_seconds_bucket{route="chat",le="3.0"}'
    )

    assert len(found) == 1


def test_without_the_switch_nothing_is_recorded_and_the_panel_says_so() -> None:
    flight = seated()
    flight.session.advance(30 * SECOND)

    answer = flight.session.do("budget")

    assert "burn_rate_alerts" in answer.lines[0]
    assert flight.session.evaluate("slo:objective:ratio") == []


def test_an_outage_burns_the_budget_pages_and_shows_in_the_panel() -> None:
    flight = seated(
        STRICT,
        "faults=[{kind: load_spike, at: 20s, lasts: 5m, target: class/chat, multiplier: 8}]",
        "lasts=6m",
    )
    flight.session.advance(5 * MINUTE)

    burning = [
        dict(a.labels)
        for a in flight.drill.active_alerts()
        if dict(a.labels)["alertname"] == "ErrorBudgetBurn"
    ]
    lines = flight.session.do("budget").lines

    assert ("first-token", "page") in {(b["slo"], b["severity"]) for b in burning}
    assert lines[0].startswith("first-token: 99 % over 12 h")
    assert "extrapolated from its warm-up" in lines[-1]


def test_the_record_says_what_was_left_at_the_start() -> None:
    record = landed(seated(STRICT))

    assert record.header.budgets["first-token"] > 0.5


def test_the_switch_is_off_by_default() -> None:
    assert not any(each.burn_rate_alerts for each in small().objectives)
