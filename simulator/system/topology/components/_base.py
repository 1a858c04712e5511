"""What every kind of component has: replicas, resources, a release, a cold start."""

import abc
import dataclasses
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from simulator.plant.limits_spec import Limits as LimitsSpec
from simulator.plant.spec import Discipline, PoolSpec, Step
from simulator.plant.spec import Work as PlantWork
from simulator.system.topology._model import Count, Model, Name, Text
from simulator.system.topology.distribution import Durations
from simulator.system.topology.exporters import ExporterBounds
from simulator.system.topology.limits import Limits
from simulator.system.topology.steps import Step as ScenarioStep
from simulator.system.topology.steps import program
from simulator.system.topology.weights import Weights
from simulator.units import Bytes, Milli, Share

Cores = Annotated[float, Field(ge=0.0, le=1024.0)]
"""A number of processor cores."""


class Requests(Model):
    """Resource requests of one pod, as Kubernetes writes them."""

    cpu: Milli | None = Field(
        None,
        description="cores; without it an HPA cannot compute CPU utilization",
        examples=["500m"],
    )
    memory: Bytes | None = Field(None, description="memory", examples=["16Gi"])
    gpus: Count = Field(0, alias="nvidia.com/gpu", description="whole GPUs", examples=[1])


class Release(Model):
    """What the replicas run at the start."""

    revision: Text | None = Field(
        None, description="its version, as the change log names it", examples=["1.14.2"]
    )
    model: Text | None = Field(
        None, description="the same, where the release is a model", examples=["2026-02"]
    )
    quality: Share = Field(
        "100%",
        validate_default=True,
        description="share of right answers when all else is well",
        examples=["93%"],
    )

    @property
    def name(self) -> str:
        """The revision's name, `1` if the scenario gives none."""
        return self.revision or self.model or "1"

    @model_validator(mode="after")
    def _has_one_name(self) -> Self:
        if self.revision is not None and self.model is not None:
            raise ValueError("write revision or model, not both")
        return self


class Start(Model):
    """How long a new pod takes before it serves, part by part."""

    image_pull: Durations = Field(
        "10s",
        validate_default=True,
        description="pulling the image, where the node does not have it",
        examples=[{"uniform": ["30s", "90s"]}],
    )
    weights_load: Durations = Field(
        "0", validate_default=True, description="reading weights or other data", examples=["33s"]
    )
    warm_up: Durations = Field(
        "2s",
        validate_default=True,
        description="from process start or loaded data to ready",
        examples=["49s"],
    )


class Cpu(Model):
    """Cores a replica burns."""

    idle: Cores = Field(0.05, description="cores when nothing runs", examples=[0.05])
    per_worker: Cores = Field(1.0, description="cores more for each busy worker", examples=[0.5])


class Component(Model, abc.ABC):
    """A service: replicas behind one balancer."""

    kind_name: ClassVar[str]
    takes_steps: ClassVar[bool] = False
    is_outside: ClassVar[bool] = False  # no pods of ours, nothing to schedule or restart

    kind: str
    replicas: Count = Field(1, description="pods at the start", examples=[3])
    requests: Requests = Field(
        default_factory=Requests, description="resources of one pod", examples=[{"cpu": 1}]
    )
    handles: dict[Name, list[ScenarioStep]] = Field(
        default_factory=dict,
        description="steps by request class",
        examples=[{"chat": [{"work": "2ms"}, {"call": "llm"}]}],
    )
    release: Release = Field(
        default_factory=Release,
        description="what runs at the start",
        examples=[{"revision": "1.14.2", "quality": "93%"}],
    )
    start: Start = Field(
        default_factory=Start, description="cold start, part by part", examples=[{"warm_up": "5s"}]
    )
    weights: Weights | None = Field(
        None,
        description="balancers' weights of its replicas and releases; none: all alike",
        examples=[{"releases": {"1.15.0": 0.05}}],
    )
    limits: Limits | None = Field(
        None,
        description="what one replica may run out of; none: nothing",
        examples=[{"memory": {"max": "2Gi", "base": "400Mi", "grows": {"per_call": "4Ki"}}}],
    )
    node_pool: Name | None = Field(
        None,
        description="only nodes of this pool; none: any with room",
        examples=["gpu"],
    )

    @abc.abstractmethod
    def discipline(self) -> Discipline:
        """Say how one replica serves, in the plant's terms."""

    @property
    def features(self) -> tuple[str, ...]:
        """Say what its pods show besides what all of the kind do."""
        return ()

    def own_work(self) -> tuple[Step, ...]:
        """Say what it does for a class it has no steps for; nothing if it must have steps."""
        return ()

    @property
    def shown_as(self) -> str:
        """Whose metrics it shows: a key of the exporters; its kind, where they are the usual."""
        return self.kind

    def bounds(self) -> ExporterBounds | None:
        """Say by which bounds its exporter counts; None: by the usual ones."""
        return None

    def hands_to(self) -> tuple[str, ...]:
        """Name the components it hands work to by itself, whatever its steps."""
        return ()

    def pool_spec(self, name: str) -> PoolSpec:
        """Say the whole component in the plant's terms."""
        plain = self._plain_spec(name)
        found = self.bounds()
        if found is None:
            return plain
        return dataclasses.replace(
            plain,
            latency_bounds_s=found.response_s,
            engine_bounds=found.engine,
            per_token_bounds_s=found.per_token_s,
        )

    def _plain_spec(self, name: str) -> PoolSpec:
        return PoolSpec(
            name=name,
            discipline=self.discipline(),
            replicas=self.replicas,
            handlers={of: program(steps) for of, steps in self.handles.items()},
            default_handler=self.own_work(),
            quality=self.release.quality,
            limits=self._limits_spec(),
        )

    def _limits_spec(self) -> LimitsSpec | None:
        limits = self.limits.limits_spec() if self.limits is not None else None
        return None if limits == LimitsSpec() else limits

    @model_validator(mode="after")
    def _weighs_only_pods(self) -> Self:
        if self.weights is not None and self.is_outside:
            raise ValueError(f"{self.kind} components have no replicas to weigh; leave weights out")
        return self

    @model_validator(mode="after")
    def _calls_only_where_it_can(self) -> Self:
        if self.handles and not self.takes_steps:
            raise ValueError(
                f"{self.kind} components answer by themselves and take no handles; "
                "write the steps on the component that calls this one"
            )
        return self


def work(lasts: Durations) -> tuple[Step, ...]:
    """Say a handler that is one piece of work."""
    return (PlantWork(lasts),)
