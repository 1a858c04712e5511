"""What a replica of each known server bears: latency and throughput against the rate offered.

Prompts and answers have the lengths of the Azure conversation trace (`topology.traced`), arrivals
are Poisson. `python benchmarks/capacity_curves.py [NAME ...]` prints a table; `curve` computes it.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parent.parent))

from simulator.evaluation.serving.replay import Served, serve
from simulator.evaluation.serving.requests import Request
from simulator.plant import arithmetic, chance
from simulator.plant.hardware import lookup
from simulator.plant.spec import Distribution
from simulator.system.topology.traced import QUANTILES

CURVES: dict[str, tuple[float, ...]] = {
    "llama-3.1-8b/h100/tp1/bf16": (1, 10, 18, 21, 24, 28),
    "llama-3.1-8b/h100/tp1/fp8": (1, 10, 20, 24, 28),
    "llama-3.1-8b/a100/tp1/bf16": (1, 4, 8, 10, 12),
    "llama-3.1-8b/l40s/tp1/bf16": (0.5, 4, 6, 8),
    "llama-3.1-8b/l4/tp1/fp8": (0.2, 1, 2, 4),
    "llama-3.1-70b/h100/tp4/bf16": (0.5, 6, 10, 12),
    "llama-3.1-70b/h100/tp4/fp8": (0.5, 8, 12, 15),
}
"""Servers, and rates in requests/s from low load to beyond the knee."""
SECONDS = 240.0
LAWS = [
    Distribution("quantiles", points=QUANTILES[f"azure_conversation_{part}"])
    for part in ("prompt", "output")
]


@dataclass(frozen=True, slots=True)
class Point:
    """One rate at one server; times in seconds."""

    name: str
    rate: float
    ttft_p50: float
    ttft_p99: float
    tpot_p50: float
    queued_p99: float
    preemptions: int


def requests(rate: float, seconds: float = SECONDS, seed: int = 1) -> list[Request]:
    """Make Poisson arrivals with lengths as traced."""
    key = chance.mix(seed, 7)
    laws = chance.law_table(LAWS)
    found: list[Request] = []
    now = 0.0
    while True:
        own = chance.mix(key, len(found))
        now -= arithmetic.log(chance.uniform(chance.mix(own, 0))) / rate
        if now >= seconds:
            return found
        prompt, output = (int(chance.draw(laws, law, chance.mix(own, 1 + law))) for law in (0, 1))
        found.append(Request(str(len(found)), now, max(prompt, 1), max(output, 1)))


def measure(name: str, rate: float, seconds: float = SECONDS) -> Point:
    """Serve requests at a rate and read the middle and the tail of their times."""
    server = replace(lookup(name), step_noise_sigma=0.03)
    served = serve(requests(rate, seconds), server)
    ttft = _quantiles(served, "ttft_s")
    return Point(
        name,
        rate,
        ttft[0],
        ttft[1],
        _quantiles([each for each in served if each.tpot_s > 0], "tpot_s")[0],
        _quantiles(served, "queued_s")[1],
        sum(each.preemptions for each in served),
    )


def curve(name: str, seconds: float = SECONDS) -> list[Point]:
    """Measure a server at each of its rates."""
    return [measure(name, rate, seconds) for rate in CURVES[name]]


def _quantiles(served: list[Served], of: str) -> tuple[float, float]:
    values = [getattr(each, of) for each in served if not each.refused]
    middle, tail = np.quantile(values, (0.5, 0.99))
    return float(middle), float(tail)


def main() -> None:
    """Print a table of the servers named, or of all."""
    print(f"{'server':<30}{'rate/s':>8}{'TTFT p50':>10}{'p99':>8}{'TPOT':>8}{'queued p99':>12}"
          f"{'preempted':>11}")  # fmt: skip
    for name in sys.argv[1:] or CURVES:
        for point in curve(name):
            print(
                f"{point.name:<30}{point.rate:>8g}{point.ttft_p50 * 1e3:>8.0f}ms"
                f"{point.ttft_p99:>7.2f}s{point.tpot_p50 * 1e3:>6.1f}ms{point.queued_p99:>11.2f}s"
                f"{point.preemptions:>11}"
            )


if __name__ == "__main__":
    main()
