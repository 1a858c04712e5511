"""Retry storms: which loads recover from a brief loss of capacity, and which stay down."""

from benchmarks.validation.rows import Law, Row
from benchmarks.validation.systems import SECOND, Poisson, advance, plant, workers
from simulator.plant.api import Outcome, ReplicaKnob
from simulator.plant.spec import Distribution, EdgeSpec

CASES: tuple[tuple[str, float, dict[str, object], dict[str, object], float], ...] = (
    ("3 attempts, 28/s (limit 33)", 28, {"retries_max": 2, "on_timeout": "leave"}, {}, 1.0),
    ("3 attempts, 40/s", 40, {"retries_max": 2, "on_timeout": "leave"}, {}, 0.0),
    ("3 attempts, 60/s", 60, {"retries_max": 2, "on_timeout": "leave"}, {}, 0.0),
    ("4 attempts, 20/s (limit 25)", 20, {"retries_max": 3, "on_timeout": "leave"}, {}, 1.0),
    ("4 attempts, 32/s", 32, {"retries_max": 3, "on_timeout": "leave"}, {}, 0.0),
    ("no retries, 90/s", 90, {"on_timeout": "leave"}, {}, 1.0),
    (
        "3 attempts, budget 10 %, 80/s (limit 91)",
        80,
        {"retries_max": 2, "on_timeout": "leave", "retry_budget": 0.1},
        {},
        1.0,
    ),
    ("3 attempts, timed-out work cancelled, 80/s", 80, {"retries_max": 2}, {}, 1.0),
    (
        "3 attempts, deadlines travel, 95/s",
        95,
        {"retries_max": 2, "on_timeout": "leave", "deadline": "propagate"},
        {},
        1.0,
    ),
    (
        "3 attempts, deadlines looked at only before work begins, 80/s",
        80,
        {"retries_max": 2, "on_timeout": "leave", "deadline": "check"},
        {},
        0.0,
    ),
    (
        "3 attempts, newest first, 90/s",
        90,
        {"retries_max": 2, "on_timeout": "leave"},
        {"order": "lifo"},
        1.0,
    ),
)
FAST = (CASES[0][0], CASES[1][0], "3 attempts, deadlines travel, 95/s")
"""Those that are looked at in every test run."""


def metastability(scale: float) -> Law:
    """Goodput two minutes after ten seconds at a tenth of the capacity."""
    rows = [
        Row(name, expected, _goodput(rate, edge, pool), half_width=0.15)
        for name, rate, edge, pool, expected in CASES
        if scale >= 1.0 or name in FAST
    ]
    return Law(
        "Retry metastability",
        "100/s of capacity, FIFO, attempts time out after 1 s and go on unseen; 90 % of capacity "
        "is lost for 10 s. With A attempts the storm outlives its cause above mu / A, with a "
        "budget b above mu / (1 + b), with deadlines that travel above mu. Looked at only before "
        "work begins they save nobody: what is begun in time ends too late. Goodput 120 s later.",
        "share of good answers",
        tuple(rows),
    )


def _goodput(rate: float, edge: dict[str, object], pool: dict[str, object]) -> float:
    users = EdgeSpec("users", "a", timeout_ns=SECOND, **edge)  # type: ignore[arg-type]  # a table
    servers = workers("a", 10, Distribution("exponential", 0.1 * SECOND), **pool)
    system = plant([servers], Poisson(rate, 4), edges=[users], late_e2e_ns=SECOND)
    advance(system, 30 * SECOND)
    system.turn_replica(0, ReplicaKnob.WORKERS, 1)
    advance(system, 40 * SECOND)
    system.turn_replica(0, ReplicaKnob.WORKERS, 10)
    advance(system, 200 * SECOND)
    late = system.outcomes()[16:18].sum(axis=(0, 1))
    return float(late[Outcome.GOOD] / late.sum())
