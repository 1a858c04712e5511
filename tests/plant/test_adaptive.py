"""The adaptive limit: equal to a plain controller, and what it is for."""

import pytest

from simulator.plant.api import Outcome
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe as E
from simulator.plant.spec import EdgeSpec
from simulator.plant.spec_parts import Adaptive
from tests.plant.reference_gradient import play
from tests.plant.systems import MS, SECOND, fixed, outcomes, plant, poisson, pool, run_until

QUICK = Adaptive(measured_every_ns=3 * SECOND, measured_over=20, measured_jitter=0.0)
SERVERS, LASTS_MS = 10, 20  # 500 a second


def _system(rate: float, limit: Adaptive | None, **options: int) -> Plant:
    edge = EdgeSpec("users", "a", adaptive=limit, **options)  # type: ignore[arg-type]  # a table
    servers = pool("a", SERVERS, fixed(LASTS_MS), queue_max=100_000)
    return plant([servers], poisson(rate, 10), edges=[edge])


@pytest.mark.parametrize("rate", [100, 450, 700, 2000])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_limit_is_that_of_a_plain_controller(rate: float, share: float) -> None:
    limit = Adaptive(
        percentile=share, measured_every_ns=3 * SECOND, measured_over=20, measured_jitter=0.0
    )
    system = _system(rate, limit)
    looks = [k * SECOND + 1 for k in range(1, 10)]

    seen = []
    for look in looks:
        # Looked at with the call before it, when limits were last thought of.
        system.advance(look, inclusive=True)
        row = system.edge_row(0)
        seen.append(
            (int(row[E.LIMIT]), int(row[E.MIN_RTT_US]), int(row[E.OK]), int(row[E.BLOCKED]))
        )

    arrivals = [int(at) for at in poisson(rate, 10).times]
    assert seen == play(limit, arrivals, SERVERS, LASTS_MS * MS, looks)


def test_below_its_capacity_a_system_turns_nobody_away_once_it_is_known() -> None:
    system = _system(300, Adaptive(measured_jitter=0.0))
    run_until(system, 4)
    at_first = int(system.edge_row(0)[E.BLOCKED])

    run_until(system, 15)

    assert int(system.edge_row(0)[E.BLOCKED]) == at_first
    assert int(system.edge_row(0)[E.MIN_RTT_US]) == pytest.approx(LASTS_MS * 1000, rel=0.05)


def test_above_it_the_limit_keeps_those_quick_who_are_let_in() -> None:
    """Twice the capacity, and users whose calls time out after 200 ms."""
    free = _system(1000, None, timeout_ns=200 * MS)
    limited = _system(1000, QUICK, timeout_ns=200 * MS)

    run_until(free, 15)
    run_until(limited, 15)

    assert outcomes(free)[Outcome.GOOD] < 0.2 * free.requests()
    assert outcomes(limited)[Outcome.GOOD] > 0.35 * limited.requests()


def test_while_the_least_latency_is_measured_only_a_few_are_let_in() -> None:
    system = _system(2000, QUICK)
    most = 0
    for k in range(1, 1000):
        system.advance(k * 10 * MS, inclusive=True)
        row = system.edge_row(0)
        if row[E.MEASURING]:
            assert int(row[E.LIMIT]) == QUICK.concurrency_min
        most = max(most, int(row[E.ACTIVE]))

    assert 3 < most < 40
