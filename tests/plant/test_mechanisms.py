"""What the plant's parts do to calls in progress; long because each mechanism is one test."""

import pytest

from simulator.plant.api import (
    ClassKnob,
    EdgeKnob,
    Outcome,
    Pause,
    ReplicaKnob,
    ScrapeKind,
    SignalKind,
)
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, EdgeProbe, ReplicaProbe
from simulator.plant.spec import (
    Batch,
    Cache,
    Call,
    Chance,
    ClassSpec,
    Distribution,
    EdgeSpec,
    External,
    Llm,
    Parallel,
    PlantSpec,
    PoolSpec,
    Return,
    VectorIndex,
    Workers,
)
from tests.plant.systems import (
    MS,
    SECOND,
    Times,
    exponential,
    fixed,
    outcomes,
    plant,
    poisson,
    pool,
    run_until,
)

GOOD, FAILED, REFUSED = Outcome.GOOD, Outcome.FAILED, Outcome.REFUSED
ABANDONED, WRONG, LATE = Outcome.ABANDONED, Outcome.WRONG, Outcome.LATE


def _response_ms(system: Plant, replica: int = 0) -> float:
    return float(system.replica_row(replica)[ReplicaProbe.RESPONSE_NS]) / MS


def test_slowing_a_replica_retimes_the_work_it_is_doing() -> None:
    system = plant([pool("a", 1, fixed(100))], Times([0]))
    system.advance(40 * MS, inclusive=False)

    system.turn_replica(0, ReplicaKnob.SLOWDOWN, 3.0)
    run_until(system, 1)

    assert _response_ms(system) == 40 + 3 * 60


def test_unreachable_replica_stands_still_and_goes_on_where_it_was() -> None:
    system = plant([pool("a", 1, fixed(100))], Times([0, 50 * MS]))
    system.advance(40 * MS, inclusive=False)

    system.turn_replica(0, ReplicaKnob.REACHABLE, 0.0)
    system.advance(140 * MS, inclusive=False)
    system.turn_replica(0, ReplicaKnob.REACHABLE, 1.0)
    run_until(system, 2)

    row = system.edge_row(0)
    assert _response_ms(system) == 200  # what came while nobody answered never arrived
    assert (row[EdgeProbe.OK], row[EdgeProbe.CONNECT_FAILED]) == (1, 1)
    assert outcomes(system)[GOOD] == 1


def test_fewer_workers_let_running_work_finish() -> None:
    system = plant([pool("a", 2, fixed(100))], Times([0, 0, 0, 0]))
    system.advance(50 * MS, inclusive=False)

    system.turn_replica(0, ReplicaKnob.WORKERS, 1)
    run_until(system, 1)

    assert _response_ms(system) == 100 + 100 + 200 + 300


def test_killed_replica_fails_its_calls_and_loses_its_queue() -> None:
    system = plant([pool("a", 1, fixed(100), replicas=2)], Times([0, 0, 0, 0]))
    system.advance(50 * MS, inclusive=False)

    system.kill(0)
    system.advance(60 * MS, inclusive=False)

    signals, _ = system.drain_signals()
    assert outcomes(system)[FAILED] == 2
    assert sum(signal.kind is SignalKind.RESET for signal in signals) == 2
    system.check_conservation()


def test_drained_replica_says_so_when_its_last_call_ends() -> None:
    system = plant([pool("a", 1, fixed(100), replicas=2)], Times([0, 0]))
    system.advance(50 * MS, inclusive=False)

    system.drain(1)
    paused = system.advance(SECOND, inclusive=False)

    signals, _ = system.drain_signals()
    assert (paused, system.now) == (Pause.SIGNAL, 100 * MS)
    assert [(s.kind, s.replica) for s in signals] == [(SignalKind.DRAINED, 1)]


def test_an_idle_replica_is_drained_as_soon_as_it_is_told() -> None:
    system = plant([pool("a", 1, fixed(100), replicas=2)], Times([]))
    system.advance(50 * MS, inclusive=False)

    system.drain(1)

    signals, _ = system.drain_signals()
    assert [(s.at, s.kind, s.replica) for s in signals] == [(50 * MS, SignalKind.DRAINED, 1)]


def test_nobody_ready_fails_at_once_and_speaks_up() -> None:
    system = plant([pool("a", 1, fixed(100))], Times([10 * MS]))
    system.set_ready(0, ready=False)

    paused = system.advance(SECOND, inclusive=False)

    signals, _ = system.drain_signals()
    assert (paused, system.now) == (Pause.SIGNAL, 10 * MS)
    first = signals[0]
    assert (first.kind, first.pool, first.replica) == (SignalKind.NO_REPLICA, 0, -1)
    assert outcomes(system)[FAILED] == 1


@pytest.mark.parametrize(("on_timeout", "completed"), [("cancel", 0), ("leave", 1)])
def test_timed_out_work_goes_on_unseen_unless_cancelled(on_timeout: str, completed: int) -> None:
    users = EdgeSpec("users", "a", timeout_ns=30 * MS, on_timeout=on_timeout)  # type: ignore[arg-type]  # a table of literals
    system = plant([pool("a", 1, fixed(100))], Times([0]), edges=[users])

    run_until(system, 1)

    row = system.replica_row(0)
    assert outcomes(system)[FAILED] == 1
    assert int(row[ReplicaProbe.COMPLETED]) == completed
    assert int(row[ReplicaProbe.CANCELLED]) == 1 - completed
    assert int(row[ReplicaProbe.BUSY_NS]) == (100 * MS if completed else 30 * MS)


def test_retry_pauses_double_and_stop_at_the_last() -> None:
    users = EdgeSpec("users", "a", retries_max=3, backoff_ns=100 * MS)
    system = plant([pool("a", 1, Return("failed"))], Times([0]), edges=[users])

    system.advance(699 * MS, inclusive=True)
    before = outcomes(system)[FAILED]
    run_until(system, 1)

    assert (before, outcomes(system)[FAILED]) == (0, 1)
    assert int(system.edge_row(0)[EdgeProbe.CALLS]) == 4


def test_retry_budget_keeps_retries_to_its_share() -> None:
    users = EdgeSpec("users", "a", retries_max=5, backoff_ns=500 * MS, retry_budget=0.2)
    system = plant([pool("a", 100, fixed(50), Return("failed"))], poisson(200, 20), edges=[users])

    run_until(system, 30)

    row = system.edge_row(0)
    assert int(row[EdgeProbe.RETRIES_REFUSED]) > 0
    assert int(row[EdgeProbe.RETRIES]) < 0.1 * int(row[EdgeProbe.CALLS])


def test_bounded_queue_rejects_and_queue_timeout_reneges() -> None:
    system = plant(
        [pool("a", 1, fixed(100), queue_max=2, queue_timeout_ns=150 * MS)], Times([0, 1, 2, 3])
    )

    run_until(system, 1)

    # One runs, two wait (the second gives up after 150 ms), the fourth finds the queue full.
    row = system.replica_row(0)
    assert (row[ReplicaProbe.COMPLETED], row[ReplicaProbe.REJECTED]) == (2, 2)


def test_last_in_is_first_out_where_told_so() -> None:
    system = plant([pool("a", 1, fixed(100), order="lifo")], Times([0, 1, 2]), late_e2e_ns=250 * MS)

    run_until(system, 1)

    # 0 runs, then 2 (199 ms), then 1 (299 ms, late).
    assert (outcomes(system)[GOOD], outcomes(system)[LATE]) == (2, 1)


@pytest.mark.parametrize(("holds", "response"), [(True, 100 + 200), (False, 100 + 100)])
def test_held_worker_keeps_others_out_while_it_waits(holds: bool, response: int) -> None:  # noqa: FBT001
    pools = [pool("a", 1, Call("b"), holds_worker=holds), pool("b", 2, fixed(100))]
    system = plant(pools, Times([0, 0]))

    run_until(system, 1)

    assert _response_ms(system) == response


def test_parallel_branches_join_when_all_are_done() -> None:
    both = Parallel(((Call("b"),), (Call("c"),)))
    first = Parallel(((Call("b"),), (Call("c"),)), join="first")
    tail = [pool("b", 9, fixed(30)), pool("c", 9, fixed(80))]
    slow = plant([pool("a", 9, both), *tail], Times([0]))
    fast = plant([pool("a", 9, first), *tail], Times([0]))

    run_until(slow, 1)
    run_until(fast, 1)

    assert (_response_ms(slow), _response_ms(fast)) == (80, 30)
    assert int(fast.replica_row(2)[ReplicaProbe.CANCELLED]) == 1


def test_fallback_runs_where_a_call_fails() -> None:
    pools = [
        pool("a", 9, Call("b", on_failure=(Call("c"),))),
        pool("b", 9, Return("failed")),
        pool("c", 9, fixed(5)),
    ]
    system = plant(pools, Times([0, 1, 2]))

    run_until(system, 1)

    assert outcomes(system)[GOOD] == 3
    assert int(system.replica_row(2)[ReplicaProbe.COMPLETED]) == 3


def _cached(cache: Cache, source: Times, fetch_ms: float = 50, **options: int) -> Plant:
    pools = [
        pool("a", 999, Call("cache", on_miss=(Call("db"),))),
        pool("cache", 99, fixed(1), content=cache),
        pool("db", 999, fixed(fetch_ms)),
    ]
    return plant(pools, source, keys=options.get("keys", 1), key_zipf=1.0)


@pytest.mark.parametrize(("single_flight", "fetches"), [(True, 1), (False, 10)])
def test_single_flight_fetches_a_missing_key_once(single_flight: bool, fetches: int) -> None:  # noqa: FBT001
    system = _cached(Cache(10, single_flight=single_flight), Times(range(10)))
    system.flush_cache(1)

    run_until(system, 1)

    assert int(system.replica_row(2)[ReplicaProbe.COMPLETED]) == fetches
    assert outcomes(system)[GOOD] == 10


def test_flight_that_fails_is_passed_on_to_the_next_who_waits() -> None:
    system = _cached(Cache(10, single_flight=True), Times(range(4)))
    system.flush_cache(1)
    system.turn_replica(2, ReplicaKnob.ERROR_SHARE, 1.0)

    run_until(system, 1)

    assert outcomes(system)[FAILED] == 4
    assert int(system.replica_row(2)[ReplicaProbe.FAILED]) == 4


def test_expired_key_is_fetched_again() -> None:
    system = _cached(Cache(10, ttl_ns=SECOND), Times([0, 500 * MS, 1500 * MS]))
    system.flush_cache(1)

    run_until(system, 3)

    row = system.replica_row(1)
    assert (row[ReplicaProbe.HITS], row[ReplicaProbe.MISSES]) == (1, 2)
    assert int(row[ReplicaProbe.EXPIRED]) == 1


def test_warm_cache_holds_the_most_popular_keys() -> None:
    system = _cached(Cache(200), poisson(200, 20), keys=10_000)
    warm = int(system.replica_row(1)[ReplicaProbe.KEYS])

    run_until(system, 30)

    row = system.replica_row(1)
    share = row[ReplicaProbe.HITS] / (row[ReplicaProbe.HITS] + row[ReplicaProbe.MISSES])
    # Zipf 1: the first 200 of 10,000 keys hold H(200) / H(10000) = 0.60; LRU keeps less.
    assert warm == 200
    assert 0.40 < share < 0.60


def test_wrong_value_in_a_cache_stays_wrong_on_every_hit() -> None:
    system = _cached(Cache(10), Times([i * 100 * MS for i in range(20)]))
    system.flush_cache(1)
    system.turn_replica(2, ReplicaKnob.QUALITY, 0.0)

    run_until(system, 3)

    assert int(system.replica_row(1)[ReplicaProbe.HITS]) == 19
    assert outcomes(system)[WRONG] == 20


def test_recall_of_an_index_is_the_share_of_right_answers() -> None:
    index = Workers(64, content=VectorIndex(250_000, 1536, 10))
    system = plant([PoolSpec("a", index, 1)], poisson(500, 20))

    run_until(system, 30)

    good, wrong = outcomes(system)[GOOD], outcomes(system)[WRONG]
    row = system.replica_row(0)
    # pgvector at ef 10: recall .75 and 2.9 ms at the median (plant.md §4).
    assert good / (good + wrong) == pytest.approx(0.75, abs=0.02)
    mean = row[ReplicaProbe.RESPONSE_NS] / row[ReplicaProbe.COMPLETED]
    assert mean / MS == pytest.approx(2.9 * 1.04, rel=0.02)


def test_quota_answers_429_and_only_retries_where_told() -> None:
    provider = External(Distribution("fixed", 100 * MS), 100.0, requests_per_minute=5)
    system = plant(
        [PoolSpec("a", provider, 1)], Times(range(8)), output_tokens=Distribution("fixed", 10)
    )
    retrying = plant(
        [PoolSpec("a", provider, 1)],
        Times(range(8)),
        edges=[EdgeSpec("users", "a", retries_max=1, backoff_ns=20 * SECOND, retries_on=("429",))],
    )

    run_until(system, 5)
    run_until(retrying, 50)

    assert outcomes(system)[GOOD] == 5
    assert outcomes(system)[REFUSED] == 3
    assert int(system.replica_row(0)[ReplicaProbe.RATE_LIMITED]) == 3
    assert int(system.class_row(0)[ClassProbe.TTFT_NS]) == 5 * 100 * MS
    assert int(system.class_row(0)[ClassProbe.E2E_NS]) == 5 * 200 * MS
    assert int(retrying.edge_row(0)[EdgeProbe.RETRIES]) == 3


def test_model_server_streams_its_first_token_before_the_rest() -> None:
    model = Llm(5.5, 17.4, 2.8, 45, 1.2, 0.45, 1.0, 4, 0, 0, 440_000)
    source = Times([0], prompt=1000, output=100)
    system = plant([PoolSpec("a", model, 1)], source)

    run_until(system, 10)

    row, seen = system.class_row(0), system.replica_row(0)
    assert 20 * MS < row[ClassProbe.TTFT_NS] < 60 * MS
    assert 600 * MS < row[ClassProbe.E2E_NS] < 1000 * MS
    assert (seen[ReplicaProbe.PROMPT_TOKENS], seen[ReplicaProbe.GENERATION_TOKENS]) == (1000, 100)
    assert int(seen[ReplicaProbe.KV_BLOCKS_USED]) == 0


def test_killed_model_server_comes_back_empty() -> None:
    model = Llm(5.5, 17.4, 2.8, 45, 1.2, 0.45, 1.0, 4, 0, 0, 440_000)
    source = Times([0, 1, 2, SECOND], prompt=1000, output=100)
    system = plant([PoolSpec("a", model, 1)], source)
    system.advance(200 * MS, inclusive=False)

    system.kill(0)
    system.revive(0)
    system.set_ready(0, ready=True)
    run_until(system, 10)

    assert (outcomes(system)[FAILED], outcomes(system)[GOOD]) == (3, 1)


def test_batch_server_serves_together_what_came_within_its_window() -> None:
    batch = Batch(batch_max=8, window_ns=10 * MS, base_ns=5 * MS, per_item_ns=MS)
    system = plant([PoolSpec("a", batch, 1)], Times([0, 2 * MS, 4 * MS]))

    run_until(system, 1)

    assert _response_ms(system) == (18 + 16 + 14)


def test_patience_ends_in_abandonment_and_cancels_the_work() -> None:
    system = plant([pool("a", 1, fixed(100))], Times([0, 1, 2]), patience_ns=150 * MS)

    run_until(system, 1)

    assert (outcomes(system)[GOOD], outcomes(system)[ABANDONED]) == (1, 2)
    assert int(system.replica_row(0)[ReplicaProbe.CANCELLED]) == 2


def test_client_retries_are_one_intent() -> None:
    system = plant(
        [pool("a", 1, Return("failed"))], Times([0]), client_retries_max=2, client_backoff_ns=MS
    )

    run_until(system, 1)

    row = system.class_row(0)
    assert (row[ClassProbe.ARRIVED], row[ClassProbe.FAILED_5XX]) == (3, 3)
    assert int(row[ClassProbe.CLIENT_RETRIES]) == 2
    assert outcomes(system)[FAILED] == 1


def test_door_refuses_what_its_limits_say() -> None:
    system = plant([pool("a", 1, fixed(100))], Times([i * 10 * MS for i in range(100)]), seed=3)
    system.turn_class(0, ClassKnob.SHED_SHARE, 1.0)
    system.advance(300 * MS, inclusive=False)
    system.turn_class(0, ClassKnob.SHED_SHARE, 0.0)
    system.turn_class(0, ClassKnob.CONCURRENCY_MAX, 2)

    run_until(system, 3)

    row = system.class_row(0)
    assert int(row[ClassProbe.ANSWERED_2XX]) == 8
    assert int(row[ClassProbe.REFUSED_429]) == 92


def test_rate_limit_of_an_edge_lets_its_rate_through() -> None:
    system = plant([pool("a", 99, fixed(1))], Times([i * 10 * MS for i in range(1000)]))
    system.turn_edge(0, EdgeKnob.RATE_MAX, 20.0)

    run_until(system, 11)

    # One second of burst and then 20/s for ten seconds.
    assert abs(outcomes(system)[GOOD] - 220) <= 2
    assert outcomes(system)[REFUSED] == 1000 - outcomes(system)[GOOD]


def test_diverted_calls_take_the_other_edge() -> None:
    pools = [pool("a", 99, Call("b")), pool("b", 99, fixed(1)), pool("c", 99, fixed(1))]
    edges = [EdgeSpec("users", "a"), EdgeSpec("a", "b"), EdgeSpec("a", "c")]
    system = plant(pools, poisson(200, 10), edges=edges)
    system.turn_edge(1, EdgeKnob.DIVERT_TO, 2)
    system.turn_edge(1, EdgeKnob.DIVERT_SHARE, 0.25)

    run_until(system, 20)

    b, c = (int(system.replica_row(r)[ReplicaProbe.COMPLETED]) for r in (1, 2))
    assert c / (b + c) == pytest.approx(0.25, abs=0.03)


def test_round_robin_goes_round_and_least_loaded_avoids_the_slow() -> None:
    counts = {}
    for policy in ("round_robin", "least_request", "least_loaded", "random"):
        edge = EdgeSpec("users", "a", balance=policy)
        system = plant([pool("a", 4, fixed(20), replicas=4)], poisson(200, 20), edges=[edge])
        system.turn_replica(0, ReplicaKnob.SLOWDOWN, 4.0)
        run_until(system, 60)
        rows = [int(system.replica_row(r)[ReplicaProbe.ARRIVED]) for r in range(4)]
        counts[policy] = rows[0] / sum(rows)

    assert counts["round_robin"] == pytest.approx(0.25, abs=0.001)
    assert counts["random"] == pytest.approx(0.25, abs=0.02)
    assert counts["least_loaded"] < counts["least_request"] < 0.22


def test_weights_share_calls_out() -> None:
    for policy in ("round_robin", "random"):
        edge = EdgeSpec("users", "a", balance=policy)
        system = plant([pool("a", 9, fixed(1), replicas=2)], poisson(200, 10), edges=[edge])
        system.turn_replica(1, ReplicaKnob.WEIGHT, 3.0)
        run_until(system, 20)
        rows = [int(system.replica_row(r)[ReplicaProbe.ARRIVED]) for r in range(2)]
        assert rows[1] / sum(rows) == pytest.approx(0.75, abs=0.03)


def test_network_delay_is_paid_both_ways() -> None:
    users = EdgeSpec("users", "a", delay_ns=7 * MS)
    system = plant([pool("a", 1, fixed(10))], Times([0]), edges=[users])

    run_until(system, 1)

    assert int(system.class_row(0)[ClassProbe.E2E_NS]) == 24 * MS


def test_scrapes_copy_rows_at_their_own_instants() -> None:
    system = plant([pool("a", 1, fixed(100), cpu_per_worker_cores=0.5)], Times([0, 150 * MS]))
    target = system.scrape_every(ScrapeKind.REPLICA, 0, 100 * MS, 50 * MS)

    run_until(system, 0.36)

    scrapes = system.drain_scrapes()
    assert [(s.at // MS, s.target) for s in scrapes] == [(t, target) for t in (50, 150, 250, 350)]
    assert [int(s.values[ReplicaProbe.BUSY_NS]) // MS for s in scrapes] == [50, 100, 200, 200]
    assert [int(s.values[ReplicaProbe.RUNNING]) for s in scrapes] == [1, 1, 0, 0]
    assert [int(s.values[ReplicaProbe.CPU_NS]) // MS for s in scrapes] == [25, 50, 100, 100]
    assert [int(s.histograms.sum()) for s in scrapes] == [0, 1, 2, 2]


def test_base_requests_stay_the_same_under_a_multiplier() -> None:
    source = Times([i * 10 * MS for i in range(6000)], extra=True)
    seen = {}
    for share in (0.5, 1.0, 2.5):
        system = plant([pool("a", 99, exponential(1))], source)
        system.set_arrival_multiplier(0, share)
        table = system._feed.load(0)  # noqa: SLF001  who arrives is decided here
        seen[share] = set(table[:, 2].tolist())

    assert seen[0.5] < seen[1.0] < seen[2.5]
    assert len(seen[0.5]) == pytest.approx(3000, abs=150)
    assert len(seen[2.5]) == pytest.approx(15_000, abs=150)


def test_multiplier_turned_in_mid_minute_moves_nobody_who_has_arrived() -> None:
    source = Times([i * 10 * MS for i in range(3000)])
    system = plant([pool("a", 99, fixed(1))], source)
    system.advance(10 * SECOND, inclusive=True)
    arrived = system.requests()

    system.set_arrival_multiplier(0, 0.0)
    system.advance(20 * SECOND, inclusive=True)
    middle = system.requests()
    system.set_arrival_multiplier(0, 1.0)
    run_until(system, 61)

    assert (arrived, middle, system.requests()) == (1001, 1001, 1001 + 999)


def test_chance_and_classes_take_their_own_programs() -> None:
    spec = PlantSpec(
        pools=(
            PoolSpec(
                "a",
                Workers(9),
                1,
                handlers={"x": (Chance(0.3, (Return("refused"),)), fixed(1))},
                default_handler=(Return("failed"),),
            ),
        ),
        edges=(),
        classes=(ClassSpec("x", "a"), ClassSpec("y", "a")),
    )
    source = poisson(100, 20)
    system = Plant(spec, 1, {"x": source, "y": source})

    run_until(system, 30)

    by_class = system.outcomes().sum(axis=0)
    assert by_class[1, FAILED] == by_class[0].sum()
    assert by_class[0, REFUSED] / by_class[0].sum() == pytest.approx(0.3, abs=0.04)
