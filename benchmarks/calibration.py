"""Errors against a real vLLM run: its requests replayed, its own times compared.

The run is casys-kaist/LLMServingSim's (MIT): vLLM 0.19, Qwen3-32B in bf16 on two RTX PRO 6000 over
PCIe, 300 requests. Its data are not part of this project; without them there is nothing to print.
The row is the shipped one, derived from data sheets: weights at the memory's 1,597 GB/s, operations
at 70 % of the 504 TFLOP/s of its data sheet, all-reduces over a bus of 11.7 GB/s that take 30 us at
least. Not independent of this run: the bus rate was once calibrated on it, and the 70 % and the
30 us are estimates that were chosen with its errors in view.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.evaluation.serving.replay import Served, serve
from simulator.evaluation.serving.requests import Request
from simulator.plant.hardware import lookup
from simulator.plant.spec import Llm

DATA = Path(
    os.environ.get(
        "BROWNOUT_DEVELOPMENT_DATA", Path(__file__).parents[1].parent / "shared" / "data"
    )
)
RUN = DATA / "serving/RTXPRO6000_Qwen3-32B/requests.jsonl"
UNSATURATED_S = 1.0
"""A real first token sooner than this had (almost) no queue before it."""

SERVER = replace(
    lookup("qwen3-32b/rtxpro6000/tp2/bf16"),
    max_num_seqs=128,
    max_num_batched_tokens=2048,
    schedules_ahead=True,
    whole_prompt_fits=True,
    request_overhead_ns=0,  # the clocks are set by the fastest hand-over, so it is not in the times
)
"""What ran, with the run's own settings."""


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


def compared(path: Path, server: Llm) -> Errors:
    """Replay a run's requests through a server and compare with its own times.

    Arrivals are on the client's clock, all else on the engine's: the request that got from one to
    the other fastest says how far apart they are.
    """
    real = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    apart = min(each["queued_ts"] - each["arrival_time"] for each in real)
    start = min(each["arrival_time"] for each in real)
    requests = [
        Request(each["request_id"], each["arrival_time"] - start, each["input_toks"],
                each["output_toks"])
        for each in real
    ]  # fmt: skip
    served = serve(requests, server)
    times = np.array(
        [[e["arrival_time"] + apart, e["first_token_ts"], e["last_token_ts"]] for e in real]
    )
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
    print("\n".join(compared(RUN, SERVER).lines()))


if __name__ == "__main__":
    main()
