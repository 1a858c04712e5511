"""Processors in a drill: what cAdvisor shows, what an autoscaler does, and stolen cores."""

from pathlib import Path

import pytest

from simulator.drill.effects import Affliction
from simulator.drill.run import Flight, take_off
from simulator.plant.api import ReplicaKnob
from simulator.plant.cpu import CORES, QUOTA
from simulator.scenario.reader import load
from simulator.units import SECOND
from simulator.world import Home, Knob, Place

pytestmark = pytest.mark.xdist_group("small")

PATH = Path(__file__).parent / "data" / "processors.drill.yaml"
STATIC = ("autoscalers=[]",)


def seated(*set_: str) -> Flight:
    return take_off(load(PATH, set_=set_), seed=3)


def value(flight: Flight, expression: str) -> float:
    ((_, found),) = flight.session.evaluate(expression)
    return found


def test_a_limit_shows_in_cadvisors_counters_and_where_there_is_none_nothing_does() -> None:
    flight = seated(*STATIC)
    flight.session.advance(120 * SECOND)

    periods = value(flight, 'sum(container_cpu_cfs_periods_total{job="tokenizer"})')
    throttled = value(flight, 'sum(container_cpu_cfs_throttled_periods_total{job="tokenizer"})')
    used = value(flight, 'sum(container_cpu_usage_seconds_total{job="tokenizer"})')

    # Up to three minutes, by the last scrape; two pods of ten periods a second each.
    # 120/s x (0.5 ms + 3 us x 1,461 tokens) are 0.586 cores.
    assert 3000 <= periods <= 3600
    assert 0.1 < throttled / periods < 0.3
    assert used / (periods / 20) == pytest.approx(0.586, rel=0.05)
    assert flight.session.evaluate('container_cpu_cfs_periods_total{job="api"}') == []
    assert value(flight, 'sum(rate(http_server_requests_total{job="api",code="200"}[1m]))') > 100


def test_an_autoscaler_on_cpu_utilization_ends_the_throttling() -> None:
    flight = seated()
    flight.session.advance(420 * SECOND)

    # 0.586 cores at 60 % of 0.3 each are 3.3 pods.
    assert value(flight, 'kube_deployment_status_replicas_ready{deployment="tokenizer"}') == 4
    share = (
        'sum(rate(container_cpu_cfs_throttled_periods_total{job="tokenizer"}[1m]))'
        ' / sum(rate(container_cpu_cfs_periods_total{job="tokenizer"}[1m]))'
    )
    assert value(flight, share) < 0.2


@pytest.mark.parametrize(
    ("knob", "column", "healthy"),
    [(Knob.CORES, CORES, 8.0), (Knob.CPU_LIMIT, QUOTA, 40_000_000.0)],
)
def test_trouble_takes_a_share_of_cores_or_limit_and_gives_it_back(
    knob: Knob, column: int, healthy: float
) -> None:
    flight = seated(*STATIC)
    drill = flight.drill
    rows = [row for row in drill.effects.rows.values() if row.component == "tokenizer"]
    table = drill.plant._s.cpu_floats  # type: ignore[attr-defined]  # noqa: SLF001  the plant's own
    place = Place("component", "tokenizer")

    drill.effects.afflict(Affliction("neighbour", Home.HOST, place, knob, 0.25))
    struck = [float(table[row.number, column]) for row in rows]
    drill.effects.relieve("neighbour")

    assert struck == [0.25 * healthy] * 2
    assert [float(table[row.number, column]) for row in rows] == [healthy] * 2


def test_other_components_have_no_cores_to_take() -> None:
    flight = seated(*STATIC, "components.api={kind: workers, workers: 8, service: 1ms}")
    api = next(row for row in flight.drill.effects.rows.values() if row.component == "api")

    flight.drill.plant.turn_replica(api.number, ReplicaKnob.CORES, 0.5)

    flight.session.advance(90 * SECOND)
    flight.drill.plant.check_conservation()
