"""Change one setting of a component."""

import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from simulator.errors import UsageError
from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Name, number, span
from simulator.units import SECOND, duration
from simulator.world import Looks, Place, Setting

_SETTINGS = {
    "ef": Setting.EF,
    "max_num_seqs": Setting.MAX_NUM_SEQS,
    "queue_max": Setting.QUEUE_MAX,
    "shed_percent": Setting.SHED_PERCENT,
    "ttl": Setting.TTL_NS,
    "keys_max": Setting.KEYS_MAX,
    "stale_for": Setting.STALE_NS,
    "negative_ttl": Setting.NEGATIVE_TTL_NS,
    "similarity_min": Setting.SIMILARITY_MIN,
}
_FRACTION = re.compile(r"\d*\.\d+")
_SPANS = ("ttl", "stale_for", "negative_ttl")
_FRACTIONAL = "similarity_min"
_WORKS_ON: dict[str, tuple[str, ...]] = {
    "ef": ("vector_index",),
    "max_num_seqs": ("llm",),
    "ttl": ("cache", "semantic_cache"),
    "keys_max": ("cache", "semantic_cache"),
    "stale_for": ("cache",),
    "negative_ttl": ("cache",),
    "similarity_min": ("semantic_cache",),
}


def _figure(value: object) -> object:
    """Read a whole number, a fraction such as 0.95, or a duration as ns."""
    if not isinstance(value, str) or value.strip().isdigit():
        return value
    return float(value) if _FRACTION.fullmatch(value.strip()) else duration(value)


class TuneComponent(Action):
    """Sets search effort, batch size, queue bound or what a cache keeps, with effect at once."""

    kind_name: ClassVar[str] = "tune"
    syntax: ClassVar[str] = (
        "tune COMPONENT ef|max_num_seqs|queue_max|shed_percent|ttl|keys_max|stale_for|negative_ttl|"
        "similarity_min VALUE"
    )
    effect: ClassVar[str] = (
        "sets a vector index's ef, a model server's max_num_seqs, a queue's bound, how long and "
        "how much a cache keeps, or the loads from which on a component sheds, in percent of "
        "its own"
    )
    cost: ClassVar[str] = "lower ef: worse answers; fewer sequences: longer queue; and the reverse"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target", "setting", "value")

    target: Name = Field(description="Component.", examples=["llm"])
    setting: Literal[
        "ef",
        "max_num_seqs",
        "queue_max",
        "shed_percent",
        "ttl",
        "keys_max",
        "stale_for",
        "negative_ttl",
        "similarity_min",
    ] = Field(description="What to set.", examples=["max_num_seqs"])
    value: Annotated[
        int | float, BeforeValidator(_figure, json_schema_input_type=int | float | str)
    ] = Field(
        description="A whole number; for ttl, stale_for and negative_ttl a duration, for "
        "similarity_min a fraction.",
        examples=[64],
        ge=0,
    )

    @model_validator(mode="before")
    @classmethod
    def _has_the_right_unit(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and isinstance(value := fields.get("value"), str):
            if fields.get("setting") == _FRACTIONAL and _FRACTION.fullmatch(value.strip()):
                return fields
            is_plain, is_span = value.strip().isdigit(), fields.get("setting") in _SPANS
            if is_plain and is_span and value.strip() != "0":
                setting = fields.get("setting")
                raise ValueError(f"{setting} needs a unit: write {value}s or {value}m")
            if not is_plain and not is_span:
                raise ValueError(f"{fields.get('setting')} is a whole number, not {value!r}")
        return fields

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.setting != _FRACTIONAL and self.value != int(self.value):
            raise ValueError(f"{self.setting} is a whole number, not {self.value:g}")
        return self

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def check(self, looks: Looks) -> None:
        super().check(looks)
        name = Place.read(self.target).name
        kind, wanted = looks.component(name).kind, _WORKS_ON.get(self.setting)
        if wanted is not None and kind not in wanted:
            raise UsageError(f"{self.setting} is of a {' or '.join(wanted)}; {name} is a {kind}")

    def perform(self, world: ActionWorld) -> str:
        return world.configure(Place.read(self.target), _SETTINGS[self.setting], float(self.value))

    def _text(self, name: str) -> str:
        if name != "value":
            return super()._text(name)
        return span(int(self.value)) if self.setting in _SPANS else number(self.value)
