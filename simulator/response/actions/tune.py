"""Change one setting of a component."""

from typing import Annotated, Any, ClassVar, Literal

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
}
_WORKS_ON: dict[str, tuple[str, ...]] = {
    "ef": ("vector_index",),
    "max_num_seqs": ("llm",),
    "ttl": ("cache",),
}


def _figure(value: object) -> object:
    """Read a whole number, or a duration as ns."""
    if isinstance(value, str) and not value.strip().isdigit():
        return duration(value)
    return value


class TuneComponent(Action):
    """Sets search effort, batch size, queue bound or time to live, with effect at once."""

    kind_name: ClassVar[str] = "tune"
    syntax: ClassVar[str] = "tune COMPONENT ef|max_num_seqs|queue_max|shed_percent|ttl VALUE"
    effect: ClassVar[str] = (
        "sets a vector index's ef, a model server's max_num_seqs, a queue's bound, a cache's ttl, "
        "or the loads from which on a component sheds, in percent of its own"
    )
    cost: ClassVar[str] = "lower ef: worse answers; fewer sequences: longer queue; and the reverse"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target", "setting", "value")

    target: Name = Field(description="Component.", examples=["llm"])
    setting: Literal["ef", "max_num_seqs", "queue_max", "shed_percent", "ttl"] = Field(
        description="What to set.", examples=["max_num_seqs"]
    )
    value: Annotated[int, BeforeValidator(_figure, json_schema_input_type=int | str)] = Field(
        description="A whole number; for ttl a duration.", examples=[64], ge=0
    )

    @model_validator(mode="before")
    @classmethod
    def _has_the_right_unit(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and isinstance(value := fields.get("value"), str):
            is_plain, is_ttl = value.strip().isdigit(), fields.get("setting") == "ttl"
            if is_plain and is_ttl and value.strip() != "0":
                raise ValueError(f"ttl needs a unit: write {value}s or {value}m")
            if not is_plain and not is_ttl:
                raise ValueError(f"{fields.get('setting')} is a whole number, not {value!r}")
        return fields

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
        return span(self.value) if self.setting == "ttl" else number(self.value)
