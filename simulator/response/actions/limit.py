"""Limit what a class may ask for, or what an edge may carry."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from simulator.errors import suggestion
from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Limit, Name, WholeLimit, number
from simulator.units import SECOND
from simulator.world import Place, Setting

_SETTINGS = {
    "requests_per_second_max": Setting.RATE_MAX,
    "concurrency_max": Setting.CONCURRENCY_MAX,
    "prompt_tokens_max": Setting.PROMPT_TOKENS_MAX,
    "output_tokens_max": Setting.OUTPUT_TOKENS_MAX,
    "tenant_requests_per_minute_max": Setting.TENANT_REQUESTS,
    "tenant_tokens_per_minute_max": Setting.TENANT_TOKENS,
    "tenant_concurrency_max": Setting.TENANT_CONCURRENCY,
}
_OF_AN_EDGE = ("requests_per_second_max", "concurrency_max")


class LimitTraffic(Action):
    """Sets limits at the door of a class, or on an edge; 0 takes a limit away."""

    kind_name: ClassVar[str] = "limit"
    syntax: ClassVar[str] = (
        "limit CLASS|EDGE requests_per_second|concurrency|prompt_tokens|output_tokens|"
        "tenant_requests_per_minute|tenant_tokens_per_minute|tenant_concurrency N|off ..."
    )
    effect: ClassVar[str] = (
        "refuses what is above it: 429 for rate and concurrency, 413 for prompts; cuts long answers"
    )
    cost: ClassVar[str] = "whoever is refused is a user harmed"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target",)

    target: Name = Field(
        description="Class or edge.", examples=["class/chat", "gateway -> provider"]
    )
    requests_per_second_max: Limit | None = Field(
        default=None,
        description="Requests let in per second; 0: no limit.",
        examples=[40],
        ge=0,
        le=1e9,
    )
    concurrency_max: WholeLimit | None = Field(
        default=None, description="Requests let in at once; 0: no limit.", examples=[200], ge=0
    )
    prompt_tokens_max: WholeLimit | None = Field(
        default=None, description="Longest prompt let in; 0: no limit.", examples=[8000], ge=0
    )
    output_tokens_max: WholeLimit | None = Field(
        default=None, description="Longest answer; 0: no limit.", examples=[500], ge=0
    )
    tenant_requests_per_minute_max: Limit | None = Field(
        default=None,
        description="Requests of each tenant of a class per minute; 0: no quota.",
        examples=[60],
        ge=0,
        le=1e9,
    )
    tenant_tokens_per_minute_max: Limit | None = Field(
        default=None,
        description="Tokens of each tenant of a class per minute; 0: no quota.",
        examples=[40000],
        ge=0,
        le=1e12,
    )
    tenant_concurrency_max: WholeLimit | None = Field(
        default=None,
        description="Requests of each tenant in flight; 0: no quota.",
        examples=[8],
        ge=0,
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        named = [name for name in _SETTINGS if getattr(self, name) is not None]
        if not named:
            raise ValueError(f"say what to limit: {', '.join(_spoken_names())}")
        kind = Place.read(self.target).kind
        if kind not in {"class", "edge"}:
            raise ValueError(
                f"limits are of a class (class/NAME) or an edge (A -> B), not {self.target}"
            )
        if kind == "edge" and any(name not in _OF_AN_EDGE for name in named):
            raise ValueError("limits of tokens and tenants are of a class; write class/NAME")
        return self

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        place = Place.read(self.target)
        wanted = [(s, getattr(self, name)) for name, s in _SETTINGS.items()]
        answers = [world.configure(place, s, float(v)) for s, v in wanted if v is not None]
        return "; ".join(answers)

    @classmethod
    def _fields(cls, words: Sequence[str]) -> dict[str, Any]:
        if len(words) % 2 == 0:
            raise cls.misused("name a target, then pairs of a limit and a number")
        fields: dict[str, Any] = {"target": words[0]}
        for name, value in zip(words[1::2], words[2::2], strict=True):
            field = f"{name.removesuffix('_max')}_max"
            if field not in _SETTINGS:
                raise cls.misused(f"no limit {name!r}{suggestion(name, _spoken_names())}")
            fields[field] = value.removesuffix("/s")
        return fields

    def _words(self) -> list[str]:
        words = [self.target]
        for name in _SETTINGS:
            value = getattr(self, name)
            if value is not None:
                words += [name.removesuffix("_max"), number(value) if value else "off"]
        return words


def _spoken_names() -> list[str]:
    return [name.removesuffix("_max") for name in _SETTINGS]
