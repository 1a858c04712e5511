"""Every fault hurts users through the queues, and lifted leaves no trace."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from simulator import kinds
from simulator.debrief.grading import harm
from simulator.drill.effects import Affliction, Row
from simulator.drill.run import Flight
from simulator.faults._base import Fault
from simulator.plant.probes import EdgeProbe, ReplicaProbe
from simulator.record.model import Record
from simulator.taxonomy import Family
from tests.drill.small import (
    CHAT,
    FACTS,
    bad_by_minute,
    counted,
    landed,
    quiet,
    seated,
)

pytestmark = pytest.mark.xdist_group("small")


@dataclass(frozen=True, slots=True)
class Case:
    """A fault that strikes at minute 1 and is over two minutes later, and whom it hurts."""

    fault: str
    hurts: int = CHAT
    system: tuple[str, ...] = ()

    def written(self) -> str:
        lasts = "" if "lasts" in self.fault or "flush" in self.fault else "lasts: 2m, "
        return f"faults=[{{at: 1m, {lasts}{self.fault}}}]"


NARROW = ("components.pages.keys_max=1300",)
"""A cache so small that the catalogue behind it is close to what its retries can break."""

CASES = {
    "bad_release": Case(
        "kind: bad_release, target: llm, revision: 2026-03, quality: 40%, note: model 2026-03"
    ),
    "cache_flush": Case(
        "kind: cache_flush, target: pages", system=("components.catalogue.workers=6",)
    ),
    "capacity_dip": Case(
        "kind: capacity_dip, target: catalogue, lasts: 20s, share_left: 20%", system=NARROW
    ),
    "lossy_link": Case("kind: lossy_link, target: gateway -> llm, share: 60%"),
    "load_spike": Case("kind: load_spike, target: class/chat, multiplier: 4"),
    "network_partition": Case("kind: network_partition, target: door -> provider", FACTS),
    "leaky_release": Case(
        "kind: leaky_release, target: gateway, per_second: 200Mi, revision: '1.1', "
        "note: gateway 1.1",
        system=("components.gateway.limits={memory: {max: 2Gi, base: 400Mi}}",),
    ),
    "node_loss": Case("kind: node_loss, target: node/gpu-1"),
    "prompt_mix_shift": Case(
        "kind: prompt_mix_shift, target: class/chat, share: 30%, "
        "prompt_tokens: {quantiles: {50%: 14000, 99%: 40000}}"
    ),
    "provider_overload": Case(
        "kind: provider_overload, target: provider, demand: 3",
        FACTS,
        ("components.provider.capacity={streams: 2000, others: 0.7}",),
    ),
    "provider_quota_cut": Case(
        "kind: provider_quota_cut, target: provider, share_left: 30%", FACTS
    ),
    "slow_link": Case("kind: slow_link, target: gateway -> llm, delay: 1200ms, jitter: 100ms"),
    "slow_gpu": Case("kind: slow_gpu, target: node/gpu-1, slowdown: 60"),
}
HEALS_ALONE = sorted(set(CASES) - {"cache_flush", "capacity_dip"})
"""All but those whose trouble outlives them: retries keep it up."""


@cache
def struck(kind: str) -> tuple[Record, tuple[Affliction, ...]]:
    """Perform a drill with one fault; return its record and what still holds at the end."""
    case = CASES[kind]
    flight = seated(case.written(), *case.system)
    record = landed(flight)
    return record, flight.drill.effects.held()


def _llm(flight: Flight) -> list[Row]:
    return [row for row in flight.drill.effects.rows.values() if row.component == "llm"]


def test_no_kind_of_fault_is_left_out() -> None:
    named: list[type[Fault]] = [kinds.load("faults", name) for name in kinds.names("faults")]

    # Those of the instruments hurt nobody: tests/drill/test_instruments_break.py has them.
    hurting = [f.kind_name for f in named if f.family is not Family.OBSERVABILITY]
    assert sorted(CASES) == sorted(hurting)


@pytest.mark.parametrize("kind", sorted(CASES))
def test_a_fault_hurts_its_users_and_nobody_before_it_strikes(kind: str) -> None:
    case = CASES[kind]

    (record, _), well = struck(kind), quiet(*case.system)

    found, usual = bad_by_minute(record, case.hurts), bad_by_minute(well, case.hurts)
    assert found[1:3].sum() > usual[1:3].sum() + 100
    assert found[0] <= usual[0] + 5  # a request under way when it strikes may be lost


@pytest.mark.parametrize("kind", HEALS_ALONE)
def test_a_fault_that_has_lifted_leaves_no_trace(kind: str) -> None:
    case = CASES[kind]

    (record, held), well = struck(kind), quiet(*case.system)

    assert held == ()
    found, usual = bad_by_minute(record, case.hurts), bad_by_minute(well, case.hurts)
    # Caches and queues remember a little, so the last minute may differ by a few requests.
    assert found[5] == pytest.approx(usual[5], abs=15)


@pytest.mark.parametrize("kind", sorted(CASES))
def test_a_fault_changes_no_arrival_but_where_it_is_arrivals(kind: str) -> None:
    case = CASES[kind]

    (record, _), well = struck(kind), quiet(*case.system)

    found, usual = harm.total(record), harm.total(well)
    if kind != "load_spike":
        assert (found == usual).all()
        return
    assert (found[:, FACTS] == usual[:, FACTS]).all()
    during = slice(6, 18)
    assert (
        np.delete(found, np.r_[during], axis=0) == np.delete(usual, np.r_[during], axis=0)
    ).all()
    assert (found[during, CHAT] > 3 * usual[during, CHAT]).all()


@pytest.mark.parametrize("kind", ["cache_flush", "capacity_dip"])
def test_retries_keep_a_storm_up_long_after_its_trigger(kind: str) -> None:
    (record, held), well = struck(kind), quiet(*CASES[kind].system)

    found, usual = bad_by_minute(record, CHAT), bad_by_minute(well, CHAT)
    assert held == ()
    assert found[5] > 3 * usual[5]
    assert (harm.total(record) == harm.total(well)).all()


def test_a_bad_release_changes_answers_and_nothing_a_status_code_shows() -> None:
    (record, _), well = struck("bad_release"), quiet()

    assert counted(record, "wrong", CHAT) > counted(well, "wrong", CHAT) + 300
    for outcome in ("refused", "abandoned", "failed"):
        assert counted(record, outcome, CHAT) == counted(well, outcome, CHAT)
    assert counted(record, "late", CHAT) <= counted(well, "late", CHAT) + 30


def test_rolling_back_cures_a_bad_release_and_restarting_does_not() -> None:
    fault = CASES["bad_release"].written().replace("lasts: 2m, ", "")
    records = []

    for command in ("restart llm", "rollback llm"):
        flight = seated(fault)
        flight.session.advance(2 * 60 * 10**9)
        flight.session.do(command)
        records.append(landed(flight))

    restarted, rolled_back = (int(bad_by_minute(record, CHAT)[5]) for record in records)
    assert restarted > 5 * rolled_back


def test_pods_of_the_old_revision_stay_good_while_it_rolls_out() -> None:
    fault = CASES["bad_release"].written().replace("quality: 40%", "quality: 0%")
    stuck = seated(fault, "nodes.gpu.count_max=3", "components.llm.replicas=3")
    landed(stuck)

    pods = stuck.drill.world.pods("llm")

    # There is no room for a pod of the new revision, so nobody is answered by one.
    assert {pod.revision for pod in pods if pod.is_ready} == {"2026-02"}


def test_a_restarted_pod_is_as_slow_on_the_same_host() -> None:
    fault = CASES["slow_gpu"].written().replace("lasts: 2m, ", "")
    flight = seated(fault)
    flight.session.advance(90 * 10**9)

    before = {row.pod: flight.drill.effects.host_slowdown(row.node or "") for row in _llm(flight)}
    flight.session.do("restart llm-1")
    flight.session.advance(150 * 10**9)
    after = {row.pod: flight.drill.effects.host_slowdown(row.node or "") for row in _llm(flight)}

    assert before == after
    assert sorted(before.values()) == [1.0, 60.0]
    assert bad_by_minute(landed(flight), CHAT)[5] > 100


def test_a_cut_quota_is_answered_429_and_refused() -> None:
    record, _ = struck("provider_quota_cut")

    assert counted(record, "refused", FACTS) > 300
    assert counted(record, "failed", FACTS) == 0


def test_a_host_that_was_drained_in_time_can_be_lost_without_harm() -> None:
    flight = seated(CASES["node_loss"].written())

    flight.session.do("drain gpu-1")
    record = landed(flight)

    assert [cause.component for cause in record.header.causes] == ["llm"]
    assert bad_by_minute(record, CHAT)[1:3].sum() < 100


def test_work_whose_answers_are_lost_is_done_in_vain() -> None:
    flight = seated(
        "faults=[{at: 1m, lasts: 2m, kind: network_partition, target: gateway -> llm, "
        "lost: answers}]"
    )
    flight.session.advance(170 * 10**9)

    edge = flight.drill.plant.edge_row(flight.drill.names.edges["gateway -> llm"])
    served = sum(
        int(flight.drill.plant.replica_row(row.number)[ReplicaProbe.COMPLETED])
        for row in _llm(flight)
    )
    assert served > int(edge[EdgeProbe.OK]) + 1500
    assert int(edge[EdgeProbe.CONNECT_FAILED]) == 0
    landed(flight)


def test_a_pod_cut_off_is_seen_by_those_who_call_it() -> None:
    flight = seated("faults=[{at: 1m, lasts: 2m, kind: network_partition, target: pod/llm-1}]")
    cut = next(row.number for row in _llm(flight) if row.pod == "llm-1")
    flight.session.advance(65 * 10**9)
    before = int(flight.drill.plant.replica_row(cut)[ReplicaProbe.ARRIVED])

    flight.session.advance(170 * 10**9)

    edge = flight.drill.plant.edge_row(flight.drill.names.edges["gateway -> llm"])
    assert int(flight.drill.plant.replica_row(cut)[ReplicaProbe.ARRIVED]) == before
    assert int(edge[EdgeProbe.CONNECT_FAILED]) > 300
    landed(flight)
