"""The Kubernetes HorizontalPodAutoscaler, version 2."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.system.autoscaling.defaults import FilledIn, spec_of
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.autoscaling.manifest import HpaManifest, HpaManifestSpec
from simulator.system.autoscaling.spec import HpaSpec

_EXAMPLE = {
    "scaleTargetRef": {"kind": "Deployment", "name": "llm"},
    "minReplicas": 2,
    "maxReplicas": 6,
    "metrics": [
        {
            "type": "Resource",
            "resource": {
                "name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": 80},
            },
        }
    ],
}


class Hpa(Autoscaler):
    """Scales on metrics every 15 s, exactly as the controller of a cluster does."""

    kind_name: ClassVar[str] = "hpa"
    kind: Literal["hpa"] = Field("hpa", description="Always hpa.", examples=["hpa"])
    name: str = Field(description="Name of the HPA.", examples=["llm"])
    spec: HpaManifestSpec = Field(
        description="As the spec of an autoscaling/v2 HorizontalPodAutoscaler.",
        examples=[_EXAMPLE],
    )

    @classmethod
    def from_manifest(cls, manifest: HpaManifest) -> "Hpa":
        """Take a manifest as it is written for a cluster."""
        return cls(name=manifest.metadata.name, spec=manifest.spec)

    @property
    def title(self) -> str:
        return self.name

    @property
    def component(self) -> str:
        return self.spec.scaleTargetRef.name

    def resolved(self) -> HpaSpec:
        """Return plain numbers, defaults filled in."""
        return spec_of(self.name, self.spec)[0]

    def filled_in(self) -> tuple[FilledIn, ...]:
        """Name every default that was used, with its source."""
        return spec_of(self.name, self.spec)[1]
