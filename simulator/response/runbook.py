"""A runbook as data: the written steps a responder follows, one at a time."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from simulator import kinds
from simulator.response.actions._base import Action
from simulator.response.choice import OneOf
from simulator.response.command import action_kind
from simulator.response.look import Look
from simulator.response.looks import LOOKS
from simulator.response.process import (
    Acknowledge,
    Declare,
    Hypothesis,
    Note,
    Resolve,
    Update,
)
from simulator.response.truth import Condition
from simulator.response.words import Text
from simulator.units import MINUTE, Duration

_FORM = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


_ONE_LOOK = OneOf("LookChoice", lambda: LOOKS, LOOKS.__getitem__)
_ONE_ACTION = OneOf("ActionChoice", lambda: kinds.names("actions"), action_kind)


class Step(BaseModel):
    """One step; its key says which."""

    model_config = _FORM
    key: ClassVar[str]


class AckStep(Step):
    """Acknowledges the page."""

    key: ClassVar[str] = "ack"
    ack: Acknowledge = Field(description="Nothing more to say.", examples=[{}])


class LookStep(Step):
    """Looks at something, which takes as long as it takes a person."""

    key: ClassVar[str] = "look"
    look: Annotated[Look, _ONE_LOOK] = Field(
        description="What to look at.", examples=[{"query": "max(vllm:kv_cache_usage_perc)"}]
    )


class ActStep(Step):
    """Changes the system; a refusal is noted and the next step follows."""

    key: ClassVar[str] = "act"
    act: Annotated[Action, _ONE_ACTION] = Field(
        description="What to do.", examples=[{"scale": {"target": "llm", "replicas": 6}}]
    )


class WhenStep(Step):
    """Looks once and takes one of two ways; not known counts as not so."""

    key: ClassVar[str] = "when"
    when: Condition = Field(
        description="PromQL; holds where something is left.",
        examples=["max(vllm:kv_cache_usage_perc) > 0.95"],
    )
    then: tuple["AnyStep", ...] = Field(
        default=(), description="Steps if it holds.", examples=[[{"ack": {}}]]
    )
    otherwise: tuple["AnyStep", ...] = Field(
        default=(),
        alias="else",
        description="Steps if it does not hold, or is not known.",
        examples=[[{"stop": "not this incident"}]],
    )


class HypothesisStep(Step):
    """Claims what is wrong."""

    key: ClassVar[str] = "hypothesis"
    hypothesis: Hypothesis = Field(
        description="The claim.",
        examples=[{"component": "llm", "mechanism": "kv_exhaustion", "confidence": 0.8}],
    )


class DeclareStep(Step):
    """Declares how bad it is."""

    key: ClassVar[str] = "declare"
    declare: Declare = Field(description="The severity.", examples=["sev2"])


class UpdateStep(Step):
    """Tells everyone how it stands."""

    key: ClassVar[str] = "update"
    update: Update = Field(description="The words.", examples=["We limit long prompts."])


class NoteStep(Step):
    """Writes a line into the timeline."""

    key: ClassVar[str] = "note"
    note: Note = Field(description="The words.", examples=["KV use was at 1.0 on all pods."])


class WaitFor(BaseModel):
    """A condition to wait for, at most so long."""

    model_config = _FORM

    expr: Condition = Field(
        description="PromQL; holds where something is left.",
        examples=["sum(vllm:num_requests_waiting) < 5"],
    )
    at_most: Duration = Field(
        default=10 * MINUTE, description="How long to wait.", examples=["10m"], gt=0
    )
    otherwise: tuple["AnyStep", ...] = Field(
        default=(),
        alias="else",
        description="Steps if it has not come to hold by then.",
        examples=[[{"act": {"scale": {"target": "llm", "replicas": 6}}}]],
    )


def _as_expr(value: object) -> object:
    return {"expr": value} if isinstance(value, str) else value


class UntilStep(Step):
    """Waits until a condition holds, looking every 15 seconds."""

    key: ClassVar[str] = "until"
    until: Annotated[WaitFor, BeforeValidator(_as_expr, json_schema_input_type=WaitFor | str)] = (
        Field(
            description="What to wait for.",
            examples=[{"expr": "sum(vllm:num_requests_waiting) < 5", "at_most": "10m"}],
        )
    )


class WaitStep(Step):
    """Lets time pass."""

    key: ClassVar[str] = "wait"
    wait: Duration = Field(description="How long.", examples=["2m"], gt=0)


class Verification(BaseModel):
    """A condition that must hold for the steps after it."""

    model_config = _FORM

    expr: Condition = Field(
        description="PromQL; holds where something is left.", examples=["sum(up) == 4"]
    )
    otherwise: tuple["AnyStep", ...] = Field(
        default=(),
        alias="else",
        description="Steps if it fails or is not known; without any, the runbook ends there.",
        examples=[[{"stop": "still slow"}]],
    )


class CheckStep(Step):
    """Verifies; where it does not hold the runbook ends, unless there are steps for that."""

    key: ClassVar[str] = "check"
    check: Annotated[
        Verification, BeforeValidator(_as_expr, json_schema_input_type=Verification | str)
    ] = Field(description="What must hold.", examples=["sum(up) == 4"])


class StopStep(Step):
    """Leaves the runbook without resolving."""

    key: ClassVar[str] = "stop"
    stop: Text = Field(description="Why.", examples=["not this incident"])


class ResolveStep(Step):
    """Says that it is over, which ends the runbook."""

    key: ClassVar[str] = "resolve"
    resolve: Resolve = Field(description="Nothing more to say.", examples=[{}])


_KEYS = (
    "ack", "look", "when", "act", "hypothesis", "declare", "update", "note", "until", "wait",
    "check", "stop", "resolve",
)  # fmt: skip


def _key(value: object) -> str | None:
    """Tell which step it is by the one key that says so."""
    if isinstance(value, Step):
        return f"{value.key}-step"
    named = [key for key in _KEYS if isinstance(value, Mapping) and key in value]
    return f"{named[0]}-step" if named else None


AnyStep = Annotated[
    Annotated[AckStep, Tag("ack-step")]
    | Annotated[LookStep, Tag("look-step")]
    | Annotated[WhenStep, Tag("when-step")]
    | Annotated[ActStep, Tag("act-step")]
    | Annotated[HypothesisStep, Tag("hypothesis-step")]
    | Annotated[DeclareStep, Tag("declare-step")]
    | Annotated[UpdateStep, Tag("update-step")]
    | Annotated[NoteStep, Tag("note-step")]
    | Annotated[UntilStep, Tag("until-step")]
    | Annotated[WaitStep, Tag("wait-step")]
    | Annotated[CheckStep, Tag("check-step")]
    | Annotated[StopStep, Tag("stop-step")]
    | Annotated[ResolveStep, Tag("resolve-step")],
    Discriminator(
        _key,
        custom_error_type="unknown_step",
        custom_error_message=f"a step has one of these keys: {', '.join(_KEYS)}",
    ),
]
"""Any step of a runbook."""


class Occasion(BaseModel):
    """What sets a runbook off: an alert's page, any page, or a time."""

    model_config = _FORM

    alert: str | None = Field(
        default=None, description="A page for this alert.", examples=["TimeToFirstTokenHigh"]
    )
    page: Literal["any"] | None = Field(default=None, description="Any page.", examples=["any"])
    time: Duration | None = Field(
        default=None,
        description="A time on the responder's clock, which starts after warm-up.",
        examples=["20m"],
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(value is not None for value in (self.alert, self.page, self.time)) != 1:
            raise ValueError("name one occasion: alert: NAME, page: any, or time: 20m")
        return self


class Runbook(BaseModel):
    """The steps one takes on an occasion, as if a person took them."""

    model_config = _FORM

    version: Literal[1] = Field(alias="schema", description="Format version.", examples=[1])
    title: Text = Field(description="What it is for.", examples=["Model server out of KV cache"])
    on: Occasion = Field(
        description="What sets it off.", examples=[{"alert": "TimeToFirstTokenHigh"}]
    )
    steps: tuple[AnyStep, ...] = Field(
        description="What to do, in order.",
        examples=[[{"ack": {}}, {"resolve": {}}]],
        json_schema_extra={"minItems": 1},
    )

    @field_validator("steps")
    @classmethod
    def _has_steps(cls, value: tuple[AnyStep, ...]) -> tuple[AnyStep, ...]:
        # min_length would count only the steps that are right, and complain twice.
        if not value:
            raise ValueError("a runbook has at least one step")
        return value
