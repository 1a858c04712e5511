"""A replay in a few lines: quantiles of each time, and what went wrong."""

import math
from collections.abc import Sequence

import numpy as np

from simulator.evaluation.serving.replay import Served

_QUANTILES = (50, 90, 99)


def summary(served: Sequence[Served]) -> list[str]:
    """Write how many were served, how fast, and their times to a first token and to the last."""
    done = [each for each in served if not each.refused]
    refused = len(served) - len(done)
    lines = [f"{len(done)} requests served" + (f", {refused} refused" if refused else "")]
    if not done:
        return lines
    ends = max(each.arrival_s + each.e2e_s for each in done)
    starts = min(each.arrival_s for each in done)
    lasts = max(ends - starts, 1e-9)
    lines[0] += f" in {lasts:.1f} s, {len(done) / lasts:.3g}/s"
    lines.append(f"{'':<20}{'mean':>10}" + "".join(f"{f'p{q}':>10}" for q in _QUANTILES))
    for title, name, scale in (
        ("queued, s", "queued_s", 1.0),
        ("first token, s", "ttft_s", 1.0),
        ("per token, ms", "tpot_s", 1e3),
        ("end to end, s", "e2e_s", 1.0),
    ):
        values = np.array([getattr(each, name) for each in done]) * scale
        cells = [math.fsum(values) / len(values), *np.percentile(values, _QUANTILES)]
        lines.append(f"{title:<20}" + "".join(f"{cell:>10.4g}" for cell in cells))
    lines.append(f"preemptions: {sum(each.preemptions for each in done)}")
    return lines
