"""What a HorizontalPodAutoscaler asks for, as plain numbers with every default filled in.

Metric values and targets are whole milli-units, as in the controller; times are nanoseconds.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from simulator.units import SECOND


class Source(StrEnum):
    """Where a metric comes from."""

    RESOURCE = "Resource"
    CONTAINER_RESOURCE = "ContainerResource"
    PODS = "Pods"
    OBJECT = "Object"
    EXTERNAL = "External"


class TargetType(StrEnum):
    """What a metric is compared with."""

    UTILIZATION = "Utilization"  # percent of the request
    AVERAGE_VALUE = "AverageValue"  # milli-units per pod
    VALUE = "Value"  # milli-units in all


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a metric's labels, in PromQL's operators."""

    label: str
    operator: Literal["=", "!=", "=~", "!~"]
    value: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric and its target: percent for Utilization, else milli-units."""

    source: Source
    name: str
    target_type: TargetType
    target: int
    container: str = ""
    described_object: str = ""
    matchers: tuple[Matcher, ...] = ()

    @property
    def title(self) -> str:
        """What the controller calls this metric in its events."""
        if self.source is Source.RESOURCE:
            percent = self.target_type is TargetType.UTILIZATION
            return f"{self.name} resource" + (
                " utilization (percentage of request)" if percent else ""
            )
        if self.source is Source.CONTAINER_RESOURCE:
            return f"{self.name} container resource {self.container}"
        if self.source is Source.PODS:
            return f"pods metric {self.name}"
        if self.source is Source.OBJECT:
            kind = self.described_object.partition("/")[0] or "object"
            return f"{kind} metric {self.name}"
        return f"external metric {self.name}"

    @property
    def failure_reason(self) -> str:
        """The reason of ScalingActive=False when this metric cannot be read."""
        return f"FailedGet{self.source.value}Metric"


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `value` pods or percent within the last `period_ns`."""

    type: Literal["Pods", "Percent"]
    value: int
    period_ns: int


@dataclass(frozen=True, slots=True)
class Rules:
    """One direction of a behavior block; `tolerance` None means the controller's."""

    window_ns: int
    select: Literal["Max", "Min", "Disabled"]
    policies: tuple[Policy, ...]
    tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class Behavior:
    """Both directions, all parts filled in."""

    up: Rules
    down: Rules


@dataclass(frozen=True, slots=True)
class HpaSpec:
    """One HorizontalPodAutoscaler."""

    name: str
    target: str
    replicas_min: int
    replicas_max: int
    metrics: tuple[Metric, ...]
    behavior: Behavior | None = None


@dataclass(frozen=True, slots=True)
class Controller:
    """Flags of the kube-controller-manager that bear on an HPA.

    `zero_when` says when an HPA works on a target of 0 replicas: `min_is_zero` up to Kubernetes
    1.35 (behind a gate), `own_doing` from 1.36 (it scaled to zero itself).
    """

    sync_ns: int = 15 * SECOND
    tolerance: float = 0.1
    down_window_ns: int = 300 * SECOND
    cpu_initialization_ns: int = 300 * SECOND
    initial_readiness_delay_ns: int = 30 * SECOND
    zero_when: Literal["own_doing", "min_is_zero"] = "own_doing"


DEFAULT_CONTROLLER = Controller()
