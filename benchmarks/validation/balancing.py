"""Balancing: herds on old news, and how evenly hashes share calls out."""

import math

import numpy as np

from benchmarks.validation.rows import Law, Row
from benchmarks.validation.systems import MS, SECOND, Poisson, advance, plant, workers
from simulator.plant.api import ReplicaKnob
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.routing import CELLS
from simulator.plant.spec import Distribution, EdgeSpec

HERD, RATE, SERVED = 8, 400.0, 100.0
LOOK_S = 0.05


def herding(scale: float) -> Law:
    """How many calls stand at the replica that everybody took for the least loaded."""
    rows = []
    for age_s in (2, 5):
        edge = EdgeSpec("users", "a", balance="least_loaded", load_refresh_ns=age_s * SECOND)
        pool = workers("a", 1, Distribution("exponential", SECOND / SERVED), replicas=HERD)
        system = plant([pool], Poisson(RATE, 8), edges=[edge])
        for replica in range(HERD):
            # Ties are drawn by lot; a hair's difference sends everybody to the same empty one.
            system.turn_replica(replica, ReplicaKnob.WEIGHT, 1.0 - replica / 10_000)
        advance(system, 4 * age_s * SECOND)
        peaks = [_peak(system, age_s) for _ in range(int(max(400 * scale, 60) / age_s))]
        # Arrivals and services in one period are Poisson, and independent of other periods'.
        error = math.sqrt((RATE + SERVED) * age_s / len(peaks))
        expected, mean = (RATE - SERVED) * age_s, math.fsum(peaks) / len(peaks)
        rows.append(Row(f"loads up to {age_s} s old", expected, mean, 3 * error, allowed=0.03))
    return Law(
        "Herding on old news",
        f"Where all take the least loaded of {HERD} servers as of the last look, it alone gets "
        "everything until the next: (arrival rate - its service rate) x age calls stand there.",
        "calls at the fullest",
        tuple(rows),
    )


def _peak(system: Plant, lasts_s: float) -> int:
    """The most calls at any one replica within a period, looked at every twentieth of a second."""
    most = 0
    for _ in range(round(lasts_s / LOOK_S)):
        advance(system, system.now + int(LOOK_S * SECOND))
        for replica in range(HERD):
            row = system.replica_row(replica)
            most = max(most, int(row[ReplicaProbe.QUEUED] + row[ReplicaProbe.RUNNING]))
    return most


def hashing(scale: float) -> Law:
    """How much replicas' shares differ where a hash of what is asked for chooses."""
    rows = []
    for replicas in (10, 100):
        edge = EdgeSpec("users", "a", balance="consistent_hash")
        pool = workers("a", 1000, Distribution("fixed", MS), replicas=replicas)
        system = plant([pool], Poisson(10_000.0, 4), edges=[edge])
        advance(system, int(max(100 * scale, 20) * SECOND))
        counts = np.array(
            [system.replica_row(r)[ReplicaProbe.ARRIVED] for r in range(replicas)], np.float64
        )
        expected = math.sqrt((replicas - 1) / CELLS + replicas / counts.sum())
        simulated = float(counts.std(ddof=1) / counts.mean())
        half = 3 * expected / math.sqrt(2 * (replicas - 1))
        rows.append(Row(f"{replicas} replicas", expected, simulated, half))
    return Law(
        "Consistent hashing",
        f"Each of {CELLS} cells belongs to a replica drawn at random, so shares differ by "
        "sqrt((replicas - 1) / cells), and a little by who happens to ask.",
        "standard deviation of shares / mean",
        tuple(rows),
    )
