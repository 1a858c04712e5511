"""Spreading calls: random against two choices, and the tail of a fan-out."""

import math

from benchmarks.validation.rows import Curve, Law, Picture, Row, batch_means
from benchmarks.validation.systems import MS, SECOND, Poisson, plant, stretches, workers
from simulator.plant.api import Outcome
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import (
    Call,
    Chance,
    Distribution,
    EdgeSpec,
    Parallel,
    PoolSpec,
    Work,
    Workers,
)

REPLICAS = 200
SERVICE = Distribution("exponential", 10 * MS)


def two_choices(load: float) -> float:
    """Mean time in the system, in service times, of the better of two random queues.

    Sum of load^(2^i - 2) for i from 1, exact as the number of queues grows (Mitzenmacher, 2001).
    """
    return math.fsum(load ** (2.0**i - 2.0) for i in range(1, 12))


def balancing(scale: float) -> Law:
    """Mean time in the system of 200 queues under each policy, at several loads."""
    rows: list[Row] = []
    curves: dict[str, tuple[list[float], list[float], list[float]]] = {
        name: ([], [], []) for name in ("random", "least_request")
    }
    for load in (0.5, 0.8, 0.9) if scale >= 1.0 else (0.5, 0.8):
        for policy, expected in (("random", 1 / (1 - load)), ("least_request", two_choices(load))):
            edge = EdgeSpec("users", "a", balance=policy)  # type: ignore[arg-type]  # a table
            pool = workers("a", 1, SERVICE, replicas=REPLICAS)
            rate = load * REPLICAS * SECOND / SERVICE.a
            system = plant([pool], Poisson(rate, 6), edges=[edge])
            # Half-empty queues at the start fill up within the parts that are left out.
            grown = stretches(system, max(240.0 * scale, 30.0), 25, _responses)[5:]
            mean, half = batch_means(grown[:, 0] / grown[:, 1] / SERVICE.a, 20)
            name = {"random": "random", "least_request": "two choices"}[policy]
            rows.append(Row(f"{name}, load {load}", expected, mean, half, allowed=0.01))
            for values, value in zip(curves[policy], (load, mean, half), strict=True):
                values.append(value)
    loads = [k / 50 for k in range(10, 47)]
    return Law(
        "Two choices",
        f"Mean time in the system of {REPLICAS} queues of one server: 1 / (1 - load) where calls "
        "go to a random one, sum of load^(2^i - 2) where to the shorter of two.",
        "service times",
        tuple(rows),
        Picture(
            "two-choices",
            "load",
            "mean time in the system, service times",
            (
                Curve("random, theory", loads, [1 / (1 - load) for load in loads]),
                Curve("random, plant", *curves["random"], is_line=False),
                Curve("two choices, theory", loads, [two_choices(load) for load in loads]),
                Curve("two choices, plant", *curves["least_request"], is_line=False),
            ),
        ),
    )


def _responses(system: Plant) -> tuple[int, int]:
    rows = [system.replica_row(replica) for replica in range(REPLICAS)]
    return (
        sum(int(row[ReplicaProbe.RESPONSE_NS]) for row in rows),
        sum(int(row[ReplicaProbe.COMPLETED]) for row in rows),
    )


def fan_out(scale: float) -> Law:
    """Share of requests that meet a slow call, where one in a hundred calls is slow."""
    rows = []
    slow, quick = Work(Distribution("fixed", SECOND)), Work(Distribution("fixed", MS))
    for branches in (1, 10, 100):
        back = PoolSpec(
            "back", Workers(100_000), 1, default_handler=(Chance(0.01, (slow,), (quick,)),)
        )
        handler = (Parallel(tuple((Call("back"),) for _ in range(branches))),)
        front = PoolSpec("front", Workers(100_000), 1, default_handler=handler)
        bounds = (0.1,)
        system = plant(
            [front, back],
            Poisson(2000.0 / branches, branches),
            edges=[EdgeSpec("front", "back")],
            ttft_bounds_s=bounds,
            late_e2e_ns=100 * MS,
        )
        lasts_s = int(100 * scale) + 20
        stretches(system, lasts_s, 1, lambda _system: (0,))
        counts = system.outcomes()[: lasts_s // 10 - 1].sum(axis=(0, 1))
        share = 1 - float(counts[Outcome.GOOD]) / float(counts.sum())
        expected = 1 - 0.99**branches
        half = 3 * math.sqrt(expected * (1 - expected) / float(counts.sum()))
        rows.append(Row(f"{branches} calls at once", expected, share, half))
    return Law(
        "The tail of a fan-out",
        "If one call in a hundred is slow, a request of n calls at once is slow with probability "
        "1 - 0.99^n.",
        "share of slow requests",
        tuple(rows),
    )
