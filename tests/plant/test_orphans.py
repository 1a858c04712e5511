"""Nothing is orphaned or counted twice: fetches in flight, fetched values, what must be heard."""

from simulator.plant.api import EdgeKnob, Outcome, Pause, ReplicaKnob, SignalKind
from simulator.plant.plant import Plant
from simulator.plant.spec import Cache, Call, ClassSpec, EdgeSpec, PlantSpec, PoolSpec, Workers
from tests.plant.systems import MS, SECOND, Times, fixed


def _cached(
    times: Times, to_cache: EdgeSpec, *, keys: int, fetch_ms: float, single_flight: bool
) -> Plant:
    """Users, an api right 9 times of 10, a cold cache (pool 1) and what it caches."""
    fetch = Call("cache", on_miss=(Call("db"),))
    content = Cache(10, single_flight=single_flight)
    pools = (
        PoolSpec("api", Workers(1000), 1, default_handler=(fetch,), quality=0.9),
        PoolSpec("cache", Workers(1000, content=content), 1, default_handler=(fixed(0.01),)),
        PoolSpec("db", Workers(1000), 1, default_handler=(fixed(fetch_ms),)),
    )
    edges = (EdgeSpec("users", "api"), to_cache, EdgeSpec("api", "db"))
    classes = (ClassSpec("c", "api", keys=keys, key_zipf=1.0),)
    plant = Plant(PlantSpec(pools, edges, classes), 1, {"c": times})
    plant.flush_cache(1)
    return plant


def _run(plant: Plant, until: int) -> None:
    while plant.advance(until, inclusive=True) is not Pause.DONE:
        pass


def _count(plant: Plant, *outcomes: Outcome) -> int:
    return int(sum(plant.outcomes()[:, :, outcome].sum() for outcome in outcomes))


def test_a_cached_answer_is_right_as_often_as_a_fetched_one() -> None:
    good = []
    for keys in (0, 1):  # each its own key: all misses; one key for all: all hits
        times = Times([i * MS for i in range(1, 5001)])
        to_cache = EdgeSpec("api", "cache")
        plant = _cached(times, to_cache, keys=keys, fetch_ms=0.1, single_flight=False)

        _run(plant, 20 * SECOND)

        good.append(_count(plant, Outcome.GOOD))
        plant.check_conservation()

    assert good[0] == good[1]


def test_a_fetch_whose_cache_went_away_holds_nobody_up_for_ever() -> None:
    times = Times([SECOND, *((5 + i) * SECOND for i in range(20))])
    to_cache = EdgeSpec("api", "cache", timeout_ns=2 * SECOND)
    plant = _cached(times, to_cache, keys=1, fetch_ms=1000, single_flight=True)
    _run(plant, 3 * SECOND // 2)

    plant.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    _run(plant, 3 * SECOND)
    plant.turn_replica(1, ReplicaKnob.REACHABLE, 1.0)
    _run(plant, 50 * SECOND)

    assert _count(plant, Outcome.GOOD, Outcome.WRONG) == 21
    assert plant.in_flight() == 0


def test_a_miss_nobody_waits_for_any_more_lets_the_next_one_fetch() -> None:
    times = Times([SECOND, *((5 + i) * SECOND for i in range(10))])
    to_cache = EdgeSpec("api", "cache", delay_ns=50 * MS, timeout_ns=80 * MS, on_timeout="leave")
    plant = _cached(times, to_cache, keys=1, fetch_ms=1, single_flight=True)
    _run(plant, 3 * SECOND)

    plant.turn_edge(1, EdgeKnob.TIMEOUT_NS, 2 * SECOND)
    _run(plant, 50 * SECOND)

    assert _count(plant, Outcome.GOOD, Outcome.WRONG) == 10


def test_a_drained_replica_is_heard_of_through_a_storm_of_timeouts() -> None:
    pools = (
        PoolSpec("api", Workers(100_000), 1, default_handler=(Call("db"),)),
        PoolSpec("db", Workers(100_000), 2, default_handler=(fixed(5000),)),
        PoolSpec("x", Workers(1), 1, default_handler=(fixed(9000),)),
    )
    edges = (
        EdgeSpec("users", "api"),
        EdgeSpec("api", "db", timeout_ns=SECOND),
        EdgeSpec("users", "x"),
    )
    classes = (ClassSpec("c", "api"), ClassSpec("d", "x"))
    storm = Times([i * MS for i in range(1, 6001)])
    plant = Plant(PlantSpec(pools, edges, classes), 1, {"c": storm, "d": Times([SECOND])})
    _run(plant, 2 * SECOND)

    plant.drain(3)
    _run(plant, 20 * SECOND)

    signals, lost = plant.drain_signals()
    assert [(s.at, s.replica) for s in signals if s.kind == SignalKind.DRAINED] == [
        (10 * SECOND, 3)
    ]
    assert lost > 4096
