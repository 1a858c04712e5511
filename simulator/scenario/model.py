"""A scenario as its file says it, typed; and the texts it was made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, PrivateAttr, Tag

from simulator.errors import InvariantViolated, Mistake
from simulator.scenario.kind import OfKind
from simulator.scenario.parts import (
    AnyFault,
    FilePath,
    InnocentChange,
    Monitoring,
    Objective,
    PassMarks,
    Severity,
    Tracing,
    Twins,
)
from simulator.scenario.source import Source
from simulator.scenario.version import Version
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.cluster.model import NodePool, zone_names
from simulator.system.topology._model import Name, Text
from simulator.system.topology.components._base import Component
from simulator.system.topology.edge import Edge
from simulator.system.topology.network import Network
from simulator.system.topology.parts import SystemParts
from simulator.system.topology.request_class import RequestClass
from simulator.system.workload.model import Entry
from simulator.units import SECOND, Duration

BIN_NS = 10 * SECOND
"""Spans in which outcomes are counted; warm-up ends where one begins."""

_SEVERITIES = {
    "SEV-1": {"bad_share": "50%"},
    "SEV-2": {"bad_share": "10%"},
    "SEV-3": {"bad_share": "1%"},
}


def _instant(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no instant; write 2026-03-03T09:00:00Z") from None
    return text


def _is_path(value: object) -> str:
    return "path" if isinstance(value, str) else "policy"


PolicyOrFile = Annotated[
    Annotated[FilePath, Tag("path")] | Annotated[Autoscaler, OfKind("autoscalers"), Tag("policy")],
    Discriminator(_is_path),
]
"""A manifest's path, or a policy written in place."""


def _whole_bins(span: int) -> int:
    if span % BIN_NS:
        raise ValueError("outcomes are counted in spans of 10s; write a multiple of that, or 0")
    return span


class ScenarioModel(BaseModel):
    """The keys of a `*.drill.yaml` file."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, title="Brownout scenario"
    )

    schema_version: Version = Field(
        alias="schema", description="version of the file format", examples=[1]
    )
    title: Text = Field(
        description="what the list of drills shows: a symptom at most, never the cause",
        examples=["Slow answers on a Tuesday"],
        max_length=80,
    )
    brief: Text = Field(
        description="what the responder is told at the start",
        examples=["You are on call for askdocs. Users write that answers crawl."],
        max_length=4000,
    )
    tags: list[Text] = Field(
        default_factory=list, description="for `list --tag`", examples=[["rag", "gpu"]]
    )
    clock: Annotated[str, AfterValidator(_instant)] = Field(
        "2026-03-03T09:00:00Z",
        description="calendar instant at which the responder takes the seat (00:00:00)",
        examples=["2026-03-03T09:00:00Z"],
    )
    warm_up: Annotated[Duration, AfterValidator(_whole_bins)] = Field(
        "10m",
        validate_default=True,
        description="ungraded time before the responder takes the seat",
        examples=["10m"],
    )
    lasts: Duration = Field(
        description="from taking the seat to the last arrival", examples=["45m"], gt=0
    )
    currency: Annotated[str, Field(min_length=1, max_length=3)] = Field(
        "$", description="sign of every price in the file", examples=["$"]
    )
    objectives: list[Objective] = Field(
        default_factory=list,
        description="service level objectives",
        examples=[[{"name": "first-token", "class": "chat", "of": "ttft", "below": "2s",
                    "share": "99%"}]],
    )  # fmt: skip
    severities: dict[Annotated[str, Field(pattern=r"^SEV-[1-5]$")], Severity] = Field(
        _SEVERITIES,
        validate_default=True,
        description="how bad an incident must be to be a SEV-1, SEV-2 ...",
        examples=[_SEVERITIES],
    )
    classes: dict[Name, RequestClass] = Field(
        description="kinds of request", examples=[{"chat": {"arrives_at": "gateway"}}], min_length=1
    )
    workload: list[Entry] = Field(
        description="who sends how many, when",
        examples=[[{"class": "chat", "poisson": "40/s"}]],
        min_length=1,
    )
    components: dict[Name, Annotated[Component, OfKind("components")]] = Field(
        description="the services of the system",
        examples=[{"gateway": {"kind": "workers", "workers": 64}}],
        min_length=1,
    )
    edges: dict[str, Edge] = Field(
        default_factory=dict,
        description="how one component calls another; unwritten ones are plain",
        examples=[{"gateway -> llm": {"timeout": "20s"}}],
    )
    nodes: dict[Name, NodePool] = Field(
        default_factory=dict,
        description="node pools of the cluster",
        examples=[{"gpu": {"count": 4, "gpus": 1}}],
    )
    network: Network | None = Field(
        None,
        description="how far apart zones are; none: every call takes its edge's delay",
        examples=[{"regions": {"eu": ["eu-1a", "eu-1b"]}, "cross_zone": "0.6ms"}],
    )
    alerts: list[FilePath] = Field(
        default_factory=list,
        description="Prometheus rule files, from the scenario's folder",
        examples=[["rules/askdocs.rules.yaml"]],
    )
    alertmanager: FilePath | None = Field(
        None,
        description="Alertmanager configuration file; without one, severity page or critical "
        "pages, everything else is a ticket",
        examples=["rules/alertmanager.yml"],
    )
    autoscalers: list[PolicyOrFile] = Field(
        default_factory=list,
        description="HPA manifests as files, or policies of our own kinds",
        examples=[["hpa/llm.yaml"]],
    )
    metrics_adapter: dict[str, Text] = Field(
        default_factory=dict,
        description="PromQL behind each custom or external metric an HPA names",
        examples=[{"vllm_num_requests_waiting": "sum by (pod) (vllm:num_requests_waiting)"}],
    )
    tracing: Tracing = Field(
        default_factory=Tracing,
        description="which requests are traced, and which traces are kept",
        examples=[{"share": "5%", "ordinary": "20%"}],
    )
    monitoring: Monitoring = Field(
        default_factory=Monitoring,
        description="what Prometheus can take",
        examples=[{"sample_limit": 5000}],
    )
    faults: list[AnyFault] = Field(
        default_factory=list,
        description="what goes wrong, and when; the responder never sees this",
        examples=[[{"kind": "slow_gpu", "at": "20m", "target": "node/gpu-1"}]],
    )
    innocent_changes: list[InnocentChange] = Field(
        default_factory=list,
        description="lines of the change log that change nothing",
        examples=[[{"at": "17m", "component": "embed", "text": "embed 1.14.2: log level"}]],
    )
    hints: list[Text] = Field(
        default_factory=list,
        description="what `hint` says, from the vaguest to the plainest; each costs 5 points",
        examples=[["Which component's queue grows?", "Look at how long the prompts are."]],
        max_length=3,
    )
    reference: FilePath | None = Field(
        None,
        description="runbook of a good response, which a drill is compared with",
        examples=["runbooks/long-contexts.yaml"],
    )
    pass_marks: PassMarks = Field(
        default_factory=PassMarks,
        alias="pass",
        description="what `check` asks for",
        examples=[{"score_min": 60, "recovered_within": "20m"}],
    )
    twins: Twins = Field(
        default_factory=Twins,
        description="how the twins without the fault differ",
        examples=[{"noisy": {"alerts": ["rules/chronic.rules.yaml"]}}],
    )


class Scenario(ScenarioModel):
    """A scenario that has been read: its keys, what its files say, and its name."""

    _source: Source | None = PrivateAttr(None)
    _warnings: tuple[Mistake, ...] = PrivateAttr(())
    _policies: tuple[Autoscaler, ...] = PrivateAttr(())
    _runbook: BaseModel | None = PrivateAttr(None)

    def with_files(
        self,
        source: Source,
        policies: tuple[Autoscaler, ...],
        runbook: BaseModel | None,
        warnings: tuple[Mistake, ...],
    ) -> Self:
        """Attach what was read beside the file itself; used once, by the reader."""
        self._source, self._policies, self._runbook = source, policies, runbook
        self._warnings = warnings
        return self

    @property
    def source(self) -> Source:
        """The texts this was read from: all that a run needs, besides a seed and a journal."""
        if self._source is None:
            raise InvariantViolated("a scenario is made by scenario.reader, from its texts")
        return self._source

    @property
    def name(self) -> str:
        """The file's name without `.drill.yaml`."""
        return self.source.name

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of all its texts."""
        return self.source.digest

    @property
    def warnings(self) -> tuple[Mistake, ...]:
        """What is odd about the files, in order of place."""
        return self._warnings

    @property
    def policies(self) -> tuple[Autoscaler, ...]:
        """The autoscalers, manifests read, in the order of `autoscalers`."""
        return self._policies

    @property
    def runbook(self) -> BaseModel | None:
        """The reference response, read."""
        return self._runbook

    @property
    def rules(self) -> Mapping[str, str]:
        """Texts of the rule files by path, in the order of `alerts`."""
        return {path: self.source.files[path] for path in self.alerts}

    @property
    def routing(self) -> tuple[str, str] | None:
        """Name and text of the Alertmanager configuration, if there is one."""
        return (
            (self.alertmanager, self.source.files[self.alertmanager]) if self.alertmanager else None
        )

    @property
    def noisy_rules(self) -> Mapping[str, str]:
        """Texts of the rule files that only the noisy twin has."""
        return {path: self.source.files[path] for path in self.twins.noisy.alerts}

    @property
    def parts(self) -> SystemParts:
        """The system, as topology's compiler takes it."""
        limits = tuple(o.late_limit for o in self.objectives if o.late_limit is not None)
        zones = zone_names(self.nodes)
        return SystemParts(self.classes, self.components, self.edges, limits, self.network, zones)
