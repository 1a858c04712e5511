"""Some requests of a class begin to carry far longer prompts."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.faults._base import Fault, FaultWorld, PlaceKind, only_component
from simulator.faults._tokens import TokenQuantiles
from simulator.taxonomy import Family
from simulator.units import Share
from simulator.world import Home, Knob, Looks, TokenMix


class PromptMixShift(Fault):
    """Makes a share of a class's arrivals ask for other token counts, as a new client does.

    Symptom: time to first token rises without end while the arrival rate stays as it was.
    Evidence: KV use near 1, preemptions, a wait queue, the prompt length histogram; no errors, and
    a GPU that looks fully used. Right: cap the length of prompts, then add replicas. Tempting:
    raise `max_num_seqs` (more preemption), raise timeouts, restart (the mix is still there).
    """

    kind_name: ClassVar[str] = "prompt_mix_shift"
    family: ClassVar[Family] = Family.LOAD
    mechanism: ClassVar[str] = "kv_exhaustion"
    trigger: ClassVar[str] = "mix_shift"
    home: ClassVar[Home] = Home.TRAFFIC
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("class",)
    located_kinds: ClassVar[tuple[str, ...]] = ("llm", "external")

    kind: Literal["prompt_mix_shift"]
    share: Share = Field(
        description="How many of the class's arrivals follow the other mix.", examples=["30%"]
    )
    prompt_tokens: TokenQuantiles | None = Field(
        default=None,
        description="Prompt lengths of those; left out: as everyone's.",
        examples=[{"quantiles": {"50%": 24000, "99%": 60000}}],
    )
    output_tokens: TokenQuantiles | None = Field(
        default=None,
        description="Answer lengths of those; left out: as everyone's.",
        examples=[{"quantiles": {"50%": 900, "99%": 4000}}],
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.prompt_tokens is None and self.output_tokens is None:
            raise ValueError("a mix shift changes prompt_tokens, output_tokens or both")
        return self

    def strike(self, world: FaultWorld, cause: str) -> None:
        prompt = self.prompt_tokens.points() if self.prompt_tokens else ()
        output = self.output_tokens.points() if self.output_tokens else ()
        world.set_other_mix(self.place.name, TokenMix(prompt, output))
        world.afflict(cause, self.home, self.place, Knob.MIX, self.share)

    def _component(self, world: Looks) -> str:
        return only_component(world, self.located_kinds)
