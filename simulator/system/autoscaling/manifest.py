"""The autoscaling/v2 HorizontalPodAutoscaler, read as it is written for a cluster."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from simulator.units import Milli, quantity

_CLOSED = ConfigDict(extra="forbid", frozen=True)
_OPEN = ConfigDict(extra="allow", frozen=True)

Labels = Annotated[
    dict[str, str], Field(description="Labels and values.", examples=[{"queue": "chat"}])
]
Tolerance = Annotated[
    float,
    BeforeValidator(
        lambda text: float(quantity(text)),
        json_schema_input_type=float | Annotated[str, StringConstraints(min_length=1)],
    ),
]


class ObjectReference(BaseModel):
    """Names an object of the cluster."""

    model_config = _CLOSED
    apiVersion: str = Field("apps/v1", description="Group and version.", examples=["apps/v1"])  # noqa: N815 - Kubernetes's spelling
    kind: str = Field(description="Kind of the object.", examples=["Deployment"])
    name: str = Field(description="Name of the object.", examples=["llm"])


class Requirement(BaseModel):
    """One expression of a label selector."""

    model_config = _CLOSED
    key: str = Field(description="Label.", examples=["queue"])
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"] = Field(
        description="How the label is compared.", examples=["In"]
    )
    values: tuple[str, ...] = Field((), description="Values compared with.", examples=[["chat"]])


class Selector(BaseModel):
    """Which series of a metric count."""

    model_config = _CLOSED
    matchLabels: Labels = Field({}, description="Labels that must be equal.", examples=[{"a": "b"}])  # noqa: N815 - Kubernetes's spelling
    matchExpressions: tuple[Requirement, ...] = Field(  # noqa: N815 - Kubernetes's spelling
        (), description="Further conditions.", examples=[[]]
    )


class MetricIdentifier(BaseModel):
    """Names a custom or external metric."""

    model_config = _CLOSED
    name: str = Field(description="Metric name.", examples=["vllm_num_requests_waiting"])
    selector: Selector | None = Field(None, description="Which of its series.", examples=[None])


class MetricTarget(BaseModel):
    """What a metric is compared with: exactly one of the three values, as `type` says."""

    model_config = _CLOSED
    type: Literal["Utilization", "AverageValue", "Value"] = Field(
        description="Percent of requests, value per pod, or value in all.", examples=["Utilization"]
    )
    averageUtilization: int | None = Field(  # noqa: N815 - Kubernetes's spelling
        None, gt=0, description="Percent of the request.", examples=[80]
    )
    averageValue: Milli | None = Field(  # noqa: N815 - Kubernetes's spelling
        None, gt=0, description="Per pod.", examples=["500m"]
    )
    value: Milli | None = Field(None, gt=0, description="In all.", examples=[10])

    @model_validator(mode="after")
    def _agrees(self) -> "MetricTarget":
        field = (
            self.type[0].lower() + self.type[1:]
            if self.type != "Utilization"
            else ("averageUtilization")
        )
        if getattr(self, field) is None:
            msg = f"a target of type {self.type} needs {field}"
            raise ValueError(msg)
        return self


class ResourceMetric(BaseModel):
    """A resource of the pods, such as cpu."""

    model_config = _CLOSED
    name: str = Field(description="Resource.", examples=["cpu"])
    target: MetricTarget = Field(description="What it is compared with.")


class ContainerResourceMetric(ResourceMetric):
    """A resource of one container of the pods."""

    container: str = Field(description="Container name.", examples=["llm"])


class PodsMetric(BaseModel):
    """A custom metric of each pod, averaged."""

    model_config = _CLOSED
    metric: MetricIdentifier = Field(description="Which metric.")
    target: MetricTarget = Field(description="What it is compared with.")


class ObjectMetric(PodsMetric):
    """A metric of one object of the cluster."""

    describedObject: ObjectReference = Field(description="Which object.")  # noqa: N815 - Kubernetes's spelling


class ExternalMetric(PodsMetric):
    """A metric from outside the cluster."""


_FIELD_OF = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
_TARGETS_OF = {
    "Resource": {"Utilization", "AverageValue"},
    "ContainerResource": {"Utilization", "AverageValue"},
    "Pods": {"AverageValue"},
    "Object": {"Value", "AverageValue"},
    "External": {"Value", "AverageValue"},
}


class MetricSpec(BaseModel):
    """One metric: `type` and the one block of that name."""

    model_config = _CLOSED
    type: Literal["Resource", "ContainerResource", "Pods", "Object", "External"] = Field(
        description="Which block follows.", examples=["Resource"]
    )
    resource: ResourceMetric | None = Field(None, description="For type Resource.")
    containerResource: ContainerResourceMetric | None = Field(  # noqa: N815 - Kubernetes's spelling
        None, description="For type ContainerResource."
    )
    pods: PodsMetric | None = Field(None, description="For type Pods.")
    object: ObjectMetric | None = Field(None, description="For type Object.")
    external: ExternalMetric | None = Field(None, description="For type External.")

    @property
    def block(self) -> ResourceMetric | PodsMetric:
        """The block that belongs to the type."""
        found: ResourceMetric | PodsMetric = getattr(self, _FIELD_OF[self.type])
        return found

    @model_validator(mode="after")
    def _agrees(self) -> "MetricSpec":
        field = _FIELD_OF[self.type]
        block = getattr(self, field)
        if block is None:
            msg = f"a metric of type {self.type} needs the block {field}"
            raise ValueError(msg)
        if block.target.type not in _TARGETS_OF[self.type]:
            allowed = " or ".join(sorted(_TARGETS_OF[self.type]))
            msg = f"a metric of type {self.type} takes a target of type {allowed}"
            raise ValueError(msg)
        return self


class ScalingPolicy(BaseModel):
    """At most so much change in so many seconds."""

    model_config = _CLOSED
    type: Literal["Pods", "Percent"] = Field(description="Unit of value.", examples=["Percent"])
    value: int = Field(gt=0, description="Largest change.", examples=[100])
    periodSeconds: int = Field(ge=1, le=1800, description="Period.", examples=[15])  # noqa: N815 - Kubernetes's spelling


class ScalingRules(BaseModel):
    """One direction of the behavior block; what is left out takes Kubernetes's default."""

    model_config = _CLOSED
    stabilizationWindowSeconds: int | None = Field(  # noqa: N815 - Kubernetes's spelling
        None, ge=0, le=3600, description="How far back proposals count.", examples=[300]
    )
    selectPolicy: Literal["Max", "Min", "Disabled"] | None = Field(  # noqa: N815 - Kubernetes's spelling
        None, description="Which policy wins.", examples=["Max"]
    )
    policies: tuple[ScalingPolicy, ...] | None = Field(
        None, description="Limits on the rate of change.", examples=[None]
    )
    tolerance: Tolerance | None = Field(
        None, ge=0, description="How far from target nothing moves.", examples=[0.05]
    )


class BehaviorSpec(BaseModel):
    """How fast and how steadily it scales."""

    model_config = _CLOSED
    scaleUp: ScalingRules | None = Field(None, description="On the way up.")  # noqa: N815 - Kubernetes's spelling
    scaleDown: ScalingRules | None = Field(None, description="On the way down.")  # noqa: N815 - Kubernetes's spelling


class HpaManifestSpec(BaseModel):
    """The `spec` of a HorizontalPodAutoscaler."""

    model_config = _CLOSED
    scaleTargetRef: ObjectReference = Field(description="What is scaled.")  # noqa: N815 - Kubernetes's spelling
    minReplicas: int | None = Field(None, ge=0, description="Never fewer.", examples=[2])  # noqa: N815 - Kubernetes's spelling
    maxReplicas: int = Field(ge=1, description="Never more.", examples=[8])  # noqa: N815 - Kubernetes's spelling
    metrics: tuple[MetricSpec, ...] | None = Field(
        None, description="Metrics; the largest count they ask for wins."
    )
    behavior: BehaviorSpec | None = Field(None, description="Rates and windows.")

    @model_validator(mode="after")
    def _agrees(self) -> "HpaManifestSpec":
        least = 1 if self.minReplicas is None else self.minReplicas
        if least > self.maxReplicas:
            msg = f"minReplicas {least} is above maxReplicas {self.maxReplicas}"
            raise ValueError(msg)
        outside = any(m.type in ("Object", "External") for m in self.metrics or ())
        if least == 0 and not outside:
            raise ValueError("minReplicas 0 needs an Object or External metric")
        return self


class Metadata(BaseModel):
    """An object's name; labels and the rest are read and left alone."""

    model_config = _OPEN
    name: str = Field(description="Name of the HPA.", examples=["llm"])


class HpaManifest(BaseModel):
    """A HorizontalPodAutoscaler document; `status` is accepted and has no effect."""

    model_config = _CLOSED
    apiVersion: Literal["autoscaling/v2", "autoscaling/v2beta2"] = Field(  # noqa: N815 - Kubernetes's spelling
        description="autoscaling/v2; v2beta2 has the same fields.", examples=["autoscaling/v2"]
    )
    kind: Literal["HorizontalPodAutoscaler"] = Field(
        description="Always this.", examples=["HorizontalPodAutoscaler"]
    )
    metadata: Metadata = Field(description="Name and labels.")
    spec: HpaManifestSpec = Field(description="What is scaled, on what, how.")
    status: dict[str, Any] | None = Field(
        None, description="As `kubectl get -o yaml` adds it; descriptive.", examples=[None]
    )
