"""The autoscaling/v2 HorizontalPodAutoscaler, read as it is written for a cluster."""

# ruff: noqa: N815 - the fields are spelled as Kubernetes spells them

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from simulator.system.autoscaling.manifest_metrics import MetricSpec, ObjectReference
from simulator.units import quantity

_CLOSED = ConfigDict(extra="forbid", frozen=True, defer_build=True)
_OPEN = ConfigDict(extra="allow", frozen=True, defer_build=True)
_CPU = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}

Tolerance = Annotated[
    float,
    BeforeValidator(
        lambda text: float(quantity(text)),
        json_schema_input_type=float | Annotated[str, StringConstraints(min_length=1)],
    ),
]


class ScalingPolicy(BaseModel):
    """At most so much change in so many seconds."""

    model_config = _CLOSED
    type: Literal["Pods", "Percent"] = Field(description="Unit of value.", examples=["Percent"])
    value: int = Field(gt=0, description="Largest change.", examples=[100])
    periodSeconds: int = Field(ge=1, le=1800, description="Period.", examples=[15])


class ScalingRules(BaseModel):
    """One direction of the behavior block; what is left out takes Kubernetes's default."""

    model_config = _CLOSED
    stabilizationWindowSeconds: int | None = Field(
        None, ge=0, le=3600, description="How far back proposals count.", examples=[300]
    )
    selectPolicy: Literal["Max", "Min", "Disabled"] | None = Field(
        None, description="Which policy wins.", examples=["Max"]
    )
    policies: tuple[ScalingPolicy, ...] | None = Field(
        None,
        description="Limits on the rate of change.",
        examples=[[{"type": "Pods", "value": 2, "periodSeconds": 60}]],
    )
    tolerance: Tolerance | None = Field(
        None, ge=0, description="How far from target nothing moves.", examples=[0.05]
    )


class BehaviorSpec(BaseModel):
    """How fast and how steadily it scales."""

    model_config = _CLOSED
    scaleUp: ScalingRules | None = Field(
        None, description="On the way up.", examples=[{"stabilizationWindowSeconds": 30}]
    )
    scaleDown: ScalingRules | None = Field(
        None, description="On the way down.", examples=[{"stabilizationWindowSeconds": 600}]
    )


class HpaManifestSpec(BaseModel):
    """The `spec` of a HorizontalPodAutoscaler."""

    model_config = _CLOSED
    scaleTargetRef: ObjectReference = Field(
        description="What is scaled.", examples=[{"kind": "Deployment", "name": "llm"}]
    )
    minReplicas: int | None = Field(None, ge=0, description="Never fewer.", examples=[2])
    maxReplicas: int = Field(ge=1, description="Never more.", examples=[8])
    metrics: tuple[MetricSpec, ...] | None = Field(
        None,
        description="Metrics; the largest count they ask for wins.",
        examples=[[{"type": "Resource", "resource": _CPU}]],
    )
    behavior: BehaviorSpec | None = Field(
        None,
        description="Rates and windows.",
        examples=[{"scaleDown": {"stabilizationWindowSeconds": 600}}],
    )

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
    apiVersion: Literal["autoscaling/v2", "autoscaling/v2beta2"] = Field(
        description="autoscaling/v2; v2beta2 has the same fields.", examples=["autoscaling/v2"]
    )
    kind: Literal["HorizontalPodAutoscaler"] = Field(
        description="Always this.", examples=["HorizontalPodAutoscaler"]
    )
    metadata: Metadata = Field(description="Name and labels.", examples=[{"name": "llm"}])
    spec: HpaManifestSpec = Field(
        description="What is scaled, on what, how.",
        examples=[{"scaleTargetRef": {"kind": "Deployment", "name": "llm"}, "maxReplicas": 8}],
    )
    status: dict[str, Any] | None = Field(
        None, description="As `kubectl get -o yaml` adds it; descriptive.", examples=[None]
    )
