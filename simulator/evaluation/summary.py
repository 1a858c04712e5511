"""What a comparison keeps of one run: a few numbers over the graded window."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.debrief.grading import harm
from simulator.record.model import Entry, Json, Record
from simulator.units import HOUR, MINUTE, MS, SECOND


@dataclass(frozen=True, slots=True)
class Decision:
    """An autoscaler's word: how many replicas it found desired, and how many it wants.

    `ceiling` is the most it would ever ask for, None if it has no such limit.
    """

    at: int
    current: int
    desired: int
    ceiling: int | None = None

    @property
    def step(self) -> int:
        """1 for up, -1 for down, 0 for leaving things as they are."""
        return (self.desired > self.current) - (self.desired < self.current)


@dataclass(frozen=True, slots=True)
class Summary:
    """One run of one policy; times in ns from the end of warm-up, money for the window's length.

    The window is that of grades: from the first strike, or where it would have been, to the
    horizon. `ttft_p99_s` is over requests that got a first token, None if none did.
    """

    seed: int
    digest: str
    window_starts_at: int
    horizon_at: int
    gpu_cost: float
    minutes_over: int
    first_over_at: int | None
    requests: int
    bad: int
    ttft_p99_s: float | None
    decisions: tuple[Decision, ...]
    pods_unplaced: int  # pods that for a while, or to the end, had no node

    @property
    def hours(self) -> float:
        """How long the window is."""
        return max(1, self.horizon_at - self.window_starts_at) / HOUR

    @property
    def cost_per_hour(self) -> float:
        """Money per hour of the window."""
        return self.gpu_cost / self.hours

    @property
    def minutes_over_per_hour(self) -> float:
        """Minutes in which any objective was missed, per hour of the window."""
        return self.minutes_over / self.hours

    @property
    def scale_events(self) -> int:
        """How many times a desired count was changed inside the window."""
        return sum(bool(d.step) and d.at >= self.window_starts_at for d in self.decisions)


def summarise(
    record: Record,
    gpu_cost: float,
    ceilings: Mapping[str, int | None],
    waiting: Collection[str] = (),
) -> Summary:
    """Reduce a record to what a comparison needs.

    `gpu_cost` is the price of nodes while they held pods; `ceilings` names the components the
    policy scales, each with the most replicas it would ask for; `waiting` the pods that still had
    no node at the end, some of which a record does not mention since they waited from the start.
    """
    header = record.header
    over = _minutes_over(record)
    span = harm.window(header)
    first = int(np.argmax(over)) if over.any() else None
    starts_at = span.start * header.bin_ns
    return Summary(
        seed=header.seed,
        digest=record.digest,
        window_starts_at=header.strike_at_ns,
        horizon_at=header.horizon_ns,
        gpu_cost=gpu_cost,
        minutes_over=int(over.sum()),
        first_over_at=None if first is None else starts_at + first * MINUTE,
        requests=int(harm.total(record)[span].sum()),
        bad=int(harm.bad(record)[span].sum()),
        ttft_p99_s=_p99(_first_tokens(record)),
        decisions=tuple(_decisions(record, ceilings)),
        pods_unplaced=len(_unplaced(record, ceilings) | set(waiting)),
    )


def _minutes_over(record: Record) -> NDArray[np.bool_]:
    """For each minute of the window: was any objective missed."""
    found = [harm.minutes_over(record, each) for each in record.header.objectives]
    return np.logical_or.reduce(found) if found else np.zeros(1, dtype=bool)


def _first_tokens(record: Record) -> NDArray[np.int64]:
    """Sum the window's histograms of the classes with a first-token objective, or of all."""
    header = record.header
    judged = {each.request_class for each in header.objectives if each.of == "ttft"}
    columns = [n for n, name in enumerate(header.classes) if not judged or name in judged]
    counts: NDArray[np.int64] = record.ttft[harm.window(header)][:, columns].sum(axis=(0, 1))
    return counts


def _p99(counts: NDArray[np.int64]) -> float | None:
    """Interpolate the 99th percentile (s) inside its bucket, as histogram_quantile does."""
    total = int(counts.sum())
    if not total:
        return None
    rank, below = 0.99 * total, np.cumsum(counts)
    bucket = int(np.searchsorted(below, rank))
    inside = int(counts[bucket])
    left = rank - (int(below[bucket]) - inside)
    low, high = _edge(bucket) if bucket else 0.0, _edge(bucket + 1)
    return (low + (high - low) * left / inside) * MS / SECOND


def _edge(bucket: int) -> float:
    """Return a bucket's lower edge (ms)."""
    return float(10.0 ** (bucket / harm.BUCKETS_PER_DECADE))


def _decisions(record: Record, ceilings: Mapping[str, int | None]) -> list[Decision]:
    found = []
    for entry in record.entries:
        component = str(entry.detail.get("component"))
        if entry.kind == "decided" and component in ceilings:
            current, desired = _count(entry, "current"), _count(entry, "desired")
            found.append(Decision(entry.at, current, desired, ceilings[component]))
    return found


def _count(entry: Entry, key: str) -> int:
    value: Json = entry.detail[key]
    return int(str(value))


def _unplaced(record: Record, ceilings: Mapping[str, int | None]) -> set[str]:
    """Name the pods of the scaled components that the scheduler found no node for."""
    return {
        entry.subject
        for entry in record.entries
        if entry.kind == "pod"
        and entry.detail.get("state") == "FailedScheduling"
        and entry.subject.rpartition("-")[0] in ceilings
    }
