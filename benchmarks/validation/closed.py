"""Closed loops: a fixed number of users who think and ask, against the machine repairman."""

import math

import numpy as np

from benchmarks.validation.rows import Curve, Floats, Law, Picture, Row
from benchmarks.validation.systems import SECOND, Ints, plant, stretches, workers
from simulator.plant.api import Arrivals
from simulator.plant.client_spec import Session
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe
from simulator.plant.spec import Client, Distribution

THINK_S, SERVICE_S, SERVERS = 1.0, 0.1, 2
SETTINGS = (5, 10, 20, 30, 40)
_PARTS = 30
_OTHER_THINK = Distribution("lognormal", THINK_S * SECOND / 1.6487212707, 1.0)
_OTHER_SERVICE = Distribution("hyperexponential", SERVICE_S * SECOND, 4.0)


def repairman(users: int) -> tuple[float, float]:
    """Throughput and mean response time of N users with exponential thinking and service.

    With n inside, requests come at (N - n) / Z and are done at min(n, c) / S: a birth and death
    process (Kleinrock, Queueing Systems I, 1975, section 3.8).
    """
    weights = [1.0]
    for n in range(users):
        done = min(n + 1, SERVERS) / SERVICE_S
        weights.append(weights[-1] * (users - n) / THINK_S / done)
    shares = np.array(weights) / math.fsum(weights)
    inside = float((np.arange(users + 1) * shares).sum())
    rate = (users - inside) / THINK_S
    return rate, inside / rate


def closed_loop(scale: float) -> Law:
    """Response times of fixed numbers of users, and the law that holds whatever they do."""
    rows, means, widths = [], [], []
    for users in SETTINGS:
        think = Distribution("exponential", THINK_S * SECOND)
        service = Distribution("exponential", SERVICE_S * SECOND)
        response, width, _ = _measured(users, think, service, scale)
        means.append(1000 * response)
        widths.append(1000 * width)
        expected = 1000 * repairman(users)[1]
        rows.append(Row(f"{users} users, exponential laws", expected, means[-1], widths[-1]))
    for users in (10, 40):
        response, width, rate = _measured(users, _OTHER_THINK, _OTHER_SERVICE, scale)
        expected = 1000 * (users / rate - THINK_S)
        named = f"{users} users, lognormal thinking, hyperexponential service: N / X - Z"
        rows.append(Row(named, expected, 1000 * response, 1000 * width, 0.01))
    line = Curve("machine repairman", SETTINGS, [1000 * repairman(n)[1] for n in SETTINGS])
    points = Curve("plant", SETTINGS, means, widths, is_line=False)
    return Law(
        "Closed loop",
        "Mean response time of a number of users who think for 1 s and then ask two servers that "
        "take 100 ms: the machine repairman; with other laws the interactive response time law, "
        "X being the plant's own throughput (Denning and Buzen 1978).",
        "ms",
        tuple(rows),
        Picture("closed-loop", "users", "response time, ms", (line, points)),
    )


class _Once:
    """Users who come in one after another in the first seconds."""

    def __init__(self, users: int) -> None:
        self.times: Ints = np.arange(users, dtype=np.int64) * (SECOND // 10)

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002  its face
        return Arrivals(self.times if stream == index == 0 else self.times[:0])


def _measured(
    users: int, think: Distribution, service: Distribution, scale: float
) -> tuple[float, float, float]:
    """Mean response time in s, three standard errors of it, and the throughput per second."""
    session = Session(Distribution("fixed", 1e12), think, Distribution("fixed", 0))
    system = plant([workers("a", SERVERS, service)], _Once(users), client=Client(session=session))
    grew = stretches(system, 30_000 * scale, _PARTS + 1, _answered)[1:]
    spent, done = grew[:, 0], grew[:, 1]
    means: Floats = spent / done / SECOND
    whole = float(spent.sum() / done.sum() / SECOND)
    width = 3.0 * float(means.std(ddof=1)) / math.sqrt(_PARTS)
    lasts = 30_000 * scale * _PARTS / (_PARTS + 1)
    return whole, width, float(done.sum()) / lasts


def _answered(system: Plant) -> tuple[int, int]:
    row = system.class_row(0)
    return int(row[ClassProbe.E2E_NS]), int(row[ClassProbe.ANSWERED_2XX])
