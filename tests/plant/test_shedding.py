"""Load shedding: those who matter least are refused first."""

import pytest

from simulator.plant import layout as at
from simulator.plant.api import Outcome, PoolKnob
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe, ReplicaProbe
from simulator.plant.spec import ClassSpec, EdgeSpec, PlantSpec, PoolSpec, Workers
from simulator.plant.spec_parts import Shedding
from tests.plant.systems import MS, SECOND, Times, fixed, poisson, run_until

LOW, MIDDLE, HIGH = range(3)
LOADS = ((0, 0.8), (5, 1.5))


def _system(
    shedding: Shedding | None, *sources: Times, retries_max: int = 0, honours: bool = False
) -> Plant:
    """Ten servers of 100 ms, and classes of priority 0, 5 and 9."""
    servers = Workers(10, queue_max=1000, shedding=shedding)
    edge = EdgeSpec("users", "a", delay_ns=MS, retries_max=retries_max, honours_retry_after=honours)
    names = ("low", "middle", "high")
    classes = tuple(
        ClassSpec(name, "a", priority=priority, late_e2e_ns=SECOND)
        for name, priority in zip(names, (0, 5, 9), strict=True)
    )
    pools = (PoolSpec("a", servers, 1, default_handler=(fixed(100),)),)
    given = dict(zip(names, (*sources, Times([]), Times([])), strict=False))
    return Plant(PlantSpec(pools, (edge,), classes), 1, given)


def _good(system: Plant, of: int) -> float:
    counts = system.outcomes()[:, of].sum(axis=0)
    return float(counts[Outcome.GOOD] / counts.sum())


def test_a_class_is_refused_from_its_load_on() -> None:
    """At load .8, which is eight calls, low ones are refused; at 1.5, fifteen, middle ones."""
    burst = [k * MS for k in range(20)]
    systems = [
        _system(Shedding(LOADS), *(Times(burst if of == here else []) for here in range(3)))
        for of in range(3)
    ]

    for system in systems:
        run_until(system, 2)

    rows = [system.replica_row(0) for system in systems]
    assert [int(row[ReplicaProbe.COMPLETED]) for row in rows] == [8, 15, 20]
    assert [int(row[ReplicaProbe.SHED]) for row in rows] == [12, 5, 0]
    assert [int(row[ReplicaProbe.REJECTED]) for row in rows] == [12, 5, 0]


def test_in_an_overload_who_matters_most_is_served() -> None:
    """60 + 30 + 30 a second for 100 a second of capacity."""
    sources = [poisson(rate, 60, seed) for seed, rate in enumerate((60, 30, 30))]
    shed = _system(Shedding(LOADS), *sources)
    unshed = _system(None, *sources)

    run_until(shed, 70)
    run_until(unshed, 70)

    assert _good(shed, HIGH) == 1.0
    assert _good(shed, MIDDLE) > 0.97
    assert 0.3 < _good(shed, LOW) < 0.7
    assert _good(unshed, HIGH) < 0.5


def test_thresholds_can_be_turned() -> None:
    burst = Times([k * MS for k in range(20)])
    system = _system(Shedding(LOADS), burst, burst, burst)
    system.turn_pool(0, PoolKnob.SHED_PERCENT, 0.0)

    run_until(system, 2)

    assert [round(_good(system, of), 2) for of in (LOW, MIDDLE, HIGH)] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("honours", [False, True])
def test_who_is_refused_is_told_when_to_come_again(honours: bool) -> None:  # noqa: FBT001  a table
    again = Shedding(((9, 0.1),), retry_after_ns=3 * SECOND)
    system = _system(again, Times([0, 10 * MS]), retries_max=1, honours=honours)

    run_until(system, 2.9)
    early = int(system.edge_row(0)[EdgeProbe.CALLS])
    run_until(system, 5)

    assert early == (2 if honours else 3)
    assert int(system.edge_row(0)[EdgeProbe.CALLS]) == 3
    assert system._s.slots[:, at.STATE].sum() == 0  # noqa: SLF001  nobody is left
