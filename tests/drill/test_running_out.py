"""Things run out, as responders see it: a leak ends in a crash loop, a disk fills, files go."""

import pytest

from simulator.drill.run import Flight
from simulator.units import SECOND
from simulator.world import PodPhase
from tests.drill.small import seated

pytestmark = pytest.mark.xdist_group("small")

LEAK = (
    (
        "faults=[{kind: leaky_release, at: 10s, target: gateway, per_second: 20Mi, "
        "revision: '1.1', note: gateway 1.1}]"
    ),
    "components.gateway.limits={memory: {max: 600Mi, base: 400Mi}}",
)
_TERMINATED = "kube_pod_container_status_last_terminated_reason"


def after(flight: Flight, seconds: float) -> Flight:
    flight.session.advance(flight.session.now + int(seconds * SECOND))
    return flight


def value(flight: Flight, expr: str) -> float:
    found = flight.session.evaluate(expr)
    return sum(each for _, each in found)


def test_a_leak_ends_in_oom_kills_and_a_crash_loop() -> None:
    flight = after(seated(*LEAK), 100)
    world = flight.drill.world

    assert value(flight, f'count({_TERMINATED}{{reason="OOMKilled"}})') == 2
    assert value(flight, "sum(kube_pod_container_status_restarts_total)") >= 6
    assert value(flight, "max_over_time(container_memory_working_set_bytes[1m])") > 400 * 2**20
    assert (
        flight.session.evaluate(
            "container_memory_working_set_bytes > container_spec_memory_limit_bytes"
        )
        == []
    )
    pods = world.pods("gateway")
    assert {pod.last_terminated for pod in pods} == {"OOMKilled"}
    seen = set()
    for _ in range(20):
        seen |= {pod.phase for pod in after(flight, 2).drill.world.pods("gateway")}
    assert PodPhase.CRASH_LOOP in seen
    assert any(
        "OOMKilled" in line.message for line in flight.drill.logs.search(component="gateway")
    )
    flight.drill.plant.check_conservation()


def test_restarting_does_not_cure_a_leak_and_rolling_back_does() -> None:
    flight = after(seated(*LEAK), 60)

    assert "refused" not in flight.session.do("rollback gateway").lines[0]
    after(flight, 30)
    before = value(flight, "sum(kube_pod_container_status_restarts_total)")
    after(flight, 60)

    assert value(flight, "sum(kube_pod_container_status_restarts_total)") == before
    assert value(flight, "max(container_memory_working_set_bytes)") == 400 * 2**20
    assert value(flight, "sum(kube_deployment_status_replicas_ready{deployment='gateway'})") == 2


def test_a_full_disk_fails_requests_until_the_pod_is_another() -> None:
    flight = seated(
        "components.door.limits={disk: {max: 1000Mi, base: 960Mi, grows: {per_call: 20Ki}}}"
    )
    after(flight, 30)
    full = value(flight, "max(kubelet_volume_stats_available_bytes)")
    failing = 'sum(rate(http_requests_total{route="facts",code="500"}[30s]))'

    # 40 Mi are 2,048 calls: at ten a second and pod they are gone after 205 s, 60 of them warm-up.
    after(flight, 150)
    assert full > 0
    assert value(flight, "max(kubelet_volume_stats_available_bytes)") <= 0
    assert value(flight, failing) == pytest.approx(20, abs=6)

    flight.session.do("restart door")
    after(flight, 40)
    assert value(flight, failing) < 1
    flight.drill.plant.check_conservation()


def test_files_run_out_and_connections_are_refused_while_processors_are_idle() -> None:
    flight = seated("components.gateway.limits={fds: {max: 44, base: 40, per_call: 2}}")

    after(flight, 90)

    assert value(flight, "max(process_open_fds)") == 44
    assert value(flight, "max(process_max_fds)") == 44
    cpu = value(flight, "max(rate(container_cpu_usage_seconds_total{job='gateway'}[1m]))")
    assert cpu < 0.2
    failing = 'sum(rate(http_requests_total{route="chat",code="500"}[1m]))'
    assert value(flight, failing) > 5
    assert any(
        "too many open files" in line.message
        for line in flight.drill.logs.search(component="gateway")
    )
