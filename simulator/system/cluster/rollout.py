"""What a deployment does next: how many pods to make, and which to take away."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.system.cluster.state import Pod, Stage, Template

_QUARTER = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """Pods to create from the current template, and pods to delete."""

    create: int
    delete: tuple[Pod, ...]


def surge_max(desired: int) -> int:
    """How many pods above the desired count a rollout may have: 25 %, rounded up."""
    return -(-desired // _QUARTER)


def unavailable_max(desired: int) -> int:
    """How many of the desired pods may be missing during a rollout: 25 %, rounded down."""
    return desired // _QUARTER


def plan(pods: Sequence[Pod], desired: int, template: Template) -> Plan:
    """Plan one step from the pods that are not being deleted."""
    new = [pod for pod in pods if pod.template == template]
    old = [pod for pod in pods if pod.template != template]
    if not old:
        return Plan(max(0, desired - len(new)), tuple(victims(new, len(new) - desired)))
    room = desired + surge_max(desired) - len(pods)
    create = max(0, min(room, desired - len(new)))
    extra = victims(new, len(new) - desired)
    return Plan(create, (*extra, *_old_to_delete(new, old, desired, len(pods) + create)))


def _old_to_delete(
    new: Sequence[Pod], old: Sequence[Pod], desired: int, total: int
) -> tuple[Pod, ...]:
    least = desired - unavailable_max(desired)
    new_ready = sum(pod.is_ready for pod in new)
    # `total` counts new pods that are about to be made; none of them is available yet.
    new_waiting = total - len(old) - new_ready
    allowed = total - least - new_waiting
    unhealthy = victims([pod for pod in old if not pod.is_ready], allowed)
    ready = [pod for pod in old if pod.is_ready]
    spare = new_ready + len(ready) - least
    return (*unhealthy, *victims(ready, spare))


def victims(pods: Sequence[Pod], count: int) -> list[Pod]:
    """Choose pods to delete: without a node, not ready, newest, in this order of preference."""
    ranked = sorted(
        pods,
        key=lambda pod: (
            pod.node is not None,
            pod.stage not in (Stage.PENDING, Stage.BOUND),
            pod.is_ready,
            -(pod.ready_changed_at or 0),
            -pod.restarts,
            -pod.created_at,
            -pod.ordinal,
        ),
    )
    return ranked[: max(0, count)]
