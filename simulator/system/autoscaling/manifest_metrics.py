"""How an HPA manifest writes its metrics, field by field."""

# ruff: noqa: N815 - the fields are spelled as Kubernetes spells them

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from simulator.units import Milli

_CLOSED = ConfigDict(extra="forbid", frozen=True, defer_build=True)

Labels = Annotated[
    dict[str, str], Field(description="Labels and values.", examples=[{"queue": "chat"}])
]


class ObjectReference(BaseModel):
    """Names an object of the cluster."""

    model_config = _CLOSED
    apiVersion: str = Field("apps/v1", description="Group and version.", examples=["apps/v1"])
    kind: str = Field(description="Kind of the object.", examples=["Deployment"])
    name: str = Field(description="Name of the object.", examples=["llm"])


class Requirement(BaseModel):
    """One expression of a label selector."""

    model_config = _CLOSED
    key: str = Field(description="Label.", examples=["queue"])
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"] = Field(  # codespell:ignore notin
        description="How the label is compared.", examples=["In"]
    )
    values: tuple[str, ...] = Field((), description="Values compared with.", examples=[["chat"]])


class Selector(BaseModel):
    """Which series of a metric count."""

    model_config = _CLOSED
    matchLabels: Labels = Field({}, description="Labels that must be equal.", examples=[{"a": "b"}])
    matchExpressions: tuple[Requirement, ...] = Field(
        (), description="Further conditions.", examples=[[]]
    )


class MetricIdentifier(BaseModel):
    """Names a custom or external metric."""

    model_config = _CLOSED
    name: str = Field(description="Metric name.", examples=["vllm_num_requests_waiting"])
    selector: Selector | None = Field(
        None, description="Which of its series.", examples=[{"matchLabels": {"queue": "chat"}}]
    )


class MetricTarget(BaseModel):
    """What a metric is compared with: exactly one of the three values, as `type` says."""

    model_config = _CLOSED
    type: Literal["Utilization", "AverageValue", "Value"] = Field(
        description="Percent of requests, value per pod, or value in all.", examples=["Utilization"]
    )
    averageUtilization: int | None = Field(
        None, gt=0, description="Percent of the request.", examples=[80]
    )
    averageValue: Milli | None = Field(None, gt=0, description="Per pod.", examples=["500m"])
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
    target: MetricTarget = Field(
        description="What it is compared with.",
        examples=[{"type": "Utilization", "averageUtilization": 80}],
    )


class ContainerResourceMetric(ResourceMetric):
    """A resource of one container of the pods."""

    container: str = Field(description="Container name.", examples=["llm"])


class PodsMetric(BaseModel):
    """A custom metric of each pod, averaged."""

    model_config = _CLOSED
    metric: MetricIdentifier = Field(
        description="Which metric.", examples=[{"name": "vllm_num_requests_waiting"}]
    )
    target: MetricTarget = Field(
        description="What it is compared with.",
        examples=[{"type": "AverageValue", "averageValue": 4}],
    )


class ObjectMetric(PodsMetric):
    """A metric of one object of the cluster."""

    describedObject: ObjectReference = Field(
        description="Which object.", examples=[{"kind": "Namespace", "name": "default"}]
    )


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


_RESOURCE = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
_PODS = {
    "metric": {"name": "vllm_num_requests_waiting"},
    "target": {"type": "AverageValue", "averageValue": 4},
}


class MetricSpec(BaseModel):
    """One metric: `type` and the one block of that name."""

    model_config = _CLOSED
    type: Literal["Resource", "ContainerResource", "Pods", "Object", "External"] = Field(
        description="Which block follows.", examples=["Resource"]
    )
    resource: ResourceMetric | None = Field(
        None, description="For type Resource.", examples=[_RESOURCE]
    )
    containerResource: ContainerResourceMetric | None = Field(
        None,
        description="For type ContainerResource.",
        examples=[{"container": "llm", **_RESOURCE}],
    )
    pods: PodsMetric | None = Field(None, description="For type Pods.", examples=[_PODS])
    object: ObjectMetric | None = Field(
        None,
        description="For type Object.",
        examples=[{"describedObject": {"kind": "Namespace", "name": "default"}, **_PODS}],
    )
    external: ExternalMetric | None = Field(
        None, description="For type External.", examples=[_PODS]
    )

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
