"""Every fault of the instruments moves what a responder sees and no user, and lifts without trace.

Times: it strikes at minute 1 and lifts at minute 3; minute 5 is asked whether all is as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from simulator import kinds
from simulator.drill.run import Flight
from simulator.faults._base import Fault
from simulator.instruments.dashboards.library import dashboard
from simulator.record.model import Record
from simulator.taxonomy import Family
from simulator.units import MINUTE, SECOND
from tests.drill.small import landed, seated

pytestmark = pytest.mark.xdist_group("small")

Sight = tuple[str, ...] | float


def value(expr: str) -> Callable[[Flight], Sight]:
    """What a query answers; NaN-free, 0 when there is nothing."""
    return lambda flight: sum(v for _, v in flight.session.evaluate(expr))


def firing(flight: Flight) -> Sight:
    alerts = flight.drill.active_alerts()
    return tuple(sorted({dict(a.labels)["alertname"] for a in alerts if a.state == "firing"}))


def panel(flight: Flight) -> Sight:
    """A panel's expression, as the dashboard has it."""
    shown = flight.drill.world.monitoring.shown("llm", dashboard("llm", flight.drill.kinds))
    return tuple(t.expr for p in shown.panels if p.title == "Tokens" for t in p.targets)


def lines(flight: Flight) -> Sight:
    now = flight.drill.clock.now
    return float(len(flight.drill.logs.search(since_ns=now - MINUTE)))


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, how it is seen, and what kind of difference it makes."""

    fault: str
    sees: Callable[[Flight], Sight]
    differs: Callable[[Sight, Sight], bool]
    system: tuple[str, ...] = ()


def _fewer(struck: Sight, well: Sight) -> bool:
    assert isinstance(struck, float | int)
    assert isinstance(well, float | int)
    return struck < 0.5 * well


def _more(struck: Sight, well: Sight) -> bool:
    return _fewer(well, struck)


CASES = {
    "exporter_down": Case("target: llm", value('sum(up{job="llm"})'), _fewer),
    "scrape_lag": Case("slowdown: 8", value('count_over_time(up{pod="llm-0"}[1m])'), _fewer),
    "lost_logs": Case("share: 90%", lines, _fewer),
    "cardinality_blowup": Case(
        "target: door, revision: two, note: door two, values: 500",
        value("prometheus_tsdb_head_series"),
        lambda struck, well: float(struck) > float(well) + 300,  # type: ignore[arg-type]
    ),
    "wrong_dashboard": Case(
        "dashboard: llm, panel: Tokens, shows: door", panel, lambda struck, well: struck != well
    ),
    "oversensitive_rules": Case(
        "sensitivity: 50",
        firing,
        lambda struck, well: (struck, well) == (("AnswersFail",), ()),
        ("components.provider.quota.requests=30/m", "workload[1].poisson=0.7/s"),
    ),
    "missing_alert": Case(
        "alerts: [AnswersFail]",
        firing,
        lambda struck, well: (struck, well) == ((), ("AnswersFail",)),
        ("components.provider.quota.requests=600/m",),
    ),
    "chronic_alert": Case(
        "alert: DiskFills", firing, lambda struck, well: (struck, well) == (("DiskFills",), ())
    ),
}


def written(kind: str) -> str:
    at = "" if kind == "chronic_alert" else "at: 1m, lasts: 2m, "
    return f"faults=[{{kind: {kind}, {at}{CASES[kind].fault}}}]"


@cache
def flown(kind: str, *, is_struck: bool) -> tuple[dict[int, Sight], Record]:
    """What is seen at minutes 2 and 5 (of the drill), and the record."""
    case = CASES[kind]
    flight = seated(*case.system, *([written(kind)] if is_struck else []))
    seen = {}
    for minute in (2, 5):
        flight.session.advance(minute * MINUTE + 55 * SECOND)
        seen[minute] = case.sees(flight)
    return seen, landed(flight)


def test_no_kind_of_the_family_is_left_out() -> None:
    named: list[type[Fault]] = [kinds.load("faults", name) for name in kinds.names("faults")]

    family = [kind.kind_name for kind in named if kind.family is Family.OBSERVABILITY]
    assert sorted(CASES) == family


@pytest.mark.parametrize("kind", sorted(CASES))
def test_it_moves_what_a_responder_sees(kind: str) -> None:
    (struck, _), (well, _) = flown(kind, is_struck=True), flown(kind, is_struck=False)

    assert CASES[kind].differs(struck[2], well[2])


@pytest.mark.parametrize("kind", sorted(set(CASES) - {"cardinality_blowup"}))
def test_it_moves_no_user(kind: str) -> None:
    (_, struck), (_, well) = flown(kind, is_struck=True), flown(kind, is_struck=False)

    assert (struck.outcomes == well.outcomes).all()


@pytest.mark.parametrize("kind", sorted(set(CASES) - {"cardinality_blowup", "chronic_alert"}))
def test_lifted_it_leaves_no_trace(kind: str) -> None:
    (struck, _), (well, _) = flown(kind, is_struck=True), flown(kind, is_struck=False)

    assert struck[5] == pytest.approx(well[5])


CURES = {
    "exporter_down": "restart llm",
    "scrape_lag": "restart monitoring/prometheus",
    "lost_logs": "restart monitoring/log-collector",
    "cardinality_blowup": "rollback door",
    "wrong_dashboard": "rollback monitoring/dashboards",
    "oversensitive_rules": "rollback monitoring/rules",
    "missing_alert": "rollback monitoring/rules",
}


@pytest.mark.parametrize("kind", sorted(CURES))
def test_the_right_action_cures_it(kind: str) -> None:
    case = CASES[kind]
    flight = seated(*case.system, written(kind).replace("lasts: 2m, ", ""))
    flight.session.advance(2 * MINUTE)
    before = case.sees(flight)

    answer = flight.session.do(CURES[kind])
    flight.session.advance(5 * MINUTE + 55 * SECOND)

    well = flown(kind, is_struck=False)[0]
    assert not answer.is_refused
    if kind == "cardinality_blowup":
        split = value('count(http_server_requests_total{job="door",user_id!=""}) or vector(0)')
        assert split(flight) == 0
    else:
        assert case.sees(flight) == pytest.approx(well[5]), before


def test_gauges_vanish_at_once_and_rates_linger_for_their_window() -> None:
    flight = seated(written("exporter_down"))
    flight.session.advance(MINUTE + 20 * SECOND)

    gauge = flight.session.evaluate("sum(vllm:num_requests_running)")
    rate = flight.session.evaluate("sum(rate(vllm:generation_tokens_total[1m]))")
    flight.session.advance(2 * MINUTE + 5 * SECOND)
    later = flight.session.evaluate("sum(rate(vllm:generation_tokens_total[1m]))")

    assert gauge == []
    assert rate[0][1] > 0
    assert later == []


def test_a_scrape_over_the_sample_limit_fails_as_a_whole() -> None:
    limit = "monitoring.sample_limit=150"
    flight = seated(limit, written("cardinality_blowup"))
    flight.session.advance(2 * MINUTE + 55 * SECOND)

    up = flight.session.evaluate('sum(up{job="door",pod=~".+"})')
    scraped = flight.session.evaluate('max(scrape_samples_scraped{job="door"})')
    over = flight.session.evaluate("prometheus_target_scrapes_exceeded_sample_limit_total")

    assert up[0][1] == 0
    assert scraped[0][1] > 150
    assert over[0][1] > 0


def test_a_small_prometheus_falls_behind_a_blown_up_label_and_misses_rules() -> None:
    small = "monitoring={samples_per_second: 60, busy: 10%}"
    flight = seated(small, written("cardinality_blowup"))
    before = flight.session.evaluate("sum(prometheus_rule_group_iterations_missed_total)")
    flight.session.advance(3 * MINUTE)

    missed = flight.session.evaluate("sum(prometheus_rule_group_iterations_missed_total)")
    lasts = flight.session.evaluate('max(scrape_duration_seconds{job="llm"})')

    assert before[0][1] == 0
    assert missed[0][1] > 0
    assert lasts[0][1] > 15


def test_split_series_add_up_to_what_was_counted() -> None:
    flight = seated(written("cardinality_blowup"))
    flight.session.advance(2 * MINUTE + 55 * SECOND)

    split = flight.session.evaluate(
        'sum by (pod) (http_server_requests_total{job="door",code="200",user_id!=""})'
    )
    counted = flight.session.evaluate('http_server_request_duration_seconds_count{job="door"}')

    totals = {labels["pod"]: number for labels, number in counted}
    assert {labels["pod"]: number for labels, number in split} == {
        pod: totals[pod] for pod in (labels["pod"] for labels, _ in split)
    }
    assert split


def test_rules_that_were_deleted_end_their_alerts_as_alertmanager_would() -> None:
    flight = seated(
        *CASES["missing_alert"].system, written("missing_alert").replace("lasts: 2m, ", "")
    )
    flight.session.advance(70 * SECOND)
    firing_then = flight.session.evaluate('ALERTS{alertname="AnswersFail"}')
    flight.session.idle_to_end()

    entries = [e for e in flight.session.entries() if e.subject == "AnswersFail"]

    assert firing_then == []
    kinds_of = [e.kind for e in entries if e.kind in ("fired", "resolved")]
    assert kinds_of == ["fired", "resolved"]
    resolved = next(e for e in entries if e.kind == "resolved")
    # The last notice, at most one interval before the strike, named an end four minutes later.
    assert 4 * MINUTE <= resolved.at - flight.session.warm_up <= 5 * MINUTE + 15 * SECOND


def test_silencing_is_how_a_chronic_alert_is_borne() -> None:
    flight = seated(written("chronic_alert"))

    assert "DiskFills" in "\n".join(flight.session.do("alerts").lines)
    flight.session.do("silence alertname=DiskFills --comment old")

    assert any("muted" in line for line in flight.session.do("alerts").lines)
