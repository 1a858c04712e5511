"""Measures what `workload.azure` and `topology.traced` say of the Azure LLM inference traces.

Give it the two CSV files of AzurePublicDataset (2023, conversation and code); for each it prints
the rate, the gaps' variation, bursts and idle times, requests per minute, five-minute levels and
token quantiles. Source of the traces: Patel et al., Splitwise, ISCA 2024.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.system.workload.trace import read_azure
from simulator.units import SECOND

SHARES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)
LEVEL_SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
IDLE_S = 1.0
LEVEL_S = 300


def variation(values: NDArray[np.float64]) -> float:
    """Standard deviation over mean."""
    return float(values.std() / values.mean())


def measure(path: Path) -> None:
    """Print everything measured of one trace."""
    trace = read_azure(path)
    times = trace.times / SECOND
    gaps = np.diff(times)
    idle, busy = gaps[gaps > IDLE_S], gaps[gaps <= IDLE_S]
    print(f"{path.name}: {times.size} requests in {times[-1]:.0f} s")
    print(f"  rate {gaps.size / times[-1]:.3f}/s, gaps' variation {variation(gaps):.3f}")
    print(f"  {idle.size} gaps above {IDLE_S:g} s: mean {idle.mean():.2f} s, {variation(idle):.3f}")
    print(f"  the others: mean {busy.mean() * 1e3:.2f} ms, {variation(busy):.3f}")
    minutes = np.bincount((times // 60).astype(np.int64))[:-1]
    print(f"  per minute: {minutes.min()} to {minutes.max()}, mean {minutes.mean():.1f}")
    following = [float(np.corrcoef(minutes[:-lag], minutes[lag:])[0, 1]) for lag in (1, 2, 5)]
    print("  correlation after 1, 2, 5 minutes:", " ".join(f"{value:.2f}" for value in following))
    seconds = np.bincount(times.astype(np.int64)).astype(np.float64)
    levels = np.convolve(seconds, np.ones(LEVEL_S), "valid")
    print("  five-minute levels:", np.quantile(levels / levels.mean(), LEVEL_SHARES).round(4))
    for name, tokens in (("prompt", trace.prompt_tokens), ("output", trace.output_tokens)):
        print(f"  {name}: mean {tokens.mean():.1f}, quantiles {np.quantile(tokens, SHARES)}")
    prompt, output = (np.log(of.clip(1)) for of in (trace.prompt_tokens, trace.output_tokens))
    print(f"  correlation of the logarithms: {np.corrcoef(prompt, output)[0, 1]:.3f}")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        measure(Path(argument))
