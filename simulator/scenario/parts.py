"""The parts of a scenario that no kind owns: objectives, severities, changes, twins, pass marks."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simulator.faults._base import Fault
from simulator.scenario.kind import OfKind
from simulator.system.topology._model import Name, Text
from simulator.system.topology.parts import LateLimit
from simulator.units import Duration, Share

AnyFault = Annotated[Fault, OfKind("faults")]
"""A fault of any kind."""


class Part(BaseModel):
    """Refuses unknown fields and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _file(value: object) -> object:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not a path; write one from the scenario's folder")
    if value.startswith(("/", "~")) or "\\" in value or ".." in value.split("/"):
        raise ValueError(f"{value!r} leaves the scenario's folder; keep its files inside")
    return value


FilePath = Annotated[str, BeforeValidator(_file)]
"""A path from the scenario's folder, with forward slashes, that stays inside it."""


class Objective(Part):
    """One service level objective: a share of a class's requests that must be good."""

    name: Name = Field(description="how pages and reports call it", examples=["first-token"])
    request_class: str = Field(alias="class", description="whose requests", examples=["chat"])
    of: Literal["ttft", "e2e", "outcome"] = Field(
        description="what is judged: time to first token, to the last, or the outcome",
        examples=["ttft"],
    )
    below: Duration | None = Field(
        None, description="for times: a request within this is good", examples=["2s"]
    )
    is_: Literal["good"] | None = Field(
        None, alias="is", description="for outcomes: which one counts", examples=["good"]
    )
    share: Share = Field(description="share that must be good", examples=["99%"])
    window: Duration = Field(
        "30d", validate_default=True, description="over how long", examples=["30d"]
    )
    burn_rate_alerts: bool = Field(
        default=False,
        description="record its error ratios and budget, and alert when the budget burns too fast "
        "(windows of the SRE workbook, in proportion to `window`)",
        examples=[True],
    )

    @model_validator(mode="after")
    def _says_what_is_good(self) -> Self:
        if self.of == "outcome" and (self.below is not None or self.is_ is None):
            raise ValueError("of: outcome takes is: good, and no below")
        if self.of != "outcome" and (self.below is None or self.is_ is not None):
            raise ValueError(f"of: {self.of} takes below, such as below: 2s, and no is")
        if self.below == 0 or not 0.0 < self.share < 1.0:
            raise ValueError("an objective needs a time above 0 and a share between 0% and 100%")
        return self

    @property
    def late_limit(self) -> LateLimit | None:
        """When an answer is late by it, as the plant judges; None where it is not about time."""
        if self.below is None:
            return None
        of: Literal["ttft", "end_to_end"] = "ttft" if self.of == "ttft" else "end_to_end"
        return LateLimit(self.request_class, of, self.below)


class Severity(Part):
    """How bad an incident must be to be one of this severity."""

    bad_share: Share = Field(description="share of bad requests over 5 minutes", examples=["10%"])


class InnocentChange(Part):
    """A line of the change log that changes nothing: a red herring."""

    at: Duration = Field(description="when", examples=["17m"])
    component: str = Field(description="what was changed", examples=["embed"])
    text: Text = Field(description="what the log says", examples=["embed 1.14.2: log level"])


class PassMarks(Part):
    """What a drill must reach in `brownout check`."""

    score_min: Annotated[int, Field(strict=True, ge=0, le=100)] | None = Field(
        None, description="points of 100", examples=[60]
    )
    recovered_within: Duration | None = Field(
        None, description="from the fault's strike to users being well again", examples=["20m"]
    )


class Monitoring(Part):
    """How much the Prometheus can take that watches this system, and others."""

    samples_per_second: float = Field(
        20_000.0,
        description="samples it can take in; a sample read by a rule costs a twenty-fifth",
        examples=[20_000],
        gt=0,
    )
    busy: Share = Field(
        "40%",
        validate_default=True,
        description="share of that which systems outside this scenario take",
        examples=["40%"],
    )
    sample_limit: Annotated[int, Field(strict=True, ge=0)] = Field(
        0,
        description="a scrape with more samples fails as a whole; 0: no limit",
        examples=[5_000],
    )


class Tracing(Part):
    """Which requests are traced, and which traces the collector keeps."""

    share: Share = Field(
        "5%",
        validate_default=True,
        description="requests whose spans are recorded at all, drawn by trace id",
        examples=["5%"],
    )
    by_class: dict[str, Share] = Field(
        default_factory=dict,
        description="another share for some classes",
        examples=[{"chat": "20%"}],
    )
    ordinary: Share = Field(
        "20%",
        validate_default=True,
        description="kept of the recorded traces that neither failed nor were slow",
        examples=["20%"],
    )
    slow: Duration | None = Field(
        None,
        description="a trace that lasts longer is slow; none: the class's end-to-end objective, "
        "or 10s",
        examples=["5s"],
        gt=0,
    )
    wait: Duration = Field(
        "10s",
        validate_default=True,
        description="from the end of a request to the collector's decision",
        examples=["10s"],
    )


class NoisyTwin(Part):
    """What the noisy twin has besides the healthy one's nothing: red herrings."""

    innocent_changes: list[InnocentChange] = Field(
        default_factory=list,
        description="more lines of the change log",
        examples=[[{"at": "18m", "component": "gateway", "text": "gateway 3.2: new logo"}]],
    )
    blips: list[AnyFault] = Field(
        default_factory=list,
        description="short faults that pass by themselves before anyone could act",
        examples=[
            [{"kind": "load_spike", "at": "15m", "lasts": "1m", "target": "class/chat",
              "multiplier": 1.2}]
        ],
    )  # fmt: skip
    alerts: list[FilePath] = Field(
        default_factory=list,
        description="rule files with alerts that are always on, as every shop has some",
        examples=[["rules/chronic.rules.yaml"]],
    )


class Twins(Part):
    """How the scenario's twins differ from it; the healthy one just has no fault."""

    noisy: NoisyTwin = Field(
        default_factory=NoisyTwin,
        description="no fault, but red herrings",
        examples=[
            {"innocent_changes": [{"at": "18m", "component": "gateway", "text": "new logo"}]}
        ],
    )
