"""Errors against a real vLLM run: its requests replayed, its own times compared.

The run is casys-kaist/LLMServingSim's (MIT): vLLM 0.19, Qwen3-32B in bf16 on two RTX PRO 6000 over
PCIe, 300 requests. Its data are not part of this project; without them there is nothing to print.
Weights are read at the memory's 1,597 GB/s and all-reduces run over a bus of 11.7 GB/s (from data
sheets). Three numbers were then set on this very run, so its errors say how well the formula can
fit, not how well it predicts: linear layers at 446 TFLOP/s, 31 us per all-reduce, attention at 78 %
of the memory's rate.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.evaluation.serving.replay import Served, serve
from simulator.evaluation.serving.requests import Request
from simulator.system.topology.hardware_row import HardwareRow

DATA = Path(
    os.environ.get(
        "BROWNOUT_DEVELOPMENT_DATA", Path(__file__).parents[1].parent / "shared" / "data"
    )
)
RUN = DATA / "serving/RTXPRO6000_Qwen3-32B/requests.jsonl"
UNSATURATED_S = 1.0
"""A real first token sooner than this had (almost) no queue before it."""

# Qwen3-32B's own config: 64 layers, hidden 5120, 8 KV heads of 128, 64 query heads, vocabulary
# 151,936; 31.2e9 parameters in linear layers.
ROW = HardwareRow(
    name="qwen3-32b on two RTX PRO 6000 over PCIe, bf16",
    w_ms=31.2e9 * 2 / 2 / 1597e9 * 1e3 + 0.36,
    s_us_per_token=31.2e9 * 2 / 2 / 446e12 * 1e6,
    p=2.0,
    c_ns_per_kv_token=262_144 / 2 / (0.78 * 1597e9) * 1e9,
    q_ns_per_pair=4 * 64 * 128 * 64 / 2 / 200e12 * 1e9,
    head_ms=151_936 * 5120 * 2 / 2 / 1597e9 * 1e3,
    o_ms=1.0,
    r_us_per_sequence=4.0,
    m0_ms=2 * 64 * 0.031,
    m_us_per_token=2 * 64 * 5120 * 2 / 11.7e9 * 1e6,
    kv_tokens=405_000,
    request_overhead_ms=0.0,  # the run's times count from the engine's queue
    gpus=2,
    max_num_seqs=128,
    max_num_batched_tokens=2048,
    model_tokens_max=40_960,
)


@dataclass(frozen=True, slots=True)
class Errors:
    """Median absolute errors as shares; NaN where no request is of that kind."""

    requests: int
    ttft: float
    ttft_unsaturated: float
    ttft_saturated: float
    tpot: float
    e2e: float
    preemptions: int

    def lines(self) -> list[str]:
        """Write them beside what is asked for."""
        return [
            f"{self.requests} requests, {self.preemptions} preemptions here",
            f"time per output token  {self.tpot:6.1%}   (asked: 10 %)",
            f"end to end             {self.e2e:6.1%}   (asked: 10 %)",
            f"first token            {self.ttft:6.1%}",
            f"  unsaturated          {self.ttft_unsaturated:6.1%}   (asked: 20 %)",
            f"  saturated            {self.ttft_saturated:6.1%}   (asked: 30 %)",
        ]


def compared(path: Path, row: HardwareRow) -> Errors:
    """Replay a run's requests through a row and compare with its own times."""
    real = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    start = min(each["queued_ts"] for each in real)
    requests = [
        Request(each["request_id"], each["queued_ts"] - start, each["input_toks"],
                each["output_toks"])
        for each in real
    ]  # fmt: skip
    served = serve(requests, row.spec())
    times = np.array([[e["queued_ts"], e["first_token_ts"], e["last_token_ts"]] for e in real])
    several = np.array([each["output_toks"] for each in real])
    return _errors(served, times, several)


def _errors(
    served: Sequence[Served], times: NDArray[np.float64], tokens: NDArray[np.int64]
) -> Errors:
    ttft, whole = times[:, 1] - times[:, 0], times[:, 2] - times[:, 0]
    many = tokens > 1
    tpot = (times[:, 2] - times[:, 1])[many] / (tokens - 1)[many]
    ours_tpot = np.array([each.tpot_s for each in served])[many]
    first = np.abs(np.array([each.ttft_s for each in served]) - ttft) / ttft
    soon = ttft < UNSATURATED_S
    return Errors(
        len(served),
        float(np.median(first)),
        float(np.median(first[soon])) if soon.any() else float("nan"),
        float(np.median(first[~soon])) if (~soon).any() else float("nan"),
        float(np.median(np.abs(ours_tpot - tpot) / tpot)),
        float(np.median(np.abs(np.array([each.e2e_s for each in served]) - whole) / whole)),
        sum(each.preemptions for each in served),
    )


def main() -> None:
    """Print the errors, or why there are none."""
    if not RUN.exists():
        print(f"nothing to compare with: no {RUN.name} of the run in BROWNOUT_DEVELOPMENT_DATA")
        return
    print("\n".join(compared(RUN, ROW).lines()))


if __name__ == "__main__":
    main()
