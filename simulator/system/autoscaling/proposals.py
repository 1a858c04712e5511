"""From one metric to a replica count: the replica calculator, with its integer truncations."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulator.system.autoscaling.observed import MetricInput, Observed, PodSample, Unavailable
from simulator.system.autoscaling.pod_groups import (
    MissingRequest,
    PodGroups,
    group_pods,
    requests_of,
)
from simulator.system.autoscaling.spec import Controller, HpaSpec, Metric, Source, TargetType

INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one metric asks for; `replicas` is None when it could not be read, `error` says why.

    `current` and `target` are in percent for Utilization, else in milli-units.
    """

    metric: Metric
    replicas: int | None
    current: int | None
    note: str
    error: str = ""

    def __str__(self) -> str:
        if self.replicas is None:
            return f"{self.metric.title} could not be read: {self.error}"
        value = _shown(self.metric, self.current or 0)
        wanted = _shown(self.metric, self.metric.target)
        return f"{self.metric.title} is {value}, target {wanted}, {self.note}: {self.replicas}"


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far from 1 a ratio may be before anything moves."""

    up: float
    down: float

    def hold(self, ratio: float) -> bool:
        """Whether the ratio is close enough to 1 to stay."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


def propose(
    spec: HpaSpec, metric: Metric, given: MetricInput, observed: Observed, controller: Controller
) -> Proposal:
    """Turn one metric's input into a proposal; an unusable input becomes one without replicas."""
    if isinstance(given, Unavailable):
        return Proposal(metric, None, None, "", given.message)
    tolerances = _tolerances(spec, controller)
    try:
        if isinstance(given, int):
            return _from_value(metric, given, observed, tolerances)
        return _from_pods(metric, given, observed, tolerances, controller)
    except (MissingRequest, _NoSamples) as error:
        return Proposal(metric, None, None, "", str(error))


class _NoSamples(ValueError):
    """Nothing to average."""


def _tolerances(spec: HpaSpec, controller: Controller) -> Tolerances:
    up = down = None
    if spec.behavior is not None:
        up, down = spec.behavior.up.tolerance, spec.behavior.down.tolerance
    default = controller.tolerance
    return Tolerances(default if up is None else up, default if down is None else down)


def _from_value(metric: Metric, value: int, observed: Observed, tolerances: Tolerances) -> Proposal:
    current = observed.replicas
    if metric.target_type is TargetType.AVERAGE_VALUE:
        count = observed.status_replicas
        per_pod = math.ceil(value / count) if count else value
        if count and tolerances.hold(value / (metric.target * count)):
            return Proposal(metric, count, per_pod, f"within tolerance over {count} pods")
        wanted = _ceil(value / metric.target)
        return Proposal(metric, wanted, per_pod, f"total over target per pod, {count} pods now")
    ratio = value / metric.target
    if current == 0:
        return Proposal(metric, _ceil(ratio), value, "from zero")
    if tolerances.hold(ratio):
        return Proposal(metric, current, value, "within tolerance")
    if not observed.has_pods:
        raise _NoSamples("no pods returned by selector while calculating replica count")
    note = f"ratio {ratio:.3f} x {observed.ready_pods} ready pods"
    return Proposal(metric, _ceil(ratio * observed.ready_pods), value, note)


def _from_pods(
    metric: Metric,
    pods: Sequence[PodSample],
    observed: Observed,
    tolerances: Tolerances,
    controller: Controller,
) -> Proposal:
    if not pods:
        raise _NoSamples("no pods returned by selector while calculating replica count")
    is_resource = metric.source in (Source.RESOURCE, Source.CONTAINER_RESOURCE)
    is_cpu = is_resource and metric.name == "cpu"
    groups = group_pods(pods, is_cpu=is_cpu, now=observed.now, controller=controller)
    samples = dict(groups.samples)
    if not samples:
        raise _NoSamples("did not receive metrics for targeted pods (pods might be unready)")
    measure = _measure(metric, pods)
    current, ratio = measure(samples)
    fills_unready = bool(groups.unready) and ratio > 1.0
    if not fills_unready and not groups.missing:
        if tolerances.hold(ratio):
            return Proposal(metric, observed.replicas, current, "within tolerance")
        # The multiplier is the pods that count, not the size asked for.
        note = f"ratio {ratio:.3f} x {groups.ready_count} pods"
        return Proposal(metric, _ceil(ratio * groups.ready_count), current, note)
    samples |= _stand_ins(metric, pods, groups, ratio)
    _, again = measure(samples)
    filled = f"{len(groups.missing)} without a sample, {len(groups.unready)} not ready"
    ratios = (ratio, again)
    return _refilled(metric, observed.replicas, current, ratios, len(samples), filled, tolerances)


def _refilled(
    metric: Metric,
    replicas: int,
    current: int,
    ratios: tuple[float, float],
    counted: int,
    filled: str,
    tolerances: Tolerances,
) -> Proposal:
    before, after = ratios
    flips = (before < 1.0 < after) or (after < 1.0 < before)
    if tolerances.hold(after) or flips:
        why = "would change direction" if flips else "within tolerance"
        return Proposal(metric, replicas, current, f"{why} with {filled}")
    wanted = _ceil(after * counted)
    if (after < 1.0 and wanted > replicas) or (after > 1.0 and wanted < replicas):
        return Proposal(metric, replicas, current, f"count against direction with {filled}")
    note = f"ratio {after:.3f} x {counted} pods with {filled}"
    return Proposal(metric, wanted, current, note)


def _measure(
    metric: Metric, pods: Sequence[PodSample]
) -> Callable[[dict[str, int]], tuple[int, float]]:
    """How samples become (value shown, ratio to target) for this metric."""
    if metric.target_type is not TargetType.UTILIZATION:

        def average(samples: dict[str, int]) -> tuple[int, float]:
            value = _truncated(sum(samples.values()), len(samples))
            return value, value / metric.target

        return average
    requests = requests_of(pods, metric.name, metric.container)

    def utilization(samples: dict[str, int]) -> tuple[int, float]:
        requested = sum(requests[name] for name in samples)
        if requested == 0:
            raise _NoSamples("no metrics returned matched known pods")
        percent = _truncated(100 * sum(samples.values()), requested)
        return percent, percent / metric.target

    return utilization


def _stand_ins(
    metric: Metric, pods: Sequence[PodSample], groups: PodGroups, ratio: float
) -> dict[str, int]:
    """Assume the careful thing of pods not measured: busy when going down, idle going up."""
    is_utilization = metric.target_type is TargetType.UTILIZATION
    if ratio > 1.0:
        return dict.fromkeys((*groups.missing, *groups.unready), 0)
    if ratio == 1.0:
        # The controller fills nothing in for a utilisation on target, yet zeros for a value.
        return {} if is_utilization else dict.fromkeys(groups.missing, 0)
    if not is_utilization:
        return dict.fromkeys(groups.missing, metric.target)
    requests = requests_of(pods, metric.name, metric.container)
    busy = max(100, metric.target)
    return {name: _truncated(requests[name] * busy, 100) for name in groups.missing}


def _truncated(numerator: int, denominator: int) -> int:
    """Divide as Go does: towards zero."""
    quotient = abs(numerator) // abs(denominator)
    return quotient if (numerator >= 0) == (denominator > 0) else -quotient


def _ceil(value: float) -> int:
    return INT32_MAX if value > INT32_MAX else math.ceil(value)


def _shown(metric: Metric, value: int) -> str:
    if metric.target_type is TargetType.UTILIZATION:
        return f"{value}%"
    return f"{(Decimal(value) / 1000).normalize():f}"
