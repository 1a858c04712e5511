"""Which pods count how: the sorting every per-pod metric starts with."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.system.autoscaling.observed import PodSample
from simulator.system.autoscaling.spec import Controller


class MissingRequest(ValueError):
    """A container states no request, which makes the whole metric unusable."""


@dataclass(frozen=True, slots=True)
class PodGroups:
    """Names per group; `samples` are what is left after ignored and unready pods are dropped."""

    ready_count: int
    unready: tuple[str, ...]
    missing: tuple[str, ...]
    ignored: tuple[str, ...]
    samples: dict[str, int]


def group_pods(
    pods: Sequence[PodSample], *, is_cpu: bool, now: int, controller: Controller
) -> PodGroups:
    """Sort pods as the replica calculator does; only for CPU does readiness matter."""
    unready, missing, ignored = [], [], []
    samples: dict[str, int] = {}
    for pod in sorted(pods, key=lambda pod: pod.name):
        if pod.is_deleted or pod.phase == "Failed":
            ignored.append(pod.name)
        elif pod.phase == "Pending":
            unready.append(pod.name)
        elif pod.metric_milli is None:
            missing.append(pod.name)
        elif is_cpu and _is_unready(pod, now, controller):
            unready.append(pod.name)
        else:
            samples[pod.name] = pod.metric_milli
    return PodGroups(len(samples), tuple(unready), tuple(missing), tuple(ignored), samples)


def _is_unready(pod: PodSample, now: int, controller: Controller) -> bool:
    if pod.ready is None or pod.start is None:
        return True
    if pod.start + controller.cpu_initialization_ns > now:
        # A sample that began before the pod became ready shows its start-up, not its load.
        return not pod.ready or pod.sampled_at < pod.ready_changed_at + pod.window_ns
    never_ready = pod.start + controller.initial_readiness_delay_ns > pod.ready_changed_at
    return not pod.ready and never_ready


def requests_of(pods: Sequence[PodSample], resource: str, container: str = "") -> dict[str, int]:
    """Sum each pod's requests, or one container's; raise MissingRequest if any states none."""
    return {pod.name: _request(pod, resource, container) for pod in pods}


def _request(pod: PodSample, resource: str, container: str) -> int:
    if pod.pod_request_milli is not None and not container:
        return pod.pod_request_milli
    total = 0
    for name, request in pod.requests_milli:
        if container and name != container:
            continue
        if request is None:
            msg = f"missing request for {resource} in container {name} of Pod {pod.name}"
            raise MissingRequest(msg)
        total += request
    return total
