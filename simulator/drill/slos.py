"""A scenario's objectives as telemetry can ask them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from simulator.instruments.slo.generated import Slo
from simulator.plant.spec import PlantSpec
from simulator.scenario.model import Scenario
from simulator.scenario.parts import Objective
from simulator.units import MS, SECOND


def slos_of(objectives: Iterable[Objective]) -> tuple[Slo, ...]:
    """Objectives as their telemetry is asked."""
    return tuple(
        Slo(
            each.name,
            each.request_class,
            each.of,
            None if each.below is None else each.below / SECOND,
            each.share,
            each.window // MS,
        )
        for each in objectives
    )


def burning_slos(scenario: Scenario) -> tuple[Slo, ...]:
    """The objectives that have burn-rate alerts."""
    return slos_of(each for each in scenario.objectives if each.burn_rate_alerts)


def with_bounds(spec: PlantSpec, slos: Sequence[Slo]) -> PlantSpec:
    """Give the histograms that objectives are read from a bucket that ends at the objective."""
    for slo in slos:
        if slo.below_s is None:
            continue
        found = next(each for each in spec.classes if each.name == slo.route)
        if slo.of == "ttft":
            wider = replace(found, ttft_bounds_s=_with(found.ttft_bounds_s, slo.below_s))
            classes = tuple(wider if each is found else each for each in spec.classes)
            spec = replace(spec, classes=classes)
            continue
        pools = tuple(
            replace(pool, latency_bounds_s=_with(pool.latency_bounds_s, slo.below_s))
            if pool.name == found.entry
            else pool
            for pool in spec.pools
        )
        spec = replace(spec, pools=pools)
    return spec


def _with(bounds: tuple[float, ...], bound: float) -> tuple[float, ...]:
    return tuple(sorted({*bounds, bound}))
