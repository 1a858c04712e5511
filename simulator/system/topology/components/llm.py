"""A model server with continuous batching, on a GPU whose timings are known."""

import dataclasses
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.errors import NotFound
from simulator.plant import hardware as known_hardware
from simulator.plant import spec
from simulator.system.topology._model import Count, Model, Positive
from simulator.system.topology.components._base import Component, Cores, Start
from simulator.system.topology.components._serving import Adapters, Prefill, Speculation
from simulator.system.topology.exporters import ExporterBounds, engine_bounds
from simulator.system.topology.hardware_row import ROW_ENDS, HardwareRow

# Start of an 8B server, image in the same region, weights and graphs cached or not: 82 s warm is
# 33 s of weights and 49 s of warm-up (tensorfuse.io; image pull: spheron.network).
_START = {
    "image_pull": {"uniform": ["30s", "90s"]},
    "weights_load": {"uniform": ["33s", "60s"]},
    "warm_up": "49s",
}


class LlmCpu(Model):
    """Cores a replica burns: little, whatever its GPU does."""

    idle: Cores = Field(0.1, description="cores when nothing runs", examples=[0.1])
    busy: Cores = Field(1.0, description="cores more while steps run", examples=[1.0])


class Llm(Component):
    """A vLLM-like server: prefill, decode, KV blocks and preemption."""

    kind_name: ClassVar[str] = "llm"

    kind: Literal["llm"]
    hardware: str | HardwareRow = Field(
        description="model/GPU/tensor parallelism/data type of a known row (`brownout hardware`), "
        "a row of your own, or the name of a file with one beside the scenario",
        examples=["llama-3.1-8b/h100/tp1/bf16", "rows/mine.yaml"],
    )
    max_num_seqs: Positive | None = Field(
        None,
        description="requests in the running batch; none: vLLM's default on that GPU",
        examples=[256],
    )
    max_num_batched_tokens: Positive | None = Field(
        None,
        description="tokens computed in one step; none: vLLM's default on that GPU",
        examples=[8192],
    )
    schedules_ahead: bool = Field(
        default=False,
        description="each step's batch is made as the step before it starts, as vLLM does by "
        "default since 0.14: requests that arrive meanwhile wait a step longer",
        examples=[True],
    )
    whole_prompt_fits: bool = Field(
        default=False,
        description="a request is admitted when all of its prompt finds free KV blocks, as vLLM "
        "does by default since 0.19, not just its first chunk",
        examples=[True],
    )
    prefix_caching: bool = Field(
        default=True,
        description="free KV blocks keep what they hold until they are needed, so that prompts "
        "that begin alike, and preempted requests, are not computed twice",
        examples=[False],
    )
    scheduling: Literal["fcfs", "priority"] = Field(
        default="fcfs",
        description="who is admitted first, and who gives way last when KV blocks are short: who "
        "came first, or whose class has the higher priority",
        examples=["priority"],
    )
    speculation: Speculation | None = Field(
        None,
        description="speculative decoding; none: a token per sequence and step",
        examples=[{"tokens": 3, "acceptance": "70%", "draft": "4%"}],
    )
    adapters: Adapters | None = Field(
        None,
        description="LoRA adapters it serves beside the model itself, those that classes name",
        examples=[{"max_loras": 4, "max_cpu_loras": 16}],
    )
    prefill: Prefill | None = Field(
        None,
        description="prompts are computed by another component (disaggregated prefill); none: here",
        examples=[{"component": "prefill", "link": "25GB/s"}],
    )
    model_tokens_max: Positive | None = Field(
        None, description="longest prompt and answer together; none: the row's", examples=[131072]
    )
    kv_tokens: Positive | None = Field(
        None, description="KV cache of a replica in tokens; none: the row's", examples=[440000]
    )
    step_noise: Annotated[float, Field(ge=0.0, le=0.5)] = Field(
        0.03, description="sigma of the lognormal noise on step times", examples=[0.03]
    )
    queue_max: Count = Field(
        1_000_000, description="requests that may wait; more are refused", examples=[1000]
    )
    exporter: Literal["vllm", "sglang", "tgi", "triton"] = Field(
        "vllm",
        description="whose metrics it shows; the server itself behaves as vLLM does",
        examples=["sglang"],
    )
    cpu: LlmCpu = Field(
        default_factory=LlmCpu,
        description="cores a replica burns",
        examples=[{"idle": 0.1, "busy": 1.0}],
    )
    start: Start = Field(
        default_factory=lambda: Start.model_validate(_START),
        description="cold start, part by part",
        examples=[{"image_pull": "90s", "weights_load": "33s", "warm_up": "49s"}],
    )

    @field_validator("hardware")
    @classmethod
    def _is_known(cls, named: str | HardwareRow) -> str | HardwareRow:
        # A file is read, and complained of, by who reads the scenario.
        if isinstance(named, str) and not named.endswith(ROW_ENDS):
            try:
                known_hardware.lookup(named)
            except NotFound as error:
                raise ValueError(str(error)) from error
        return named

    @model_validator(mode="before")
    @classmethod
    def _asks_for_its_gpus(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("hardware"), str | dict):
            requests = value.get("requests", {})
            if isinstance(requests, dict) and "nvidia.com/gpu" not in requests:
                gpus = {"nvidia.com/gpu": _gpus(value["hardware"])}
                return {**value, "requests": {**requests, **gpus}}
        return value

    @model_validator(mode="after")
    def _has_its_gpus(self) -> Self:
        if self.requests.gpus != (needed := _gpus(self.hardware)):
            name = self.hardware if isinstance(self.hardware, str) else "hardware"
            raise ValueError(
                f"{name} spans {needed} GPUs; write requests: {{nvidia.com/gpu: {needed}}}"
            )
        return self

    @property
    def shown_as(self) -> str:
        return self.kind if self.exporter == "vllm" else self.exporter

    def bounds(self) -> ExporterBounds:
        served = self.discipline()
        tokens = served.model_tokens_max if isinstance(served, spec.Llm) else 0
        return engine_bounds(self.exporter, tokens)

    @property
    def features(self) -> tuple[str, ...]:
        return ("speculation",) if self.speculation and self.exporter == "vllm" else ()

    def own_work(self) -> tuple[spec.Step, ...]:
        return (spec.Call(self.prefill.component),) if self.prefill else ()

    def _kv_bytes(self) -> float:
        named = self.hardware
        if isinstance(named, str):
            return known_hardware.kv_bytes_per_token(named)
        return named.kv_bytes_per_token

    @model_validator(mode="after")
    def _knows_what_it_has_sent(self) -> Self:
        row = self.hardware
        if self.prefill and isinstance(row, HardwareRow) and row.kv_bytes_per_token == 0:
            raise ValueError("prefill needs the row's kv_bytes_per_token: what is to be sent")
        return self

    def discipline(self) -> spec.Discipline:
        named = self.hardware
        row = known_hardware.lookup(named) if isinstance(named, str) else named.spec()
        return dataclasses.replace(
            row,
            max_num_seqs=self.max_num_seqs or row.max_num_seqs,
            max_num_batched_tokens=self.max_num_batched_tokens or row.max_num_batched_tokens,
            schedules_ahead=self.schedules_ahead,
            whole_prompt_fits=self.whole_prompt_fits,
            prefix_caching=self.prefix_caching,
            by_priority=self.scheduling == "priority",
            speculation=self.speculation.spec(row) if self.speculation else None,
            adapters=self.adapters.spec() if self.adapters else None,
            prefill=self.prefill.spec(self._kv_bytes()) if self.prefill else None,
            model_tokens_max=self.model_tokens_max or row.model_tokens_max,
            kv_tokens=self.kv_tokens or row.kv_tokens,
            stream_ns_per_token=0 if isinstance(named, str) else named.stream_ns_per_token,
            step_noise_sigma=self.step_noise,
            queue_max=self.queue_max,
            cpu_idle_cores=self.cpu.idle,
            cpu_busy_cores=self.cpu.busy,
        )


def _gpus(hardware: object) -> int:
    """Count the GPUs of a server, named, described, or described wrongly."""
    if isinstance(hardware, HardwareRow):
        return hardware.gpus
    if isinstance(hardware, dict):
        written = hardware.get("gpus", 1)
        return written if isinstance(written, int) else 1
    return known_hardware.gpus(str(hardware))
