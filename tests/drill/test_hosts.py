"""What node_exporter says of hosts: all their time is accounted for, while they stand."""

import pytest

from simulator.drill.run import Flight
from simulator.instruments.promql.plan import compile_query
from simulator.units import SECOND
from tests.drill.small import seated

GPU_HOST = '{instance="gpu-0:9100"}'


def run_for(flight: Flight, seconds: int) -> None:
    flight.session.advance(flight.session.now + seconds * SECOND)


def values(flight: Flight, query: str) -> list[float]:
    drill = flight.drill
    found = compile_query(query).vector(drill.store, drill.now_ms)
    return [float(sample.value) for sample in found.samples()]


@pytest.fixture
def flight() -> Flight:
    return seated("faults=[]")


def test_every_core_is_used_or_idle_all_the_time(flight: Flight) -> None:
    run_for(flight, 120)

    cores = 'count by (instance) (node_cpu_seconds_total{mode="idle"})'
    up_for = "max by (instance) (node_time_seconds - node_boot_time_seconds)"
    lasted = values(flight, f"{cores} * {up_for}")
    counted = values(flight, "sum by (instance) (node_cpu_seconds_total)")

    assert len(counted) == len(flight.drill.world.nodes())
    assert counted == pytest.approx(lasted)


def test_hosts_use_what_their_pods_use(flight: Flight) -> None:
    run_for(flight, 120)

    of_pods = values(flight, 'sum(rate(container_cpu_usage_seconds_total{node=~".+"}[1m]))')
    of_hosts = values(flight, 'sum(rate(node_cpu_seconds_total{mode="user"}[1m]))')

    # Pods are scraped at instants of their own.
    assert of_hosts == pytest.approx(of_pods, rel=0.1)


def test_what_a_pod_has_used_stays_counted_when_it_is_gone(flight: Flight) -> None:
    run_for(flight, 30)
    flight.drill.cluster.drain_node("gpu-0")

    run_for(flight, 120)

    user = 'min(min_over_time(delta(node_cpu_seconds_total{mode="user"}[30s])[2m:15s]))'
    assert values(flight, user)[0] >= 0.0


def test_a_lost_host_answers_nothing_and_counts_from_zero_when_it_is_back(flight: Flight) -> None:
    run_for(flight, 20)
    flight.drill.cluster.lose_node("gpu-0")
    run_for(flight, 20)
    assert values(flight, f"up{GPU_HOST}") == [0.0]
    assert values(flight, f"node_memory_MemTotal_bytes{GPU_HOST}") == []
    back_s = flight.drill.now_ms / 1000
    flight.drill.cluster.return_node("gpu-0")

    run_for(flight, 20)

    assert values(flight, f"up{GPU_HOST}") == [1.0]
    assert values(flight, f"node_boot_time_seconds{GPU_HOST}") == [back_s]
    per_core = f"max(node_cpu_seconds_total{GPU_HOST})"
    assert values(flight, per_core)[0] < 20.0


ALL = ("gateway", "door", "pages", "catalogue", "llm")


@pytest.mark.parametrize("told", [pytest.param(ALL, id="of all"), pytest.param(ALL[:2], id="some")])
def test_memory_in_use_is_shown_where_that_of_every_pod_is_known(told: tuple[str, ...]) -> None:
    memory = "{memory: {max: 2Gi, base: 1Gi}}"
    flight = seated("faults=[]", *(f"components.{name}.limits={memory}" for name in told))

    run_for(flight, 20)

    used = "sum(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes)"
    of_pods = values(flight, "sum(container_memory_working_set_bytes)")
    assert values(flight, used) == (of_pods if told == ALL else [])
