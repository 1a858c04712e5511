"""What an HPA sees at one instant: pods, samples and values, as plain numbers."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PodSample:
    """One pod of the target with its sample of one metric; times in ns, values in milli-units.

    `start` is the pod's start time, `ready` its Ready condition (None: no condition yet),
    `ready_changed_at` that condition's last transition, `metric_milli` None without a sample.
    `requests_milli` lists each container's request, None where it states none;
    `pod_request_milli` is a pod-level request, which wins.
    """

    name: str
    phase: Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"] = "Running"
    ready: bool | None = True
    start: int | None = 0
    ready_changed_at: int = 0
    metric_milli: int | None = None
    sampled_at: int = 0
    window_ns: int = 0
    is_deleted: bool = False
    requests_milli: tuple[tuple[str, int | None], ...] = ()
    pod_request_milli: int | None = None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a metric could not be read, in the API's words."""

    message: str


MetricInput = tuple[PodSample, ...] | int | Unavailable
"""Pods with samples, one value in milli-units (the sum of all series), or why there is none."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything one decision is made from; `inputs` follow the order of the spec's metrics."""

    now: int
    replicas: int  # the scale's spec.replicas
    status_replicas: int  # pods that exist and are not being deleted
    ready_pods: int  # Running and Ready
    inputs: tuple[MetricInput, ...]
    has_pods: bool = True
    clashes_with: tuple[str, ...] = ()  # other HPAs that select the same pods
