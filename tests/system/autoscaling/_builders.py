"""Short ways to say specs and samples."""

from simulator.system.autoscaling.observed import MetricInput, Observed, PodSample
from simulator.system.autoscaling.spec import (
    Behavior,
    HpaSpec,
    Metric,
    Policy,
    Rules,
    Source,
    TargetType,
)
from simulator.units import SECOND

CPU_80 = Metric(Source.RESOURCE, "cpu", TargetType.UTILIZATION, 80)
UP = Rules(0, "Max", (Policy("Pods", 4, 15 * SECOND), Policy("Percent", 100, 15 * SECOND)))
DOWN = Rules(300 * SECOND, "Max", (Policy("Percent", 100, 15 * SECOND),))


def behavior(up: Rules = UP, down: Rules = DOWN) -> Behavior:
    return Behavior(up, down)


def hpa(
    *metrics: Metric, least: int = 1, most: int = 100, rules: Behavior | None = None
) -> HpaSpec:
    return HpaSpec("llm", "llm", least, most, metrics or (CPU_80,), rules)


def external(target: TargetType, value: int) -> Metric:
    return Metric(Source.EXTERNAL, "queue", target, value * 1000)


def per_pod(value: int) -> Metric:
    return Metric(Source.PODS, "running", TargetType.AVERAGE_VALUE, value * 1000)


def pods(*milli: int | None, request: int | None = 1000) -> tuple[PodSample, ...]:
    """Ready pods that have run for long, one per sample."""
    return tuple(
        PodSample(
            f"llm-{index}",
            start=-3600 * SECOND,
            ready_changed_at=-3500 * SECOND,
            metric_milli=value,
            requests_milli=(("llm", request),),
        )
        for index, value in enumerate(milli)
    )


def seen(
    *inputs: MetricInput, now_s: float = 0, replicas: int = 4, ready: int | None = None
) -> Observed:
    return Observed(
        now=int(now_s * SECOND),
        replicas=replicas,
        status_replicas=replicas,
        ready_pods=replicas if ready is None else ready,
        inputs=inputs,
    )
