"""Herds and cascades: when clients that come back together, or replicas left out, are too many."""

import numpy as np

from benchmarks.validation.rows import Law, Row
from benchmarks.validation.systems import SECOND, Poisson, advance, plant, workers
from simulator.plant.api import Arrivals, ReplicaKnob
from simulator.plant.arrivals import MINUTE
from simulator.plant.probes import EdgeProbe, ReplicaProbe
from simulator.plant.spec import Distribution, EdgeSpec
from simulator.plant.spec_parts import Outliers

MU = 200.0
HERDS = ((2000, 10.0, 100.0), (2000, 25.0, 100.0), (500, 10.0, 100.0), (1000, 2.0, 100.0))
"""Clients, jitter in seconds, other arrivals a second."""
CASCADES = ((0.3, 0.6), (0.3, 0.8), (0.5, 0.4), (0.5, 0.6))
"""Share of replicas that fail and are ejected, utilization of all of them."""


class Herd(Poisson):
    """Poisson arrivals, and so many more at once at an instant."""

    def __init__(self, rate: float, clients: int, at_ns: int) -> None:
        super().__init__(rate, 5)
        self.clients, self.at_ns = clients, at_ns

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:
        """Say a minute's arrivals."""
        times = super().minute(request_class, stream, index).times
        if stream == 0 and self.at_ns // MINUTE == index:
            times = np.sort(np.concatenate((times, np.full(self.clients, self.at_ns))))
        tokens = np.full(len(times), -1, np.int64)
        return Arrivals(times, tokens, tokens)


def herds(_scale: float) -> Law:
    """How much waits when the last of a herd has come back."""
    rows = [
        Row(
            f"{clients} clients over {jitter:g} s: {(clients / jitter + rate) / MU:g} of capacity",
            max(clients / jitter + rate - MU, 0.0) / MU,
            _backlog(clients, jitter, rate) / (MU * jitter),
            half_width=0.07 + 0.3 / jitter,
        )
        for clients, jitter, rate in HERDS
    ]
    return Law(
        "Thundering herd",
        "N clients are turned away at once and come back within J, by full jitter, beside lambda "
        "others. There is no overload unless N / J + lambda > mu, else (N / J + lambda - mu) J "
        "calls wait when the last has come.",
        "calls waiting, of what is served in J",
        tuple(rows),
    )


def _backlog(clients: int, jitter: float, rate: float) -> int:
    struck = 30 * SECOND
    again = EdgeSpec("users", "a", retries_max=1, backoff_ns=int(jitter * SECOND), jitter="full")
    servers = workers("a", 20, Distribution("exponential", 0.1 * SECOND))
    system = plant([servers], Herd(rate, clients, struck), edges=[again])
    advance(system, struck)
    system.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)
    advance(system, struck + 1)
    system.turn_replica(0, ReplicaKnob.ERROR_SHARE, 0.0)
    advance(system, struck + int(jitter * SECOND))
    return int(system.replica_row(0)[ReplicaProbe.QUEUED])


def cascades(_scale: float) -> Law:
    """What becomes of a pool whose failing replicas are left out."""
    rows = [
        Row(
            f"{failing:.0%} fail at utilization {load:g}",
            float(load > 1.0 - failing),
            float(_spreads(failing, load)),
        )
        for failing, load in CASCADES
    ]
    return Law(
        "Ejection cascade",
        "A share f of 10 replicas fails and is ejected. The others take over while rho < 1 - f; "
        "above, their queues make calls time out, which ejects healthy ones as well.",
        "1: healthy replicas were ejected",
        tuple(rows),
    )


def _spreads(failing: float, load: float) -> bool:
    outliers = Outliers(5, 10 * SECOND, 30 * SECOND, ejected_max=1.0, panic_below=0.0)
    edge = EdgeSpec("users", "a", timeout_ns=SECOND, on_timeout="leave", outliers=outliers)
    servers = workers("a", 4, Distribution("exponential", 0.1 * SECOND), replicas=10)
    system = plant([servers], Poisson(400 * load, 6), edges=[edge])
    advance(system, 20 * SECOND)
    fail = round(10 * failing)
    for replica in range(fail):
        system.turn_replica(replica, ReplicaKnob.ERROR_SHARE, 1.0)
    most = 0
    for second in range(21, 80):
        advance(system, second * SECOND)
        most = max(most, int(system.edge_row(0)[EdgeProbe.EJECTED]))
    return most > fail
