"""HPA v2: one reconcile as a pure function, exact to the controller.

Sources: kubernetes pkg/controller/podautoscaler (horizontal.go, replica_calculator.go).
"""

from dataclasses import dataclass, replace

from simulator.system.autoscaling.normalise import normalise
from simulator.system.autoscaling.observed import Observed
from simulator.system.autoscaling.proposals import Proposal, propose
from simulator.system.autoscaling.spec import (
    DEFAULT_CONTROLLER,
    Controller,
    HpaSpec,
    Rules,
    Source,
)
from simulator.system.autoscaling.state import (
    Condition,
    ConditionType,
    HpaState,
    Recommendation,
    with_event,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reconcile came to: a count, why in words, and what is remembered."""

    at: int
    target: str
    current: int
    desired: int
    proposed: int | None  # the largest proposal, before limits; None if metrics were not used
    reason: str
    proposals: tuple[Proposal, ...]
    state: HpaState
    state_if_refused: HpaState

    @property
    def rescales(self) -> bool:
        """Whether the scale is to be changed."""
        return self.desired != self.current

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Conditions after this reconcile."""
        return self.state.conditions


def decide(
    spec: HpaSpec,
    state: HpaState,
    observed: Observed,
    controller: Controller = DEFAULT_CONTROLLER,
) -> Decision:
    """Reconcile once; `inputs` are looked at only if the metrics are to be read."""
    state = _with(
        state, "AbleToScale", "SucceededGetScale",
        "the HPA controller was able to get the target's current scale",
    )  # fmt: skip
    if not state.recommendations:
        # Why nothing scales down in the first minutes after the controller starts.
        state = replace(state, recommendations=(Recommendation(observed.now, observed.replicas),))
    if observed.clashes_with:
        return _ambiguous(spec, state, observed)
    if observed.replicas == 0 and not _works_from_zero(spec, state, controller):
        message = "scaling is disabled since the replica count of the target is zero"
        state = _with(state, "ScalingActive", "ScalingDisabled", message, holds=False)
        return _stays(spec, state, observed, (), message)
    if observed.replicas > spec.replicas_max:
        reason = "Current number of replicas above Spec.MaxReplicas"
        return _moves(spec, state, observed, spec.replicas_max, None, reason, ())
    if observed.replicas < spec.replicas_min:
        reason = "Current number of replicas below Spec.MinReplicas"
        return _moves(spec, state, observed, spec.replicas_min, None, reason, ())
    return _by_metrics(spec, state, observed, controller)


def _by_metrics(
    spec: HpaSpec, state: HpaState, observed: Observed, controller: Controller
) -> Decision:
    pairs = zip(spec.metrics, observed.inputs, strict=True)
    proposals = tuple(propose(spec, m, given, observed, controller) for m, given in pairs)
    failed = [p for p in proposals if p.replicas is None]
    best = max(
        (p for p in proposals if p.replicas is not None),
        key=lambda p: p.replicas or 0,
        default=None,
    )
    proposed = -1 if best is None or best.replicas is None else best.replicas
    if best is None or (failed and proposed < observed.replicas):
        return _unreadable(spec, state, observed, proposals, failed[0])
    message = f"the HPA was able to successfully calculate a replica count from {best.metric.title}"
    state = _with(state, "ScalingActive", "ValidMetricFound", message)
    desired, state = normalise(spec, state, observed.replicas, proposed, observed.now, controller)
    reason = _in_words(observed, best, proposed, desired, state)
    if desired == observed.replicas:
        return _stays(spec, state, observed, proposals, reason, proposed)
    return _moves(spec, state, observed, desired, proposed, reason, proposals)


def _in_words(
    observed: Observed, best: Proposal, proposed: int, desired: int, state: HpaState
) -> str:
    if proposed > observed.replicas:
        verdict = f"{best.metric.title} above target"
    elif proposed < observed.replicas:
        verdict = "All metrics below target"
    else:
        verdict = f"{best.metric.title} asks for the current size"
    parts = [verdict, str(best)]
    if desired != proposed:
        for kind in ("AbleToScale", "ScalingLimited"):
            condition = state.condition(kind)
            if condition and condition.reason not in ("ReadyForNewScale", "DesiredWithinRange"):
                parts.append(f"{condition.reason}: {condition.message}")
    return "; ".join(parts)


def _unreadable(
    spec: HpaSpec,
    state: HpaState,
    observed: Observed,
    proposals: tuple[Proposal, ...],
    first: Proposal,
) -> Decision:
    message = f"the HPA was unable to compute the replica count: {first.error}"
    state = _with(state, "ScalingActive", first.metric.failure_reason, message, holds=False)
    return _stays(spec, state, observed, proposals, f"{first.metric.failure_reason}: {message}")


def _ambiguous(spec: HpaSpec, state: HpaState, observed: Observed) -> Decision:
    names = ", ".join(sorted((spec.name, *observed.clashes_with)))
    message = f"pods of {spec.target} are controlled by multiple HPAs: {names}"
    state = _with(state, "ScalingActive", "AmbiguousSelector", message, holds=False)
    return _stays(spec, state, observed, (), f"AmbiguousSelector: {message}")


def _works_from_zero(spec: HpaSpec, state: HpaState, controller: Controller) -> bool:
    if controller.zero_when == "min_is_zero":
        return spec.replicas_min == 0
    own_doing = state.condition("ScaledToZero")
    has_outside = any(m.source in (Source.OBJECT, Source.EXTERNAL) for m in spec.metrics)
    return own_doing is not None and own_doing.holds and has_outside


def _stays(
    spec: HpaSpec,
    state: HpaState,
    observed: Observed,
    proposals: tuple[Proposal, ...],
    reason: str,
    proposed: int | None = None,
) -> Decision:
    count = observed.replicas
    return Decision(
        observed.now, spec.target, count, count, proposed, reason, proposals, state, state
    )


def _moves(
    spec: HpaSpec,
    state: HpaState,
    observed: Observed,
    desired: int,
    proposed: int | None,
    reason: str,
    proposals: tuple[Proposal, ...],
) -> Decision:
    current, now = observed.replicas, observed.now
    moved = _remember_event(spec, state, current, desired, now)
    message = f"the HPA controller was able to update the target scale to {desired}"
    moved = _with(moved, "AbleToScale", "SucceededRescale", message)
    if desired == 0:
        moved = _with(moved, "ScaledToZero", "ScaledToZero", "the HPA scaled the target to zero")
    elif moved.condition("ScaledToZero"):
        moved = _with(moved, "ScaledToZero", "NotScaledToZero", "the target has pods", holds=False)
    failed = _with(
        state, "AbleToScale", "FailedUpdateScale",
        "the HPA controller was unable to update the target scale", holds=False,
    )  # fmt: skip
    return Decision(now, spec.target, current, desired, proposed, reason, proposals, moved, failed)


def _remember_event(
    spec: HpaSpec, state: HpaState, current: int, desired: int, now: int
) -> HpaState:
    if spec.behavior is None:
        return state
    if desired > current:
        longest = _longest(spec.behavior.up)
        return replace(state, ups=with_event(state.ups, desired - current, longest, now))
    longest = _longest(spec.behavior.down)
    return replace(state, downs=with_event(state.downs, current - desired, longest, now))


def _longest(rules: Rules) -> int:
    return max((policy.period_ns for policy in rules.policies), default=0)


def _with(
    state: HpaState, kind: ConditionType, reason: str, message: str, *, holds: bool = True
) -> HpaState:
    return state.with_condition(Condition(kind, holds, reason, message))
