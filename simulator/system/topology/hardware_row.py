"""A model server's timings as a person writes them: the numbers of the step-time formula.

    step = o + r n + head + (w^p + (s T)^p)^(1/p) + c K + q Q + m0 + m T

with n sequences, T new tokens, K context tokens read by decodes and Q = sum of chunk x (context +
chunk / 2) over prefill chunks, for a model on some GPUs at one number format.
"""

from typing import Annotated

from pydantic import Field

from simulator.plant import spec
from simulator.system.topology._model import Model, Positive

Amount = Annotated[float, Field(ge=0.0, le=1e9, allow_inf_nan=False)]
_NS_PER_MS = 1_000_000
ROW_ENDS = (".yaml", ".yml")
"""How the name of a file with a row ends."""


class HardwareRow(Model):
    """One row: what `brownout hardware NAME` prints and `serve-trace --hardware FILE` reads."""

    name: str = Field("", description="what it is; for people", examples=["qwen3-32b, 2 GPUs"])
    source: str = Field("", description="where the numbers are from", examples=["measured"])
    w_ms: Annotated[float, Field(gt=0.0, le=1e6)] = Field(
        description="w: reading the weights once", examples=[5.5]
    )
    s_us_per_token: Amount = Field(
        description="s: the linear layers per new token, when compute-bound", examples=[17.4]
    )
    p: Annotated[float, Field(ge=1.0, le=20.0)] = Field(
        2.0, description="p: how sharp the knee between the two is", examples=[2.8]
    )
    c_ns_per_kv_token: Amount = Field(
        description="c: attention of a decode, per token of context", examples=[45]
    )
    q_ns_per_pair: Amount = Field(
        description="q: attention of a prefill, per pair of tokens", examples=[1.2]
    )
    head_ms: Amount = Field(0.0, description="head: the last layer and sampling", examples=[0.45])
    o_ms: Amount = Field(1.0, description="o: scheduling between two steps", examples=[1.0])
    r_us_per_sequence: Amount = Field(4.0, description="r: per sequence of a step", examples=[4])
    m0_ms: Amount = Field(0.0, description="m0: all-reduces of a step, several GPUs", examples=[2])
    m_us_per_token: Amount = Field(0.0, description="m: the same per new token", examples=[112])
    kv_bytes_per_token: Amount = Field(
        0.0,
        description="KV cache of a token over all GPUs, for those it is sent between; 0: unknown",
        examples=[131072],
    )
    kv_tokens: Positive = Field(description="KV cache, in tokens", examples=[440_000])
    request_overhead_ms: Amount = Field(
        12.0, description="from arrival to the scheduler: API, tokenising", examples=[12]
    )
    stream_us_per_token: Amount = Field(
        0.0, description="sending a token to the client, after its step", examples=[50]
    )
    gpus: Positive = Field(1, description="GPUs that a server spans", examples=[2])
    max_num_seqs: Positive = Field(256, description="requests in a batch", examples=[128])
    max_num_batched_tokens: Positive = Field(
        2048, description="tokens computed in one step", examples=[8192]
    )
    model_tokens_max: Positive = Field(
        131_072, description="longest prompt and answer together", examples=[40_960]
    )

    @property
    def stream_ns_per_token(self) -> int:
        """The same as the plant counts it."""
        return round(self.stream_us_per_token * 1e3)

    def spec(self) -> spec.Llm:
        """Say it as the plant takes it, without noise."""
        return spec.Llm(
            w_ms=self.w_ms,
            s_us_per_token=self.s_us_per_token,
            p=self.p,
            c_ns_per_kv_token=self.c_ns_per_kv_token,
            q_ns_per_pair=self.q_ns_per_pair,
            head_ms=self.head_ms,
            o_ms=self.o_ms,
            r_us_per_sequence=self.r_us_per_sequence,
            m0_ms=self.m0_ms,
            m_us_per_token=self.m_us_per_token,
            kv_tokens=self.kv_tokens,
            max_num_seqs=self.max_num_seqs,
            max_num_batched_tokens=self.max_num_batched_tokens,
            model_tokens_max=self.model_tokens_max,
            request_overhead_ns=round(self.request_overhead_ms * _NS_PER_MS),
        )


def row_of(name: str, known: spec.Llm, gpus: int) -> HardwareRow:
    """Say a known model server as a row."""
    return HardwareRow(
        name=name,
        gpus=gpus,
        w_ms=known.w_ms,
        s_us_per_token=known.s_us_per_token,
        p=known.p,
        c_ns_per_kv_token=known.c_ns_per_kv_token,
        q_ns_per_pair=known.q_ns_per_pair,
        head_ms=known.head_ms,
        o_ms=known.o_ms,
        r_us_per_sequence=known.r_us_per_sequence,
        m0_ms=known.m0_ms,
        m_us_per_token=round(known.m_us_per_token, 4),
        kv_tokens=known.kv_tokens,
        request_overhead_ms=known.request_overhead_ns / _NS_PER_MS,
        max_num_seqs=known.max_num_seqs,
        max_num_batched_tokens=known.max_num_batched_tokens,
        model_tokens_max=known.model_tokens_max,
    )
