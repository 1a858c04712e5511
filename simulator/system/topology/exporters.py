"""Which histogram bounds each exporter of a component has: what the plant counts by.

The names are in `simulator/instruments/telemetry/exporters/`. Bounds are the defaults of each
project's source; lists of tokens end at the longest prompt and answer.
"""

from dataclasses import dataclass
from itertools import accumulate, count, repeat, takewhile
from operator import mul


@dataclass(frozen=True, slots=True)
class ExporterBounds:
    """Upper bounds, without +Inf; of a model server also of waiting, first token and tokens."""

    response_s: tuple[float, ...]
    engine: tuple[tuple[float, ...], ...] = ()  # queue time, TTFT, prompt and output tokens
    per_token_s: tuple[float, ...] = ()  # of answers' mean times; none: gaps are counted


# vllm/v1/metrics/loggers.py
VLLM_REQUEST_S = (
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0,
    480.0, 960.0, 1920.0, 7680.0,
)  # fmt: skip
VLLM_TTFT_S = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    20.0, 40.0, 80.0, 160.0, 640.0, 2560.0,
)  # fmt: skip

# python/sglang/srt/metrics/collector.py
SGLANG_TTFT_S = (
    0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 200.0,
    400.0,
)  # fmt: skip
SGLANG_REQUEST_S = (*SGLANG_TTFT_S, 600.0, 1200.0, 1800.0, 2400.0)
SGLANG_QUEUE_S = (
    0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0,
    80.0, 90.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0, 1200.0,
    1400.0, 1600.0, 1800.0, 2000.0, 2500.0, 3000.0,
)  # fmt: skip
SGLANG_TOKENS = (
    100.0, 300.0, 500.0, 700.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0, 7000.0,
    8000.0, 9000.0, 10000.0, 12000.0, 15000.0, 20000.0, 22000.0, 25000.0, 30000.0, 35000.0,
    40000.0, 66000.0, 99000.0, 132000.0, 300000.0, 600000.0, 900000.0, 1100000.0,
)  # fmt: skip

# Qdrant, lib/segment/src/common/operation_time_statistics.rs (microseconds there)
QDRANT_S = (
    1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 5e-4, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0,
)  # fmt: skip

# Milvus, pkg/metrics: exponential buckets from 1 ms, doubling, 18 of them
MILVUS_S = tuple(2.0**power / 1000 for power in range(18))

# Envoy, its default histogram buckets (0.5 ms to 1 h)
ENVOY_S = (
    0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    300.0, 600.0, 1800.0, 3600.0,
)  # fmt: skip


def geometric(first: float) -> tuple[float, ...]:
    """Thirty-five durations, each half as long again (metrics of TGI's and TEI's routers)."""
    return tuple(accumulate(repeat(1.5, 34), mul, initial=first * 1.5))


def one_two_five(largest: int) -> tuple[float, ...]:
    """1, 2, 5, 10, 20 ... up to the largest, as vLLM counts tokens."""
    steps = (digit * 10.0**power for power in count() for digit in (1, 2, 5))
    return tuple(takewhile(lambda step: step <= largest, steps))


def hundredths(largest: int) -> tuple[float, ...]:
    """A hundred equal steps, as TGI counts tokens."""
    return tuple(largest / 100.0 * step for step in range(1, 101))


def engine_bounds(exporter: str, tokens_max: int) -> ExporterBounds:
    """Say how a model server's exporter counts; Triton's counts no histograms, so vLLM's do."""
    if exporter == "sglang":
        counted = (SGLANG_QUEUE_S, SGLANG_TTFT_S, SGLANG_TOKENS, SGLANG_TOKENS)
        return ExporterBounds(SGLANG_REQUEST_S, counted)
    if exporter == "tgi":
        durations, tokens = geometric(1e-4), hundredths(tokens_max)
        return ExporterBounds(durations, (durations, VLLM_TTFT_S, tokens, tokens), durations)
    tokens = one_two_five(tokens_max)
    return ExporterBounds(VLLM_REQUEST_S, (VLLM_REQUEST_S, VLLM_TTFT_S, tokens, tokens))
