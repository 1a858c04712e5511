"""Model servers that exist: a model on some GPUs as the numbers of the step-time formula.

A name is model/GPU/tensor parallelism/number format, such as `llama-3.1-8b/h100/tp1/bf16`.

Sources. Weight floor w, time per token s, knee p and head: fits to NVIDIA's measured vLLM kernels
(aiconfigurator database, Apache-2.0; vLLM 0.14 for A100 and L40S, 0.24 for H100 and H200), mean
error 1 to 6 %; expect 15 % on w and 30 % on s between software stacks. c is the KV bytes of a
token over the same database's attention bandwidth, q the attention operations over its prefill
rate. RTX 4090: the profile of LLMServingSim (casys-kaist, MIT). L4: no measurement, scaled from
L40S by bandwidth and operations at half of peak. Scheduling gap o and r per sequence: typical of
vLLM V1 with CUDA graphs (BLIS fits 4.4 us per sequence). Model shapes: the models' own
config files.
"""

from dataclasses import dataclass

from simulator.errors import NotFound
from simulator.plant.spec import Llm

_GIB = 1 << 30
_MIB = 1 << 20
_MEMORY_SHARE = 0.9  # vLLM's default gpu_memory_utilization
_GAP_MS = 1.0
_PER_SEQUENCE_US = 4.0
_LAUNCH_MS = 0.012  # of one all-reduce over NVLink; two per layer


@dataclass(frozen=True, slots=True)
class _Model:
    parameters: float
    embedding_parameters: float  # input and output embeddings, which stay in 16 bits
    layers: int
    hidden: int
    kv_heads: int
    head_size: int
    tokens_max: int


@dataclass(frozen=True, slots=True)
class _Gpu:
    """Memory as `nvidia-smi` shows it; bus rate of an all-reduce in bytes per second.

    vLLM's default token budget of its server is 8192 on H100-class GPUs and 2048 elsewhere.
    """

    memory_mib: int
    overhead_gib: float  # activations, CUDA graphs and context, on a single GPU
    bus: float = 0.0
    tokens_per_step_max: int = 2048


@dataclass(frozen=True, slots=True)
class _Row:
    w_ms: float
    s_us: float
    p: float
    c_ns: float
    q_ns: float
    head_ms: float
    kv_tokens: int = 0  # measured; 0: from the formula


_MODELS = {
    "llama-3.1-8b": _Model(8.03e9, 2 * 128_256 * 4096, 32, 4096, 8, 128, 131_072),
    "llama-3.1-70b": _Model(70.55e9, 2 * 128_256 * 8192, 80, 8192, 8, 128, 131_072),
    "llama-2-7b": _Model(6.74e9, 2 * 32_000 * 4096, 32, 4096, 32, 128, 4096),
}
_GPUS = {
    "a100": _Gpu(81_920, 3.0, 200e9),
    "h100": _Gpu(81_559, 3.0, 300e9, 8192),
    "h200": _Gpu(143_771, 3.0, 300e9, 8192),
    "l40s": _Gpu(46_068, 1.2),
    "l4": _Gpu(23_034, 1.2),
    "rtx4090": _Gpu(24_564, 1.2),
}
_OVERHEAD_PARALLEL_GIB = 6.0
_OVERHEAD_NS = {1: 12_000_000, 2: 15_000_000, 4: 27_000_000, 8: 27_000_000}
"""API, tokenising and hand-over before scheduling, by parallelism: BLIS fits 9 to 16 ms on 7B and
26 to 28 ms on 70B over four GPUs."""

_TABLE = {
    "llama-3.1-8b/a100/tp1/bf16": _Row(9.47, 52.2, 1.65, 82, 3.5, 0.66),
    "llama-3.1-8b/a100/tp2/bf16": _Row(5.13, 27.3, 1.45, 41, 1.8, 0.33),
    "llama-3.1-8b/h100/tp1/bf16": _Row(5.50, 17.4, 2.8, 45, 1.2, 0.45),
    "llama-3.1-8b/h100/tp2/bf16": _Row(2.91, 8.75, 2.7, 23, 0.6, 0.22),
    "llama-3.1-8b/h100/tp1/fp8": _Row(3.37, 12.1, 1.7, 45, 1.2, 0.45),
    "llama-3.1-8b/h100/tp1/fp8-kv8": _Row(3.37, 12.1, 1.7, 26, 1.2, 0.45),
    "llama-3.1-8b/h200/tp1/bf16": _Row(4.08, 18.3, 2.5, 33, 1.2, 0.33),
    "llama-3.1-8b/h200/tp1/fp8": _Row(2.72, 10.4, 1.3, 33, 1.2, 0.33),
    "llama-3.1-8b/l40s/tp1/bf16": _Row(21.6, 52.2, 2.6, 187, 3.1, 1.64),
    "llama-3.1-8b/l40s/tp1/fp8": _Row(12.4, 54.3, 2.7, 187, 3.1, 1.64),
    "llama-3.1-8b/l40s/tp1/fp8-kv8": _Row(12.4, 54.3, 2.7, 100, 3.1, 1.64),
    "llama-3.1-8b/l4/tp1/bf16": _Row(62.0, 230.0, 2.0, 546, 9.0, 4.4),
    "llama-3.1-8b/l4/tp1/fp8": _Row(34.0, 130.0, 2.0, 546, 9.0, 4.4),
    "llama-3.1-8b/rtx4090/tp1/bf16": _Row(16.5, 86.8, 2.2, 142, 4.3, 1.16, kv_tokens=41_408),
    "llama-3.1-70b/a100/tp4/bf16": _Row(24.2, 125.5, 1.5, 51, 4.4, 0.37),
    "llama-3.1-70b/a100/tp8/bf16": _Row(13.4, 66.9, 1.3, 26, 2.2, 0.20),
    "llama-3.1-70b/h100/tp4/bf16": _Row(12.8, 42.8, 3.3, 28, 1.5, 0.19),
    "llama-3.1-70b/h100/tp8/bf16": _Row(7.1, 21.8, 2.2, 14, 0.7, 0.10),
    "llama-3.1-70b/h100/tp2/fp8": _Row(14.3, 54.3, 2.1, 57, 2.9, 0.37),
    "llama-3.1-70b/h100/tp4/fp8": _Row(8.1, 28.5, 1.6, 28, 1.5, 0.19),
    "llama-2-7b/h100/tp1/bf16": _Row(5.04, 16.1, 2.6, 181, 1.2, 0.11),
}


def names() -> tuple[str, ...]:
    """List what can be looked up, in the order of the table."""
    return tuple(_TABLE)


def lookup(name: str) -> Llm:
    """Say what a model server of that name is; NotFound names the nearest."""
    if name not in _TABLE:
        raise NotFound("model server", name, _TABLE)
    row = _TABLE[name]
    model_name, gpu_name, parallel, number_format = name.split("/")
    model, gpu, tp = _MODELS[model_name], _GPUS[gpu_name], int(parallel.removeprefix("tp"))
    m0_ms, m_us = _communication(model, gpu, tp)
    return Llm(
        w_ms=row.w_ms,
        s_us_per_token=row.s_us,
        p=row.p,
        c_ns_per_kv_token=row.c_ns,
        q_ns_per_pair=row.q_ns,
        head_ms=row.head_ms,
        o_ms=_GAP_MS,
        r_us_per_sequence=_PER_SEQUENCE_US,
        m0_ms=m0_ms,
        m_us_per_token=m_us,
        kv_tokens=row.kv_tokens or _kv_tokens(model, gpu, tp, number_format),
        max_num_batched_tokens=gpu.tokens_per_step_max,
        model_tokens_max=model.tokens_max,
        request_overhead_ns=_OVERHEAD_NS[tp],
    )


def gpus(name: str) -> int:
    """Say how many GPUs a server of that name spans; 1 for a name that says nothing of it."""
    parts = [part for part in name.split("/") if part[:2] == "tp" and part[2:].isdigit()]
    return int(parts[0][2:]) if parts else 1


def _communication(model: _Model, gpu: _Gpu, tp: int) -> tuple[float, float]:
    """Milliseconds per step and microseconds per token of two all-reduces per layer."""
    if tp == 1:
        return 0.0, 0.0
    bytes_per_token = 2 * model.layers * model.hidden * 2
    return 2 * model.layers * _LAUNCH_MS, bytes_per_token * 2 * (tp - 1) / tp / gpu.bus * 1e6


def _kv_tokens(model: _Model, gpu: _Gpu, tp: int, number_format: str) -> int:
    """Tokens that fit beside the weights, per plant.md §3.2."""
    linear_bytes = 2 if number_format == "bf16" else 1
    linear = model.parameters - model.embedding_parameters
    weights = linear * linear_bytes + model.embedding_parameters * 2
    overhead = (_OVERHEAD_PARALLEL_GIB if tp > 1 else gpu.overhead_gib) * _GIB
    kv_bytes = 1 if number_format.endswith("kv8") else 2
    per_token = 2 * model.layers * model.kv_heads * model.head_size * kv_bytes / tp
    return int((_MEMORY_SHARE * gpu.memory_mib * _MIB - weights / tp - overhead) / per_token)
