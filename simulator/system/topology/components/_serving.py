"""What a model server may do besides: speculate, share adapters, leave prompts to another."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from simulator.plant import llm_spec, spec
from simulator.system.topology._model import Model, Name, Positive
from simulator.system.topology.hardware_row import Amount
from simulator.units import Duration, Share, quantity


def _bytes_per_second(value: object) -> float:
    text = str(value).strip()
    if not text.endswith("B/s"):
        raise ValueError(f"{value!r} is not a rate of bytes; write one such as 25GB/s")
    return float(quantity(text.removesuffix("B/s").strip()))


Bandwidth = Annotated[
    float,
    BeforeValidator(
        _bytes_per_second,
        json_schema_input_type=Annotated[
            str, StringConstraints(pattern=r"^\d+(\.\d+)?\s*[A-Za-z]*B/s$")
        ],
    ),
    Field(gt=0.0),
]
"""Bytes per second, written `25GB/s`."""


class DraftModel(Model):
    """What one pass of a drafting model takes: (w^p + (s T)^p)^(1/p) for T tokens."""

    w_ms: Amount = Field(description="w: reading its weights once", examples=[0.6])
    s_us_per_token: Amount = Field(0.0, description="s: its layers per token", examples=[2])


class Speculation(Model):
    """Tokens drafted ahead and verified in one step."""

    tokens: Annotated[int, Field(strict=True, ge=1, le=16)] = Field(
        description="drafted per sequence and step: vLLM's num_speculative_tokens", examples=[3]
    )
    acceptance: Share = Field(
        description="probability that a drafted token is right, those before it being right",
        examples=["70%"],
    )
    draft: DraftModel | Share | None = Field(
        None,
        description="what drafts: a model of its own, or of so large a share of the server's w and "
        "s (an EAGLE head: 3 to 5 %); none: n-grams of the prompt, at no cost",
        examples=["4%"],
    )

    def spec(self, row: spec.Llm) -> llm_spec.Speculation:
        """Say it as the plant takes it, for a server of that row."""
        if isinstance(self.draft, DraftModel):
            w, s = self.draft.w_ms, self.draft.s_us_per_token
        else:
            share = self.draft or 0.0
            w, s = share * row.w_ms, share * row.s_us_per_token
        return llm_spec.Speculation(self.tokens, self.acceptance, w, s)


class Adapters(Model):
    """LoRA adapters that requests ask for by their class."""

    max_loras: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        1, description="different ones in one batch, and on the GPU", examples=[4]
    )
    max_cpu_loras: Positive | None = Field(
        None, description="kept in the host's memory; none: as many as max_loras", examples=[16]
    )
    from_disk: Duration = Field(
        "400ms",
        validate_default=True,
        description="reading one that is not in the host's memory",
        examples=["400ms"],
    )
    from_host: Duration = Field(
        "20ms", validate_default=True, description="copying one to the GPU", examples=["20ms"]
    )
    overhead: Share = Field(
        "15%",
        validate_default=True,
        description="more time in the linear layers for a step with an adapter in it",
        examples=["15%"],
    )

    @model_validator(mode="after")
    def _holds_on_the_host_what_is_on_the_gpu(self) -> Self:
        if self.max_cpu_loras is not None and self.max_cpu_loras < self.max_loras:
            raise ValueError(
                f"max_cpu_loras {self.max_cpu_loras} is less than max_loras {self.max_loras}; "
                "what is on the GPU is in the host's memory too"
            )
        return self

    def spec(self) -> llm_spec.Adapters:
        """Say it as the plant takes it."""
        return llm_spec.Adapters(
            self.max_loras,
            self.max_cpu_loras or self.max_loras,
            self.from_disk,
            self.from_host,
            self.overhead,
        )


class Prefill(Model):
    """Another component that computes the prompts; their KV cache is sent here."""

    component: Name = Field(description="the model server that computes them", examples=["prefill"])
    link: Bandwidth = Field(
        description="what one of its replicas sends at, one KV cache after another",
        examples=["25GB/s"],
    )
    latency: Duration = Field(
        "1ms", validate_default=True, description="on top of each transfer", examples=["1ms"]
    )

    def spec(self, kv_bytes_per_token: float) -> llm_spec.RemotePrefill:
        """Say it as the plant takes it."""
        ns = kv_bytes_per_token / self.link * 1e9
        return llm_spec.RemotePrefill(self.component, ns, self.latency)
