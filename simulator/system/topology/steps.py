"""What a component does for a request: a list of steps, read from YAML, said in the plant's terms.

A step is one of `work: 2ms`, `{call: NAME, on_miss: [...], on_failure: [...]}`,
`{parallel: [[...], [...]], join: all}`, `{chance: 40%, then: [...], else: [...]}` and
`{return: refused}`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Model, Name
from simulator.system.topology.distribution import Durations
from simulator.units import Share

_GRAMMAR = (
    "a step is one of: work: 2ms, {call: NAME}, {parallel: [[...], [...]]}, "
    "{chance: 40%, then: [...]}, {return: ok}"
)
_KEYS = ("work", "call", "parallel", "chance", "return")


class Work(Model):
    """Keeps one worker of the component busy."""

    work: Durations = Field(
        description="how long a worker is busy", examples=["2ms", {"exponential": "5ms"}]
    )

    def plant_step(self) -> spec.Step:
        return spec.Work(self.work)


class Call(Model):
    """Asks another component and waits for its answer."""

    call: Name = Field(description="the component to ask", examples=["passages"])
    on_miss: list["Step"] = Field(
        default_factory=list,
        description="where the callee is a cache: what to do on a miss; the key is filled after",
        examples=[[{"call": "embed"}, {"call": "vectors"}]],
    )
    on_failure: list["Step"] = Field(
        default_factory=list,
        description="what to do instead when the call fails after its retries",
        examples=[[{"call": "provider"}]],
    )

    on_error: Literal["open", "closed"] | None = Field(
        None,
        description="instead of on_failure: open goes on as if it had succeeded, closed refuses "
        "the request; a guardrail's verdict stands either way",
        examples=["open"],
    )

    @model_validator(mode="after")
    def _has_one_way_out(self) -> Self:
        if self.on_error and (self.on_failure or self.on_miss):
            written = "on_failure" if self.on_failure else "on_miss"
            raise ValueError(f"write on_error or {written}, not both")
        return self

    def plant_step(self) -> spec.Step:
        return spec.Call(
            self.call, program(self.on_miss), program(self.on_failure), self.on_error or ""
        )


class Parallel(Model):
    """Runs branches at once."""

    parallel: list[Annotated[list["Step"], Field(min_length=1)]] = Field(
        min_length=2,
        description="the branches, each a list of steps",
        examples=[[[{"call": "embed"}], [{"call": "profile"}]]],
    )
    join: Literal["all", "first"] = Field(
        "all", description="go on when all branches are done, or the first", examples=["all"]
    )

    def plant_step(self) -> spec.Step:
        return spec.Parallel(tuple(program(branch) for branch in self.parallel), self.join)


class Chance(Model):
    """Takes one of two ways, as the request's key decides."""

    chance: Share = Field(description="share of requests that take `then`", examples=["40%"])
    then: list["Step"] = Field(
        min_length=1, description="what this share does", examples=[[{"return": "ok"}]]
    )
    otherwise: list["Step"] = Field(
        default_factory=list,
        alias="else",
        description="what the others do",
        examples=[[{"work": "5ms"}]],
    )

    def plant_step(self) -> spec.Step:
        return spec.Chance(self.chance, program(self.then), program(self.otherwise))


class Return(Model):
    """Ends the handler at once."""

    outcome: Literal["ok", "failed", "refused"] = Field(
        alias="return", description="what the caller is told", examples=["refused"]
    )

    def plant_step(self) -> spec.Step:
        return spec.Return(self.outcome)


def _which(value: Any) -> str | None:
    if isinstance(value, dict):
        found = [key for key in _KEYS if key in value]
        return f"{found[0]} step" if len(found) == 1 else None
    return f"{type(value).__name__.lower()} step" if isinstance(value, Model) else None


Step = Annotated[
    Annotated[Work, Tag("work step")]
    | Annotated[Call, Tag("call step")]
    | Annotated[Parallel, Tag("parallel step")]
    | Annotated[Chance, Tag("chance step")]
    | Annotated[Return, Tag("return step")],
    Discriminator(_which, custom_error_type="step", custom_error_message=_GRAMMAR),
]
"""One step; its tag has a space, so it is never mistaken for a key."""

for _model in (Call, Parallel, Chance):
    _model.model_rebuild()


def program(steps: list[Step]) -> tuple[spec.Step, ...]:
    """Say a list of steps in the plant's terms."""
    return tuple(step.plant_step() for step in steps)


def callees(steps: tuple[spec.Step, ...]) -> tuple[str, ...]:
    """Every component that a program may call, once each, in order of first mention."""
    found: dict[str, None] = {}
    for step in steps:
        if isinstance(step, spec.Call):
            found.setdefault(step.callee)
        for inner in inside(step):
            found.update(dict.fromkeys(callees(inner)))
    return tuple(found)


def inside(step: spec.Step) -> tuple[tuple[spec.Step, ...], ...]:
    """Say the programs within a step."""
    if isinstance(step, spec.Call):
        return (step.on_miss, step.on_failure)
    if isinstance(step, spec.Parallel):
        return step.branches
    if isinstance(step, spec.Chance):
        return (step.then, step.otherwise)
    return ()
