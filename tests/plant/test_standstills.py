"""Processes stand still, die and come back, with calls in every kind of line: books balance."""

import random

import pytest

from simulator.plant.api import PoolKnob, ReplicaKnob
from simulator.plant.contents import Relational
from simulator.plant.plant import Plant
from simulator.plant.spec import (
    Cache,
    Call,
    Distribution,
    EdgeSpec,
    Parallel,
    PoolSpec,
    Step,
    Workers,
)
from simulator.plant.spec_parts import ConnectionPool
from tests.plant.systems import MS, SECOND, exponential, fixed, plant, poisson, pool

ACTS = 60


def ms(draws: random.Random, least: float, most: float) -> int:
    return int(draws.uniform(least, most) * MS)


def edge(draws: random.Random, caller: str, callee: str) -> EdgeSpec:
    pooled = ConnectionPool(draws.choice([1, 2, 4]), draws.choice([0, ms(draws, 5, 40)]))
    return EdgeSpec(
        caller,
        callee,
        delay_ns=draws.choice([0, ms(draws, 0.5, 5)]),
        timeout_ns=draws.choice([0, ms(draws, 10, 60)]),
        retries_max=draws.choice([0, 2]),
        backoff_ns=ms(draws, 1, 10),
        on_timeout=draws.choice(["leave", "cancel"]),
        deadline=draws.choice(["none", "check", "propagate"]),
        pool=draws.choice([None, pooled]),
    )


def system(draws: random.Random) -> Plant:
    """Web, api, a store whose rows are locked, and a cache in front of it."""
    looks_up = Call("cache", on_miss=(Call("db"),))
    steps: tuple[Step, ...] = (Call("db", writes=True), looks_up)
    if draws.random() < 0.6:
        branches = ((Call("db", writes=True),), (looks_up,), (exponential(4),))
        steps = (fixed(1), Parallel(branches), Call("db"))
    store = Relational(
        Distribution("fixed", 2 * MS), Distribution("fixed", 8 * MS),
        lock_timeout_ns=ms(draws, 5, 40),
    )  # fmt: skip
    pools = [
        pool("web", draws.choice([3, 1000]), Call("api")),
        pool("api", draws.choice([3, 1000]), *steps, replicas=draws.choice([1, 2]),
             holds_worker=draws.random() < 0.5, queue_timeout_ns=draws.choice([0, 20 * MS])),
        PoolSpec("db", Workers(draws.choice([2, 50]), content=store), 1),
        pool("cache", 4, fixed(1), content=Cache(30, SECOND, single_flight=True)),
    ]  # fmt: skip
    edges = [edge(draws, *ends) for ends in (("web", "api"), ("api", "db"), ("api", "cache"))]
    made = plant(
        pools, poisson(draws.choice([100, 400]), 2), edges=edges, keys=draws.choice([1, 5, 40]),
        capacity=16, patience_ns=draws.choice([0, 200 * MS]),
    )  # fmt: skip
    made.turn_pool(2, PoolKnob.LOCK_HOLD_NS, draws.choice([0, 10 * MS]))
    return made


def until(system: Plant, at: int) -> None:
    while system.now < at:
        system.advance(at, inclusive=True)


def act(system: Plant, draws: random.Random, replicas: int) -> None:
    replica, kind = draws.randrange(replicas), draws.random()
    if kind < 0.35:
        system.turn_replica(replica, ReplicaKnob.REACHABLE, 0.0)
    elif kind < 0.7:
        for each in draws.sample(range(replicas), replicas - 1):
            system.turn_replica(each, ReplicaKnob.REACHABLE, 1.0)
    elif kind < 0.85:
        system.kill(replica)
        system.revive(replica)
        system.set_ready(replica, ready=True)
    else:
        system.turn_replica(replica, ReplicaKnob.SLOWDOWN, draws.choice([1.0, 3.0]))


@pytest.mark.parametrize("seed", range(25))
def test_books_balance_after_every_standstill_and_death(seed: int) -> None:
    draws = random.Random(seed)
    made = system(draws)
    replicas = sum(each.replicas for each in made.spec.pools)

    for _ in range(ACTS):
        until(made, made.now + ms(draws, 1, 60))
        act(made, draws, replicas)
        made.check_conservation()
    for each in range(replicas):
        made.turn_replica(each, ReplicaKnob.REACHABLE, 1.0)
    until(made, made.now + 20 * SECOND)

    made.check_conservation()
    made.check_no_idling()
