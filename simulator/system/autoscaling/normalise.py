"""From a raw proposal to the count that is asked for: stabilisation, rates, bounds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.system.autoscaling.spec import Behavior, Controller, HpaSpec, Policy, Rules
from simulator.system.autoscaling.state import Condition, HpaState, ScaleEvent, changed_within

_SCALE_UP_FACTOR = 2
_SCALE_UP_LEAST = 4
_MESSAGES = {
    "ScaleUpLimit": "the desired replica count is increasing faster than the maximum scale rate",
    "ScaleDownLimit": "the desired replica count is decreasing faster than the maximum scale rate",
    "TooManyReplicas": "the desired replica count is more than the maximum replica count",
    "TooFewReplicas": "the desired replica count is less than the minimum replica count",
    "DesiredWithinRange": "the desired count is within the acceptable range",
    "ScaleUpStabilized": "recent recommendations were lower than current one, "
    "applying the lowest recent recommendation",
    "ScaleDownStabilized": "recent recommendations were higher than current one, "
    "applying the highest recent recommendation",
    "ReadyForNewScale": "recommended size matches current size",
}


@dataclass(frozen=True, slots=True)
class _Limited:
    """A count after a limit, and the reason of the limit that applied (or did not)."""

    replicas: int
    reason: str


def normalise(
    spec: HpaSpec, state: HpaState, current: int, proposed: int, now: int, controller: Controller
) -> tuple[int, HpaState]:
    """Apply what stands between a proposal and a scale; log the raw proposal and say which did."""
    if spec.behavior is None:
        stable, reason = _stabilised(state, proposed, now, controller)
        oldest_kept = now - controller.down_window_ns
        limited = _without_behavior(spec, current, stable)
    else:
        stable, reason = _stabilised_both(state, spec.behavior, current, proposed, now)
        oldest_kept = now - max(spec.behavior.up.window_ns, spec.behavior.down.window_ns)
        limited = _with_behavior(spec, spec.behavior, state, current, stable, now)
    state = state.logged(now, proposed, old_before=oldest_kept)
    able = Condition("AbleToScale", holds=True, reason=reason, message=_MESSAGES[reason])
    state = state.with_condition(able)
    message = _MESSAGES[limited.reason]
    is_limited = limited.replicas != stable
    state = state.with_condition(Condition("ScalingLimited", is_limited, limited.reason, message))
    return limited.replicas, state


def _stabilised(
    state: HpaState, proposed: int, now: int, controller: Controller
) -> tuple[int, str]:
    cutoff = now - controller.down_window_ns
    recent = [entry.replicas for entry in state.recommendations if entry.at >= cutoff]
    highest = max([proposed, *recent])
    return highest, "ReadyForNewScale" if highest == proposed else "ScaleDownStabilized"


def _stabilised_both(
    state: HpaState, behavior: Behavior, current: int, proposed: int, now: int
) -> tuple[int, str]:
    log = state.recommendations
    up = min([proposed, *(e.replicas for e in log if e.at > now - behavior.up.window_ns)])
    down = max([proposed, *(e.replicas for e in log if e.at > now - behavior.down.window_ns)])
    stable = min(max(current, up), down)
    if stable == proposed:
        return stable, "ReadyForNewScale"
    return stable, "ScaleUpStabilized" if proposed >= current else "ScaleDownStabilized"


def _without_behavior(spec: HpaSpec, current: int, wanted: int) -> _Limited:
    fastest = max(_SCALE_UP_FACTOR * current, _SCALE_UP_LEAST)
    highest = min(spec.replicas_max, fastest)
    if wanted < spec.replicas_min:
        return _Limited(spec.replicas_min, "TooFewReplicas")
    if wanted > highest:
        by_rate = spec.replicas_max > fastest
        return _Limited(highest, "ScaleUpLimit" if by_rate else "TooManyReplicas")
    return _Limited(wanted, "DesiredWithinRange")


def _with_behavior(
    spec: HpaSpec, behavior: Behavior, state: HpaState, current: int, wanted: int, now: int
) -> _Limited:
    if wanted > current:
        limit = max(current, rate_limit_up(behavior.up, state, current, now))
        highest = min(spec.replicas_max, limit)
        if wanted > highest:
            by_rate = spec.replicas_max > limit
            return _Limited(highest, "ScaleUpLimit" if by_rate else "TooManyReplicas")
    if wanted < current:
        limit = min(current, rate_limit_down(behavior.down, state, current, now))
        lowest = max(spec.replicas_min, limit)
        if wanted < lowest:
            by_rate = spec.replicas_min < limit
            return _Limited(lowest, "ScaleDownLimit" if by_rate else "TooFewReplicas")
    return _Limited(wanted, "DesiredWithinRange")


def rate_limit_up(rules: Rules, state: HpaState, current: int, now: int) -> int:
    """How far up the policies allow: from the size each policy's period began with."""

    def allowed(policy: Policy, start: int) -> int:
        if policy.type == "Pods":
            return start + policy.value
        return math.ceil(start * (1 + policy.value / 100))

    choose = min if rules.select == "Min" else max
    return _rate_limit(rules, (state.ups, state.downs), current, now, allowed, choose)


def rate_limit_down(rules: Rules, state: HpaState, current: int, now: int) -> int:
    """How far down the policies allow; a percentage truncates, it does not round up."""

    def allowed(policy: Policy, start: int) -> int:
        if policy.type == "Pods":
            return start - policy.value
        return int(start * (1 - policy.value / 100))

    choose = max if rules.select == "Min" else min
    return _rate_limit(rules, (state.ups, state.downs), current, now, allowed, choose)


def _rate_limit(
    rules: Rules,
    events: tuple[Sequence[ScaleEvent], Sequence[ScaleEvent]],
    current: int,
    now: int,
    allowed: Callable[[Policy, int], int],
    choose: Callable[[list[int]], int],
) -> int:
    if rules.select == "Disabled":
        return current
    ups, downs = events
    limits = []
    for policy in rules.policies:
        added = changed_within(ups, policy.period_ns, now)
        removed = changed_within(downs, policy.period_ns, now)
        limits.append(allowed(policy, current - added + removed))
    return choose(limits)
