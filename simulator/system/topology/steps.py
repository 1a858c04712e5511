"""What a component does for a request: a list of steps, read from YAML, said in the plant's terms.

A step is one of `work: 2ms`, `{call: NAME, on_miss: [...], on_failure: [...]}`, `{enqueue: NAME}`,
`{parallel: [[...], [...]], join: all}`, `{chance: 40%, then: [...], else: [...]}`,
`{loop: {times: 4, steps: [...]}}` and `{return: refused}`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Model, Name
from simulator.system.topology.distribution import Counts
from simulator.system.topology.work_time import WorkTime
from simulator.units import Duration, Share

_GRAMMAR = (
    "a step is one of: work: 2ms, {call: NAME}, {enqueue: NAME}, {parallel: [[...], [...]]}, "
    "{chance: 40%, then: [...]}, {loop: {times: 4, steps: [...]}}, {return: ok}"
)
_KEYS = ("work", "call", "enqueue", "parallel", "chance", "loop", "return")
ROUNDS_MAX = 200


class Work(Model):
    """Keeps one worker of the component busy."""

    work: WorkTime = Field(
        description="how long a worker is busy, or the CPU time it takes",
        examples=["2ms", {"exponential": "5ms"}, {"base": "1ms", "per_prompt_token": "2us"}],
    )

    def plant_step(self) -> spec.Step:
        return self.work


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
    prompt_tokens: Counts | None = Field(
        None,
        description="tokens of this call's prompt, which is another than the request's; none: the "
        "request's own prompt",
        examples=[400],
    )
    output_tokens: Counts | None = Field(
        None,
        description="tokens of this call's answer; none: as many as the request's",
        examples=[40, {"quantiles": {"50%": 60, "99%": 300}}],
    )

    on_error: Literal["open", "closed"] | None = Field(
        None,
        description="instead of on_failure: open goes on as if it had succeeded, closed refuses "
        "the request; a guardrail's verdict stands either way",
        examples=["open"],
    )

    write: bool = Field(
        default=False,
        description="where the callee is a relational store: it writes, not reads",
        examples=[True],
    )

    @model_validator(mode="after")
    def _has_one_way_out(self) -> Self:
        if self.on_error and (self.on_failure or self.on_miss):
            written = "on_failure" if self.on_failure else "on_miss"
            raise ValueError(f"write on_error or {written}, not both")
        return self

    def plant_step(self) -> spec.Step:
        return spec.Call(
            self.call,
            program(self.on_miss),
            program(self.on_failure),
            self.on_error or "",
            self.prompt_tokens,
            self.output_tokens,
            self.write,
        )


class Enqueue(Model):
    """Puts a message into a queue and goes on as soon as it is accepted."""

    enqueue: Name = Field(description="the queue", examples=["jobs"])
    on_failure: list["Step"] = Field(
        default_factory=list,
        description="what to do instead when the message is not accepted",
        examples=[[{"return": "ok"}]],
    )

    def plant_step(self) -> spec.Step:
        return spec.Call(self.enqueue, (), program(self.on_failure))


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


class Grows(Model):
    """What each round adds to the prompt of later model calls."""

    by: Counts = Field(
        description="tokens of tool results, besides what the model answered",
        examples=[800, {"quantiles": {"50%": 600, "99%": 8000}}],
    )


class Rounds(Model):
    """Steps that run again and again."""

    times: Counts = Field(
        description="how often, drawn by the request's key",
        examples=[4, {"quantiles": {"50%": 4, "99%": 20}}],
    )
    steps: list["Step"] = Field(
        min_length=1, description="what each round does", examples=[[{"call": "llm"}]]
    )
    max: Annotated[int, Field(strict=True, ge=1, le=ROUNDS_MAX)] = Field(
        15, description="never more rounds than this", examples=[10]
    )
    context_grows: Grows | None = Field(
        None,
        description="later prompts are longer, and begin with the earlier ones",
        examples=[{"by": 800}],
    )
    context_max: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        None, description="no further round once a prompt is this long", examples=[60000]
    )
    within: Duration | None = Field(
        None, description="no further round once this has passed", examples=["60s"]
    )


class Loop(Model):
    """An agent's rounds: think, call tools, read what they said, and again."""

    loop: Rounds = Field(
        description="what runs again and again",
        examples=[{"times": 4, "steps": [{"call": "llm"}], "context_grows": {"by": 800}}],
    )

    def plant_step(self) -> spec.Step:
        rounds = self.loop
        return spec.Loop(
            times=rounds.times,
            steps=program(rounds.steps),
            times_max=rounds.max,
            grows=rounds.context_grows.by if rounds.context_grows else None,
            context_max=rounds.context_max or 0,
            within_ns=rounds.within or 0,
        )


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
    | Annotated[Enqueue, Tag("enqueue step")]
    | Annotated[Parallel, Tag("parallel step")]
    | Annotated[Chance, Tag("chance step")]
    | Annotated[Loop, Tag("loop step")]
    | Annotated[Return, Tag("return step")],
    Discriminator(_which, custom_error_type="step", custom_error_message=_GRAMMAR),
]
"""One step; its tag has a space, so it is never mistaken for a key."""

for _model in (Call, Enqueue, Parallel, Chance, Rounds, Loop):
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
    if isinstance(step, spec.Loop):
        return (step.steps,)
    return ()
