"""Seeds as they are written: `1..10`, `7`, or `1,2,5..8`."""

import re

from simulator.errors import UsageError

SEEDS_MAX = 10_000

_PART = re.compile(r"(\d{1,18})(?:\.\.(\d{1,18}))?")


def parse_seeds(text: str) -> tuple[int, ...]:
    """List the seeds a text names, in its order; UsageError for one that names none, or twice."""
    seeds: list[int] = []
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"{text!r} names no seeds; write 1..10, or 1,2,5")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise UsageError(f"{part.strip()} counts down; write {last}..{first}")
        if len(seeds) + last - first >= SEEDS_MAX:
            raise UsageError(f"{text!r} names more than {SEEDS_MAX:,} seeds")
        seeds += range(first, last + 1)
    repeated = next((seed for seed in seeds if seeds.count(seed) > 1), None)
    if repeated is not None:
        raise UsageError(f"seed {repeated} is named twice; it would be the same run again")
    return tuple(seeds)
