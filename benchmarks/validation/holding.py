"""What holds things: connections that run out, rows that are locked, messages, transfers."""

import numpy as np

from benchmarks.validation.queues import erlang_wait
from benchmarks.validation.rows import Law, Row, batch_means
from benchmarks.validation.systems import (
    MS,
    SECOND,
    Poisson,
    advance,
    plant,
    stretches,
    workers,
)
from simulator.plant.contents import Objects, Queue, Relational
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, EdgeProbe, ReplicaProbe
from simulator.plant.spec import Call, Distribution, EdgeSpec, PoolSpec, Work, Workers
from simulator.plant.spec_parts import ConnectionPool

_MANY = 100_000
_AT_ONCE = Distribution("fixed", 0)
"""Of handlers that only call: their servers are never short."""


def _calls(callee: str, *, writes: bool = False) -> PoolSpec:
    return PoolSpec("api", Workers(_MANY), 1, default_handler=(Call(callee, writes=writes),))


def _exponential(ms: float) -> Distribution:
    return Distribution("exponential", ms * MS)


def refusals(scale: float) -> Law:
    """Erlang's loss formula at a store that is short of connections."""
    rows = []
    for servers, load in ((5, 5.0), (20, 15.0), (50, 40.0)):
        loss = 1.0
        for n in range(1, servers + 1):
            loss = load * loss / (n + load * loss)
        content = Relational(_exponential(50), _exponential(50), connections_max=servers)
        store = PoolSpec("db", Workers(_MANY, content=content), 1)
        system = plant([_calls("db"), store], Poisson(load / 0.05, servers))
        grown = stretches(system, 24_000.0 * scale, 31, _refused)[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1])
        rows.append(Row(f"{servers} connections, offered load {load:g}", loss, mean, half))
    return Law(
        "Connections that run out",
        "Share of calls a relational store refuses with all connections taken: Erlang's loss "
        "formula B(c, a).",
        "share refused",
        tuple(rows),
    )


def _refused(system: Plant) -> tuple[int, int]:
    row = system.replica_row(1)
    return int(row[ReplicaProbe.BACKENDS_REFUSED]), int(row[ReplicaProbe.ARRIVED])


def waits(scale: float) -> Law:
    """Waiting for what others hold: a connection, a row, a share of the bandwidth."""
    rows = []
    for load in (0.5, 0.7, 0.9):
        edge = EdgeSpec("api", "db", pool=ConnectionPool(4))
        system = plant(
            [_calls("db"), workers("db", _MANY, _exponential(20))],
            Poisson(load * 4 / 0.02, 3),
            edges=[edge],
        )
        grown = stretches(system, 32_000.0 * scale, 31, _pool_waits)[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1] / MS)
        expected = 20 * erlang_wait(4, load)
        rows.append(Row(f"pool of 4 connections at load {load:g}", expected, mean, half))
    for load in (0.5, 0.8):
        content = Relational(_AT_ONCE, _exponential(10))
        store = PoolSpec("db", Workers(_MANY, content=content), 1)
        system = plant([_calls("db", writes=True), store], Poisson(load / 0.01, 4), keys=1)
        grown = stretches(system, 48_000.0 * scale, 31, _answers)[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1] / MS)
        rows.append(Row(f"writes of one row at load {load:g}", 10 / (1 - load), mean, half))
    for load in (0.5, 0.8):
        # A thousand bytes a millisecond, 20,000 bytes on average, whatever a stream may take.
        objects = Objects(_AT_ONCE, Distribution("exponential", 20_000), (), 1e6, 1e6)
        store = PoolSpec("files", Workers(_MANY, content=objects), 1)
        system = plant([_calls("files"), store], Poisson(load / 0.02, 5))
        grown = stretches(system, 64_000.0 * scale, 31, _answers)[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1] / MS)
        rows.append(Row(f"transfers at load {load:g}", 20 / (1 - load), mean, half))
    return Law(
        "Waiting for what others hold",
        "Mean wait for one of c pooled connections (Erlang C), mean time in the system of writes "
        "of one row (M/M/1) and of transfers that share a bandwidth (M/M/1-PS).",
        "ms",
        tuple(rows),
    )


def _pool_waits(system: Plant) -> tuple[int, int]:
    row = system.edge_row(1)
    return int(row[EdgeProbe.POOL_WAIT_NS]), int(row[EdgeProbe.CALLS])


def _answers(system: Plant) -> tuple[int, int]:
    row = system.class_row(0)
    return int(row[ClassProbe.E2E_NS]), int(row[ClassProbe.ANSWERED_2XX])


def messages(scale: float) -> Law:
    """Backlogs of a queue and deliveries of messages that can never be handled."""
    rows = []
    for load in (0.7, 0.9):
        system = _queue(load, Queue("worker", prefetch=1))
        seen = []
        for second in range(1, int(48_000 * scale)):
            advance(system, second * SECOND)
            seen.append(float(system.replica_row(1)[ReplicaProbe.MESSAGES_READY]))
        mean, half = batch_means(np.array(seen[60:]))
        expected = 4 * load * erlang_wait(4, load)
        rows.append(Row(f"waiting for 4 consumers at load {load:g}", expected, mean, half))
    for share, most in ((0.1, 3), (0.3, 5)):
        lasts = Queue("worker", receives_max=most, retry_ns=10 * MS, poison_share=share)
        grown = stretches(_queue(0.3, lasts), 12_000.0 * scale, 31, _delivered)[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1])
        setting = f"deliveries of a message, {share:.0%} poison, {most} at most"
        rows.append(Row(setting, 1 - share + share * most, mean, half))
    return Law(
        "Messages",
        "Mean backlog before c exponential consumers (M/M/c), and how often a message is handed "
        "out where a share of them is poison: 1 - p + p n.",
        "messages, or times",
        tuple(rows),
    )


def _queue(load: float, content: Queue) -> Plant:
    """Four consumers of 20 ms."""
    pools = [
        _calls("jobs"),
        PoolSpec("jobs", Workers(_MANY, content=content), 1),
        PoolSpec("worker", Workers(1), 4, default_handler=(Work(_exponential(20)),)),
    ]
    return plant(pools, Poisson(load * 4 / 0.02, 6))


def _delivered(system: Plant) -> tuple[int, int]:
    row = system.replica_row(1)
    return int(row[ReplicaProbe.DELIVERED]), int(row[ReplicaProbe.PUBLISHED])
