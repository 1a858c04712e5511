"""What a responder says about the incident: the process acts, as data."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from simulator.errors import suggestion
from simulator.response.spoken import Spoken
from simulator.response.words import Confidence, Line, Name, Text, quoted, unquoted
from simulator.taxonomy import MECHANISMS, TRIGGERS
from simulator.units import SECOND

_FORM = "^[sS][eE][vV]-?([1-5])$"
_SEVERITY = re.compile(_FORM)


def _severity(value: object) -> object:
    """Read `sev1`, `SEV1` or `SEV-1` as `SEV-1`."""
    match = _SEVERITY.match(value.strip()) if isinstance(value, str) else None
    return f"SEV-{match[1]}" if match else value


class ProcessAct(Spoken):
    """Something said about the incident: it feeds timeline and grade, and changes no system."""


class Acknowledge(ProcessAct):
    """Takes the page: someone is on it."""

    kind_name: ClassVar[str] = "ack"
    syntax: ClassVar[str] = "ack"
    effect: ClassVar[str] = "acknowledges every page so far"
    takes_ns: ClassVar[int] = 5 * SECOND


class Declare(ProcessAct):
    """Declares an incident, or says anew how bad it is."""

    kind_name: ClassVar[str] = "declare"
    syntax: ClassVar[str] = "declare sev1|sev2|sev3|sev4|sev5"
    effect: ClassVar[str] = "declares an incident of that severity, or changes the severity"
    takes_ns: ClassVar[int] = 5 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("severity",)
    shorthand: ClassVar[str] = "severity"

    severity: Annotated[
        Literal["SEV-1", "SEV-2", "SEV-3", "SEV-4", "SEV-5"],
        BeforeValidator(
            _severity, json_schema_input_type=Annotated[str, StringConstraints(pattern=_FORM)]
        ),
    ] = Field(description="How bad it is; SEV-1 is worst.", examples=["SEV-2"])

    def _text(self, name: str) -> str:
        return super()._text(name).lower().replace("-", "")


class Hypothesis(ProcessAct):
    """Claims what is wrong and where; several may stand, and a later one revises."""

    kind_name: ClassVar[str] = "hypothesis"
    syntax: ClassVar[str] = (
        'hypothesis COMPONENT MECHANISM [--trigger T] [--confidence 0.7] [--note "..."]'
    )
    effect: ClassVar[str] = "claims what is wrong where; `mechanisms` lists the words"
    positional: ClassVar[tuple[str, ...]] = ("component", "mechanism")

    component: Name = Field(description="Where the trouble is.", examples=["llm"])
    mechanism: str = Field(
        description="What is wrong, in a word of the public list.", examples=["kv_exhaustion"]
    )
    trigger: str | None = Field(
        default=None,
        description="What set it off, in a word of the public list.",
        examples=["mix_shift"],
    )
    confidence: Confidence = Field(
        default=0.7, description="How sure, from 0 to 1.", examples=[0.8], ge=0.0, le=1.0
    )
    note: Line = Field(
        default="", description="For the reader; never graded.", examples=["KV at 1.0 on all"]
    )

    @field_validator("mechanism")
    @classmethod
    def _is_a_mechanism(cls, value: str) -> str:
        if value not in MECHANISMS:
            near = suggestion(value, MECHANISMS)
            raise ValueError(f"no mechanism {value!r}{near}; `mechanisms` lists them")
        return value

    @field_validator("trigger")
    @classmethod
    def _is_a_trigger(cls, value: str | None) -> str | None:
        if value is not None and value not in TRIGGERS:
            near = suggestion(value, TRIGGERS)
            raise ValueError(f"no trigger {value!r}{near}; `mechanisms` lists them")
        return value


class FreeText(ProcessAct):
    """What is said in free words, everything after the verb."""

    shorthand: ClassVar[str] = "text"

    text: Text = Field(description="The words.", examples=["Answers are slow; we limit prompts."])

    @classmethod
    def read(cls, rest: str) -> Self:
        return cls.build({"text": unquoted(rest)} if rest.strip() else {})

    def spoken(self) -> str:
        return quoted(self.text)


class Update(FreeText):
    """Tells everyone how it stands."""

    kind_name: ClassVar[str] = "update"
    syntax: ClassVar[str] = 'update "..."'
    effect: ClassVar[str] = "tells everyone how it stands"
    takes_ns: ClassVar[int] = 10 * SECOND


class Note(FreeText):
    """Writes a line into the timeline."""

    kind_name: ClassVar[str] = "note"
    syntax: ClassVar[str] = 'note "..."'
    effect: ClassVar[str] = "writes a line into the timeline"


class Resolve(ProcessAct):
    """Says that it is over."""

    kind_name: ClassVar[str] = "resolve"
    syntax: ClassVar[str] = "resolve"
    effect: ClassVar[str] = "closes the incident and ends the drill; the system runs on to be sure"


class Hint(ProcessAct):
    """Asks for help, for points."""

    kind_name: ClassVar[str] = "hint"
    syntax: ClassVar[str] = "hint"
    effect: ClassVar[str] = "gives a hint for 5 points, three at most"


PROCESS_ACTS: dict[str, type[ProcessAct]] = {
    kind.kind_name: kind for kind in (Acknowledge, Declare, Hypothesis, Update, Note, Resolve, Hint)
}
"""Every process act by its verb."""
