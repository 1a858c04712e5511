"""Balancers: who gets how much, who keeps what, and what old news does."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant import listing
from simulator.plant.api import ReplicaKnob
from simulator.plant.hardware import lookup
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe, ReplicaProbe
from simulator.plant.spec import (
    Call,
    ClassSpec,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    SharedPrompt,
    Workers,
)
from tests.plant.systems import (
    MS,
    SECOND,
    Times,
    exponential,
    fixed,
    plant,
    poisson,
    pool,
    run_until,
)

POLICIES = ("round_robin", "least_request", "least_loaded", "random")


def _arrived(system: Plant, count: int, first: int = 0) -> NDArray[np.int64]:
    rows = [system.replica_row(first + r)[ReplicaProbe.ARRIVED] for r in range(count)]
    return np.array(rows, dtype=np.int64)


def _spread(
    replicas: int, source: Times, *, service_ms: float = 50.0, workers: int = 50, **edge: Any
) -> Plant:
    """Users call `replicas` replicas of one component over an edge."""
    served = pool("a", workers, exponential(service_ms), replicas=replicas)
    return plant([served], source, edges=[EdgeSpec("users", "a", **edge)])


def _chi_square(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> float:
    expected = shares * counts.sum()
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("policy", ["random", "consistent_hash"])
def test_draws_and_hashes_spread_evenly(policy: str) -> None:
    system = _spread(8, poisson(400, 10), balance=policy)

    run_until(system, 20)

    # 99.9 % of chi-square with 7 degrees of freedom is 24.3; cells differ by 2 % on top.
    assert _chi_square(_arrived(system, 8), np.full(8, 1 / 8)) < 30.0


@pytest.mark.parametrize("policy", ["round_robin", "random", "consistent_hash"])
def test_weights_share_calls_out_in_their_proportion(policy: str) -> None:
    weights = np.array([1.0, 2.0, 4.0, 0.0, 1.0])
    system = _spread(5, poisson(400, 10), balance=policy)
    for replica, weight in enumerate(weights):
        system.turn_replica(replica, ReplicaKnob.WEIGHT, float(weight))

    run_until(system, 20)

    counts, served = _arrived(system, 5), weights > 0
    assert counts[3] == 0
    assert _chi_square(counts[served], weights[served] / weights.sum()) < 21.0
    if policy == "round_robin":
        assert np.abs(counts - counts.sum() * weights / weights.sum()).max() <= 2.0


def test_load_follows_weights_where_loads_are_compared() -> None:
    system = _spread(3, poisson(600, 10), balance="least_loaded", service_ms=200.0)
    system.turn_replica(2, ReplicaKnob.WEIGHT, 2.0)

    run_until(system, 9)

    flying = [int(system._s.replicas[r, at.R_IN_FLIGHT]) for r in range(3)]  # noqa: SLF001
    assert flying[2] == pytest.approx(2 * flying[0], abs=3)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_following_loads_changes_no_choice(
    policy: str, weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for scanned in (0, 16):
        monkeypatch.setattr(listing, "SCANNED", scanned)
        system = _spread(6, poisson(200, 10), balance=policy)
        system.turn_replica(2, ReplicaKnob.WEIGHT, weight)
        run_until(system, 4)
        system.set_ready(3, ready=False)
        run_until(system, 6)
        system.set_ready(3, ready=True)
        run_until(system, 20)
        found.append(_arrived(system, 6).tolist())

    assert found[0] == found[1]


def _owner_of_cells(system: Plant) -> NDArray[np.int64]:
    s = system._s  # noqa: SLF001  the map itself is what is promised
    first = int(s.pools[0, at.P_READY])
    places = s.cells[int(s.ready[0, at.B_CELLS])]
    return np.array(s.pools[0, first + places], dtype=np.int64)


def test_a_leaving_replica_moves_nobody_elses_keys() -> None:
    system = _spread(8, poisson(100, 10), balance="consistent_hash")
    run_until(system, 2)
    before = _owner_of_cells(system).copy()

    system.set_ready(5, ready=False)
    run_until(system, 4)
    without = _owner_of_cells(system).copy()
    system.set_ready(5, ready=True)
    run_until(system, 6)

    assert set(np.unique(before)) == set(range(8))
    assert 5 not in without
    assert np.array_equal(before[before != 5], without[before != 5])
    assert np.array_equal(before, _owner_of_cells(system))


def _keyed(policy: str, keys: int, zipf: float, **edge: Any) -> Plant:
    """Ten replicas asked for popular keys."""
    request_class = ClassSpec("chat", "a", keys=keys, key_zipf=zipf)
    served = PoolSpec("a", Workers(50), 10, default_handler=(exponential(100.0),))
    routed = EdgeSpec("users", "a", balance=policy, **edge)  # type: ignore[arg-type]  # a table
    spec = PlantSpec((served,), (routed,), (request_class,))
    return Plant(spec, 1, {"chat": poisson(400, 12)})


def test_equal_keys_meet_at_one_replica() -> None:
    system = _keyed("consistent_hash", keys=3, zipf=0.5)

    run_until(system, 20)

    assert np.count_nonzero(_arrived(system, 10)) <= 3


@pytest.mark.parametrize("policy", ["consistent_hash", "prefix_aware"])
def test_a_bound_keeps_a_hot_key_from_its_replica(policy: str) -> None:
    free, bound = (_keyed("consistent_hash", 50, 1.5), _keyed(policy, 50, 1.5, load_bound=1.25))
    for system in (free, bound):
        run_until(system, 10)

    most, mean = [], []
    for system in (free, bound):
        flying = system._s.replicas[:10, at.R_IN_FLIGHT]  # noqa: SLF001
        most.append(int(flying.max()))
        mean.append(float(flying.mean()))
    assert most[0] > 3 * mean[0]
    assert most[1] <= math.ceil(1.25 * (mean[1] + 0.1))


def test_prefix_aware_goes_home_while_there_is_room() -> None:
    system = _keyed("prefix_aware", keys=3, zipf=0.5, load_bound=100.0)

    run_until(system, 20)

    assert np.count_nonzero(_arrived(system, 10)) <= 3


@pytest.mark.parametrize("policy", ["consistent_hash", "prefix_aware"])
def test_what_shares_a_prompt_meets_at_one_model_server(policy: str) -> None:
    spared = {}
    for balance in ("round_robin", policy):
        bound = {} if balance == "round_robin" else {"load_bound": 1.5}
        chat = ClassSpec(
            "chat", "llm", Distribution("fixed", 1600), Distribution("fixed", 20),
            shared_prompt=(SharedPrompt(200), SharedPrompt(1200, variants=40)),
        )  # fmt: skip
        edge = EdgeSpec("users", "llm", balance=balance, **bound)  # type: ignore[arg-type]  # a table
        pools = (PoolSpec("llm", lookup("llama-3.1-8b/h100/tp1/bf16"), 8),)
        system = Plant(PlantSpec(pools, (edge,), (chat,)), 1, {"chat": poisson(20, 10)})
        run_until(system, 20)
        rows = np.array([system.replica_row(r) for r in range(8)])
        spared[balance] = int(rows[:, ReplicaProbe.HITS].sum())

    assert spared[policy] > 1.5 * spared["round_robin"]


def test_old_news_make_herds() -> None:
    worst = {}
    for refresh in (0, 2 * SECOND):
        system = _spread(
            8, poisson(300, 12), balance="least_loaded", load_refresh_ns=refresh, workers=3
        )
        peak = 0
        for tenth in range(20, 110):
            run_until(system, tenth / 10)
            peak = max(peak, int(system._s.replicas[:8, at.R_IN_FLIGHT].max()))  # noqa: SLF001
        worst[refresh] = peak

    # Everybody goes where it was empty two seconds ago.
    assert worst[2 * SECOND] > 20 * worst[0]


def test_two_choices_suffer_less_from_old_news_than_the_least_loaded() -> None:
    peaks = {}
    for policy in ("least_loaded", "least_request"):
        system = _spread(8, poisson(300, 12), balance=policy, load_refresh_ns=2 * SECOND, workers=3)
        peaks[policy] = 0
        for tenth in range(20, 110):
            run_until(system, tenth / 10)
            most = int(system._s.replicas[:8, at.R_IN_FLIGHT].max())  # noqa: SLF001
            peaks[policy] = max(peaks[policy], most)

    assert peaks["least_request"] < 0.75 * peaks["least_loaded"]


def test_two_choices_leave_the_fullest_with_far_less_than_one() -> None:
    """n calls at once into n replicas: ln ln n / ln 2 + O(1) against ln n / ln ln n (1 + o(1))."""
    n, most = 512, {}
    for policy in ("random", "least_request", "least_loaded"):
        served = pool("a", n, fixed(1000), replicas=n)
        edge = EdgeSpec("users", "a", balance=policy)
        system = plant([served], Times([k * 1000 for k in range(n)]), edges=[edge])
        run_until(system, 0.5)
        most[policy] = int(system._s.replicas[:n, at.R_IN_FLIGHT].max())  # noqa: SLF001

    assert most["least_loaded"] == 1
    assert most["least_request"] <= math.log(math.log(n)) / math.log(2) + 1.5
    assert most["random"] >= math.log(n) / math.log(math.log(n))


def _zoned(near_until: float, source: Times, balance: str = "round_robin") -> Plant:
    """Callers in zones 1 and 2; three replicas to call in zone 1, one in zone 2."""
    front = PoolSpec("front", Workers(500), 2, default_handler=(Call("back"),), zones=(1, 2))
    back = PoolSpec("back", Workers(1), 4, default_handler=(exponential(30.0),), zones=(1, 1, 2, 1))
    edge = EdgeSpec("front", "back", balance=balance, near_until=near_until)  # type: ignore[arg-type]  # a table
    return plant([front, back], source, edges=[edge])


@pytest.mark.parametrize("policy", POLICIES)
def test_calls_stay_in_their_zone_while_it_has_room(policy: str) -> None:
    system = _zoned(1000.0, poisson(20, 20), policy)

    run_until(system, 60)

    fronts, backs = _arrived(system, 2), _arrived(system, 4, first=2)
    assert backs[[0, 1, 3]].sum() == fronts[0]
    assert backs[2] == fronts[1]


def test_a_full_zone_spills_over() -> None:
    # Zone 2's one replica can do 33 of the 40 calls a second that its caller gets.
    kept, spilling = _zoned(1000.0, poisson(80, 10)), _zoned(1.3, poisson(80, 10))
    for system in (kept, spilling):
        run_until(system, 9.9)

    flying = [int(each._s.replicas[4, at.R_IN_FLIGHT]) for each in (kept, spilling)]  # noqa: SLF001
    assert flying[0] > 3 * flying[1]
    assert _arrived(spilling, 4, first=2)[2] < _arrived(kept, 4, first=2)[2]
    backs = _arrived(spilling, 4, first=2)
    assert backs[2] > 0.25 * backs.sum()


def test_a_split_gives_a_canary_its_share() -> None:
    pools = [pool("a", 9, fixed(1)), pool("canary", 9, fixed(1))]
    edge = EdgeSpec("users", "a", split_to="canary", split_share=0.1)
    system = plant(pools, poisson(400, 10), edges=[edge])

    run_until(system, 20)

    calls = [int(system.edge_row(row)[EdgeProbe.CALLS]) for row in range(2)]
    assert _chi_square(np.array(calls), np.array([0.9, 0.1])) < 10.8


@pytest.mark.parametrize(
    "edge",
    [
        {"balance": "least_loaded"},
        {"balance": "least_loaded", "load_refresh_ns": 500 * MS},
        {"balance": "consistent_hash", "load_bound": 1.2},
        {"balance": "prefix_aware", "load_bound": 1.2},
        {"balance": "least_request", "load_refresh_ns": 500 * MS},
    ],
)
def test_replicas_may_come_go_and_die_under_every_policy(edge: dict[str, Any]) -> None:
    system = _spread(20, poisson(300, 8), service_ms=80.0, **edge)

    for second in range(1, 8):
        run_until(system, second)
        system.kill(second)
        system.turn_replica(second + 8, ReplicaKnob.WEIGHT, second / 4)
        system.set_ready(system.add_replica(0, 20 + second, 0), ready=True)
        system.drain(second + 9)
        s = system._s  # noqa: SLF001
        ready = [r for r in range(len(s.replicas)) if s.replicas[r, at.R_READY]]
        if s.edges[0, at.E_FOLLOWED]:
            assert int(s.ready[0, at.B_LOAD]) == int(s.replicas[ready, at.R_IN_FLIGHT].sum())
        system.check_conservation()
    run_until(system, 30)

    assert system.in_flight() == 0
    assert int(s.replicas[:, at.R_IN_FLIGHT].sum()) == 0
