"""Model servers that exist: a model on some GPUs as the numbers of the step-time formula.

A name is model/GPU/tensor parallelism/number format, such as `llama-3.1-8b/h100/tp1/bf16`. The
numbers are in `servers/`: rows of what was measured, with a source each (`servers/sources.csv`),
shapes of models (their own config files) and GPUs (memory as `nvidia-smi` shows it; an all-reduce's
bus rate and latency, those over PCIe estimated but for RTX PRO 6000's calibrated rate; the token
budget and the batch that `vllm serve` takes on it unless told otherwise). Those two are of vLLM
0.19 (`get_batch_defaults` in vllm/engine/arg_utils.py): 8192 and 1024 from 70 GiB of memory on,
but 2048 and 256 on any A100, as on what is smaller. Expect 15 % on w and 30 % on s between software
stacks. The gap between steps and the time per sequence are typical of vLLM V1 with CUDA graphs
(BLIS fits 4.4 us per sequence). The KV cache's size is computed where it was not measured.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulator.errors import NotFound
from simulator.plant.spec import Llm

_FOLDER = Path(__file__).parent / "servers"
_GIB = 1 << 30
_MIB = 1 << 20
_MEMORY_SHARE = 0.9  # vLLM's default gpu_memory_utilization
_GAP_MS = 1.0
_PER_SEQUENCE_US = 4.0
_OVERHEAD_PARALLEL_GIB = 6.0
_WEIGHT_BYTES = {"bf16": 2.0, "fp8": 1.0, "int8": 1.0, "w4a16": 0.53}
"""Of a weight; 4-bit ones have a scale and a zero per group of 128 beside them."""
_OVERHEAD_NS = {1: 12_000_000, 2: 15_000_000, 4: 27_000_000, 8: 27_000_000}
"""API, tokenising and hand-over before scheduling, by parallelism: BLIS fits 9 to 16 ms on 7B and
26 to 28 ms on 70B over four GPUs."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model's shape; input and output embeddings stay in 16 bits."""

    model: str
    parameters: int
    embedding_parameters: int
    layers: int
    hidden: int
    kv_heads: int
    head_size: int
    tokens_max: int


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU; `overhead_gib` is what activations, CUDA graphs and context take on a single one."""

    gpu: str
    memory_mib: int
    overhead_gib: float
    bus_gb_per_s: float
    launch_us: float
    max_num_batched_tokens: int
    max_num_seqs: int


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured or derived of a model on some GPUs; `kv_tokens` 0: from the formula."""

    model: str
    gpu: str
    tp: int
    dtype: str
    w_ms: float
    s_us_per_token: float
    p: float
    c_ns_per_kv_token: float
    q_ns_per_pair: float
    head_ms: float
    kv_tokens: int
    source: str

    @property
    def name(self) -> str:
        """How scenarios and commands call it."""
        return f"{self.model}/{self.gpu}/tp{self.tp}/{self.dtype}"


def _read(file: str) -> list[dict[str, str]]:
    with (_FOLDER / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@cache
def _models() -> dict[str, Model]:
    return {
        row["model"]: Model(row.pop("model"), *(int(value) for value in row.values()))
        for row in _read("models.csv")
    }


@cache
def _cards() -> dict[str, Gpu]:
    return {
        row["gpu"]: Gpu(
            row["gpu"],
            int(row["memory_mib"]),
            float(row["overhead_gib"]),
            float(row["bus_gb_per_s"]),
            float(row["launch_us"]),
            int(row["max_num_batched_tokens"]),
            int(row["max_num_seqs"]),
        )
        for row in _read("gpus.csv")
    }


@cache
def rows() -> dict[str, Row]:
    """Give every row by its name, in the order of the table."""
    found = [
        Row(
            row["model"],
            row["gpu"],
            int(row["tp"]),
            row["dtype"],
            float(row["w_ms"]),
            float(row["s_us_per_token"]),
            float(row["p"]),
            float(row["c_ns_per_kv_token"]),
            float(row["q_ns_per_pair"]),
            float(row["head_ms"]),
            int(row["kv_tokens"] or 0),
            row["source"],
        )
        for row in _read("rows.csv")
    ]
    return {row.name: row for row in found}


@cache
def sources() -> dict[str, str]:
    """Say of each source what it is."""
    return {row["source"]: row["note"] for row in _read("sources.csv")}


def memory_mib(gpu: str) -> int:
    """Say how much memory a GPU has."""
    return _cards()[gpu].memory_mib


def names() -> tuple[str, ...]:
    """List what can be looked up, in the order of the table."""
    return tuple(rows())


@cache
def lookup(name: str) -> Llm:
    """Say what a model server of that name is; NotFound names the nearest."""
    if name not in rows():
        raise NotFound("model server", name, rows())
    row = rows()[name]
    model, gpu = _models()[row.model], _cards()[row.gpu]
    m0_ms, m_us = _communication(model, gpu, row.tp)
    return Llm(
        w_ms=row.w_ms,
        s_us_per_token=row.s_us_per_token,
        p=row.p,
        c_ns_per_kv_token=row.c_ns_per_kv_token,
        q_ns_per_pair=row.q_ns_per_pair,
        head_ms=row.head_ms,
        o_ms=_GAP_MS,
        r_us_per_sequence=_PER_SEQUENCE_US,
        m0_ms=m0_ms,
        m_us_per_token=m_us,
        kv_tokens=row.kv_tokens or _kv_tokens(model, gpu, row.tp, row.dtype),
        max_num_seqs=gpu.max_num_seqs,
        max_num_batched_tokens=gpu.max_num_batched_tokens,
        model_tokens_max=model.tokens_max,
        request_overhead_ns=_OVERHEAD_NS[row.tp],
    )


@cache
def kv_bytes_per_token(name: str) -> int:
    """Say how many bytes of KV cache a token takes at a server of that name, over all its GPUs."""
    row = rows()[name]
    model = _models()[row.model]
    kv_bytes = 1 if row.dtype.endswith("kv8") else 2
    return 2 * model.layers * model.kv_heads * model.head_size * kv_bytes


def gpus(name: str) -> int:
    """Say how many GPUs a server of that name spans; 1 for a name that says nothing of it."""
    parts = [part for part in name.split("/") if part[:2] == "tp" and part[2:].isdigit()]
    return int(parts[0][2:]) if parts else 1


def _communication(model: Model, gpu: Gpu, tp: int) -> tuple[float, float]:
    """Milliseconds per step and microseconds per token of two all-reduces per layer."""
    if tp == 1:
        return 0.0, 0.0
    bytes_per_token = 2 * model.layers * model.hidden * 2
    per_token = bytes_per_token * 2 * (tp - 1) / tp / (gpu.bus_gb_per_s * 1e9) * 1e6
    return 2 * model.layers * gpu.launch_us / 1e3, per_token


def _kv_tokens(model: Model, gpu: Gpu, tp: int, number_format: str) -> int:
    """Tokens that fit beside the weights, per plant.md §3.2."""
    linear_bytes = _WEIGHT_BYTES[number_format.partition("-")[0]]
    linear = model.parameters - model.embedding_parameters
    weights = linear * linear_bytes + model.embedding_parameters * 2
    overhead = (_OVERHEAD_PARALLEL_GIB if tp > 1 else gpu.overhead_gib) * _GIB
    kv_bytes = 1 if number_format.endswith("kv8") else 2
    # More GPUs than KV heads: each head is held more than once.
    heads = max(model.kv_heads / tp, 1)
    per_token = 2 * model.layers * heads * model.head_size * kv_bytes
    return int((_MEMORY_SHARE * gpu.memory_mib * _MIB - weights / tp - overhead) / per_token)
