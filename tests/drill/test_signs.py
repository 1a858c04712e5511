"""Looks at events, tickets, anomalies, exemplars and business figures, in a small drill."""

import re
from functools import cache

import pytest

from simulator.drill.run import Flight
from simulator.instruments.handover import openmetrics
from simulator.instruments.traces.exemplars import exemplars
from simulator.units import MINUTE
from tests.drill.small import seated

pytestmark = pytest.mark.xdist_group("small")

SLOW = "faults=[{at: 1m, kind: slow_gpu, target: node/gpu-1, slowdown: 60}]"
TICKETS = "classes.chat.tickets={bad: 20%, delay: 1m}"


@cache
def flown() -> Flight:
    flight = seated(SLOW, TICKETS, "tracing={share: 50%, ordinary: 100%}")
    flight.session.advance(5 * MINUTE)
    flight.session.do("restart llm-1")
    return flight


def said(command: str) -> tuple[str, ...]:
    return flown().session.do(command).lines


def value(expr: str) -> float:
    return sum(number for _, number in flown().session.evaluate(expr))


def test_events_show_what_controllers_said_of_objects() -> None:
    lines = said("events llm --since 1h")

    assert lines[0].split()[:4] == ["last", "seen", "type", "reason"]
    assert any("pod/llm-1" in line for line in lines[1:])
    assert said("events gateway --warnings") == ("no events",)


def test_users_who_were_let_down_write_tickets_late() -> None:
    lines = said("tickets chat --since 30m")

    written = [line.split()[0] for line in lines[1:]]
    assert len(written) > 10
    assert written == sorted(written)
    assert value('support_tickets_total{route="chat"}') > 10
    assert value('support_tickets_total{route="facts"}') < 5


def test_anomalies_name_the_lines_that_moved() -> None:
    moved, every = said("anomalies --since 3m"), said("anomalies --since 3m --all")

    assert 1 < len(moved) < len(every)
    assert all(line.startswith("!") for line in moved[1:])
    assert any("llm" in line and "waiting" in line for line in moved)
    assert any("chat" in line and "not answered" in line for line in moved)
    assert not any("catalogue" in line and "replicas" in line for line in moved)


def test_an_exemplar_leads_from_a_bucket_to_a_trace_and_back() -> None:
    rows = [line.split() for line in said("exemplars chat")[1:]]

    bounds = [float(row[1].replace("+Inf", "inf")) for row in rows]
    assert bounds == sorted(bounds)
    drawn = said(f"trace {rows[-1][-1]}")
    assert any(line.startswith("exemplar of http_request_duration") for line in drawn)
    for row in rows:
        assert float(row[2]) <= float(row[1].replace("+Inf", "inf"))


def test_business_figures_are_what_was_counted() -> None:
    answered = value('business_answers_total{route="chat"}')
    counted = value('sum(http_requests_total{route="chat",code="200"})')

    assert answered == pytest.approx(counted, rel=0.2)
    assert value('business_conversion_ratio{route="facts"}') > 0.95
    assert value("business_cost_per_hour") == pytest.approx(3 * 2.5)
    assert any("Cost per hour" in line for line in said("dashboard business"))


def test_scores_come_in_late() -> None:
    flight = seated("classes.chat.evaluation={share: 100%, delay: 4m}", "warm_up=0s")
    flight.session.advance(100 * 10**9)

    early = flight.session.evaluate('sum(answers_evaluated_total{route="chat"})')
    flight.session.idle_to_end()
    late = flight.session.evaluate('sum(answers_evaluated_total{route="chat"})')

    assert early[0][1] == 0
    assert late[0][1] > 500


def test_openmetrics_carry_exemplars_beside_their_buckets() -> None:
    drill = flown().drill
    seen = list(exemplars(drill.store, drill.traces.search(drill.clock.now)))
    shown = [openmetrics.Shown(each, drill.calendar.ms(each.t_ns)) for each in seen]

    lines = [line for line in openmetrics.lines(drill.store, shown) if " # {" in line]

    assert lines
    for line in lines:
        match = re.search(r'le="([^"]+)".* ([\d.]+) # \{trace_id="\w{32}"\} (\S+) ([\d.]+)$', line)
        assert match is not None, line
        bound, scraped, took, ended = match.groups()
        assert float(took) <= float(bound.replace("+Inf", "inf"))
        assert float(ended) <= float(scraped)
