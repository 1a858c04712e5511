"""Faults that find their target gone, taken already, or cut to nothing never stop a drill."""

import pytest

from simulator.units import SECOND
from tests.drill.small import FACTS, counted, landed, seated

pytestmark = pytest.mark.xdist_group("small")


def _faults(*faults: str) -> str:
    return f"faults=[{', '.join(faults)}]"


def test_a_pod_that_was_replaced_before_the_strike_stops_nothing() -> None:
    flight = seated(_faults("{kind: capacity_dip, at: 90s, target: pod/catalogue-0, lasts: 10s}"))
    flight.session.advance(5 * SECOND)
    flight.session.do("restart catalogue")

    record = landed(flight)

    assert [cause.component for cause in record.header.causes] == ["catalogue"]


def test_a_node_lost_twice_comes_back_when_the_last_cause_lifts() -> None:
    flight = seated(
        _faults(
            "{kind: node_loss, at: 10s, lasts: 60s, target: node/gpu-0}",
            "{kind: node_loss, at: 20s, lasts: 10s, target: node/gpu-0}",
        )
    )

    flight.session.advance(65 * SECOND)
    seen_while_one_holds = flight.drill.world.node("gpu-0").is_ready
    flight.session.advance(75 * SECOND)
    seen_after = flight.drill.world.node("gpu-0").is_ready

    assert (seen_while_one_holds, seen_after) == (False, True)


def test_a_quota_cut_to_nothing_refuses_everything() -> None:
    flight = seated(_faults("{kind: provider_quota_cut, at: 0s, target: provider, share_left: 0%}"))

    record = landed(flight)

    assert counted(record, "refused", FACTS) > 100
    assert counted(record, "good", FACTS) == 0


def test_nobody_is_told_why_a_pod_stays_terminating_before_its_node_is_known_lost() -> None:
    flight = seated(_faults("{kind: node_loss, at: 10s, target: node/gpu-0}"))
    flight.session.advance(11 * SECOND)

    flight.session.do("drain llm-0")

    assert (flight.drill.world.node("gpu-0").is_ready, flight.drill.world.pod("llm-0").reason) == (
        True,
        "",
    )
