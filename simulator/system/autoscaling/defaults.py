"""From manifest to spec: Kubernetes's defaults filled in, each one told."""

import re
from dataclasses import dataclass

from simulator.system.autoscaling import manifest as written
from simulator.system.autoscaling import manifest_metrics as metrics_written
from simulator.system.autoscaling.spec import (
    Behavior,
    HpaSpec,
    Matcher,
    Metric,
    Policy,
    Rules,
    Source,
    TargetType,
)
from simulator.units import SECOND

_UP_POLICIES = (Policy("Pods", 4, 15 * SECOND), Policy("Percent", 100, 15 * SECOND))
_DOWN_POLICIES = (Policy("Percent", 100, 15 * SECOND),)
_DOWN_WINDOW_S = 300


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A default that was used: the field, its value, and whose default it is."""

    field: str
    value: str
    source: str = "autoscaling/v2"

    def __str__(self) -> str:
        return f"{self.field}: {self.value} ({self.source} default)"


def spec_of(name: str, spec: written.HpaManifestSpec) -> tuple[HpaSpec, tuple[FilledIn, ...]]:
    """Fill in what the manifest leaves out; say what that was."""
    filled: list[FilledIn] = []
    least = spec.minReplicas
    if least is None:
        least = 1
        filled.append(FilledIn("minReplicas", "1"))
    metrics = tuple(_metric(metric) for metric in spec.metrics or ())
    if not metrics:
        metrics = (Metric(Source.RESOURCE, "cpu", TargetType.UTILIZATION, 80),)
        filled.append(FilledIn("metrics", "cpu at 80% of requests"))
    behavior = _behavior(spec.behavior, filled) if spec.behavior is not None else None
    target = spec.scaleTargetRef.name
    return HpaSpec(name, target, least, spec.maxReplicas, metrics, behavior), tuple(filled)


def _metric(metric: metrics_written.MetricSpec) -> Metric:
    block = metric.block
    kind = TargetType(block.target.type)
    number = {
        TargetType.UTILIZATION: block.target.averageUtilization,
        TargetType.AVERAGE_VALUE: block.target.averageValue,
        TargetType.VALUE: block.target.value,
    }[kind]
    source, target = Source(metric.type), int(number or 0)
    if isinstance(block, metrics_written.ResourceMetric):
        container = getattr(block, "container", "")
        return Metric(source, block.name, kind, target, container=container)
    described = ""
    if isinstance(block, metrics_written.ObjectMetric):
        described = f"{block.describedObject.kind}/{block.describedObject.name}"
    matchers = _matchers(block.metric.selector)
    name = block.metric.name
    return Metric(source, name, kind, target, described_object=described, matchers=matchers)


def _matchers(selector: metrics_written.Selector | None) -> tuple[Matcher, ...]:
    if selector is None:
        return ()
    found = [Matcher(label, "=", value) for label, value in sorted(selector.matchLabels.items())]
    for rule in selector.matchExpressions:
        if rule.operator in ("In", "NotIn"):  # codespell:ignore notin
            operator = "=~" if rule.operator == "In" else "!~"
            found.append(Matcher(rule.key, operator, "|".join(re.escape(v) for v in rule.values)))  # type: ignore[arg-type]  # one of two literals
        else:
            found.append(Matcher(rule.key, "!=" if rule.operator == "Exists" else "=", ""))
    return tuple(found)


def _behavior(given: written.BehaviorSpec, filled: list[FilledIn]) -> Behavior:
    up = _rules(given.scaleUp, "scaleUp", 0, _UP_POLICIES, filled)
    down = _rules(given.scaleDown, "scaleDown", _DOWN_WINDOW_S, _DOWN_POLICIES, filled)
    return Behavior(up, down)


def _rules(
    given: written.ScalingRules | None,
    where: str,
    window_s: int,
    policies: tuple[Policy, ...],
    filled: list[FilledIn],
) -> Rules:
    rules = given or written.ScalingRules()
    if rules.stabilizationWindowSeconds is None:
        source = "kube-controller-manager" if where == "scaleDown" else "autoscaling/v2"
        field = f"behavior.{where}.stabilizationWindowSeconds"
        filled.append(FilledIn(field, str(window_s), source))
    else:
        window_s = rules.stabilizationWindowSeconds
    if not rules.policies:
        words = " or ".join(_policy_in_words(policy) for policy in policies)
        filled.append(FilledIn(f"behavior.{where}.policies", words))
    else:
        policies = tuple(Policy(p.type, p.value, p.periodSeconds * SECOND) for p in rules.policies)
    select = rules.selectPolicy or "Max"
    if rules.selectPolicy is None:
        filled.append(FilledIn(f"behavior.{where}.selectPolicy", "Max"))
    return Rules(window_s * SECOND, select, policies, rules.tolerance)


def _policy_in_words(policy: Policy) -> str:
    unit = "%" if policy.type == "Percent" else " pods"
    return f"{policy.value}{unit} in {policy.period_ns // SECOND} s"
