"""Packet loss: what it costs small messages and large ones."""

import math

from benchmarks.validation.rows import Law, Row
from benchmarks.validation.systems import MS, SECOND, Poisson, advance, plant, workers
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe
from simulator.plant.spec import Distribution, EdgeSpec

DELAY_MS, RTO_MS = 25, 250
PACKET = 1460


def loss(scale: float) -> Law:
    """Mean time of a call whose packets are lost, against closed forms."""
    rows = [_small(share, scale) for share in (0.001, 0.01, 0.05)]
    rows += [_large(share, scale) for share in (0.001, 0.01)]
    return Law(
        "Packet loss",
        "A call of one packet each way over a round trip of 50 ms, RTO 250 ms: 50 ms and twice "
        "RTO p / (1 - 2 p). A call of 2000 packets each way: no faster than Mathis's "
        "MSS / RTT x sqrt(3 / 2) / sqrt(p) behind the first ten, and lost tails.",
        "ms",
        tuple(rows),
    )


def _small(share: float, scale: float) -> Row:
    system = _lossy(share, 100, 200 * max(scale, 0.1))
    mean, count = _mean(system)
    delay = RTO_MS * share / (1 - 2 * share)
    squared = sum(share**k * (1 - share) * (RTO_MS * (2**k - 1)) ** 2 for k in range(1, 9))
    error = 3 * math.sqrt(2 * (squared - delay**2) / count)
    return Row(f"one packet, {share:.1%} lost", 2 * (DELAY_MS + delay), mean, error)


def _large(share: float, scale: float) -> Row:
    system = _lossy(share, 2000 * PACKET, 10 * max(scale, 0.1))
    mean, count = _mean(system)
    flow = (2000 - 10) * 2 * DELAY_MS * math.sqrt(share / 1.5)
    first, tail = 1 - (1 - share) ** 7, 1 - (1 - share) ** 3
    expected = 2 * (DELAY_MS + flow + first * 2 * DELAY_MS + tail * RTO_MS / (1 - 2 * share))
    error = 3 * RTO_MS * math.sqrt(2 * tail / count) * 1.2
    return Row(f"2000 packets, {share:.1%} lost", expected, mean, error)


def _lossy(share: float, size: int, rate: float) -> Plant:
    edge = EdgeSpec(
        "users", "a", delay_ns=DELAY_MS * MS, loss=share, request_bytes=size, answer_bytes=size
    )
    servers = workers("a", 1_000_000, Distribution("fixed", 0))
    system = plant([servers], Poisson(rate, 8), edges=[edge])
    advance(system, 120 * SECOND)
    return system


def _mean(system: Plant) -> tuple[float, int]:
    row = system.class_row(0)
    count = int(row[ClassProbe.ANSWERED_2XX])
    return float(row[ClassProbe.E2E_NS]) / count / MS, count
