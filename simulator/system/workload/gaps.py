"""Laws of the gaps between arrivals: mixtures of exponentials, by their mean and variation."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from simulator.system.workload import azure
from simulator.system.workload.model import Entry


@dataclass(frozen=True, slots=True)
class Gaps:
    """A mixture of exponentials with mean 1: (weight, mean) of each."""

    phases: tuple[tuple[float, float], ...]

    @property
    def mean(self) -> float:
        """The mean gap."""
        return sum(weight * mean for weight, mean in self.phases)

    @property
    def cv(self) -> float:
        """The coefficient of variation."""
        second = sum(2.0 * weight * mean * mean for weight, mean in self.phases)
        return sqrt(second / self.mean**2 - 1.0)

    @property
    def longest(self) -> float:
        """The mean of the slowest phase."""
        return max(mean for _, mean in self.phases)

    def table(self) -> NDArray[np.float64]:
        """Rows for `generate.renewals`.

        The first gap of a stationary renewal process is the rest of one that a point in time
        falls into: a phase counts by its weight times its mean, and an exponential has no memory.
        """
        weights = np.array([weight for weight, _ in self.phases])
        means = np.array([mean for _, mean in self.phases])
        first = weights * means
        return np.column_stack(
            (np.cumsum(weights) / weights.sum(), np.cumsum(first) / first.sum(), means)
        )


POISSON = Gaps(((1.0, 1.0),))


def bursty(mean: float, cv: float) -> Gaps:
    """Mix two exponentials with balanced means, each phase making up half of the time."""
    if cv == 1.0:
        return Gaps(((1.0, mean),))
    share = 0.5 * (1.0 + sqrt((cv * cv - 1.0) / (cv * cv + 1.0)))
    return Gaps(((share, mean / (2.0 * share)), (1.0 - share, mean / (2.0 * (1.0 - share)))))


def azure_code() -> Gaps:
    """Mix gaps within bursts and idle times as measured, in units of the mean gap."""
    share = azure.CODE_IDLE_SHARE
    idle = bursty(azure.CODE_IDLE_GAP_S, azure.CODE_IDLE_CV).phases
    burst = bursty(azure.CODE_BURST_GAP_S, azure.CODE_BURST_CV).phases
    phases = [(w * (1.0 - share), m) for w, m in burst] + [(w * share, m) for w, m in idle]
    mean = sum(w * m for w, m in phases)
    return Gaps(tuple((w, m / mean) for w, m in phases))


def of_entry(entry: Entry) -> Gaps:
    """Say the gaps of an entry, in units of their mean."""
    if entry.bursty is not None:
        return bursty(1.0, entry.bursty.cv)
    if entry.azure_conversation is not None:
        return bursty(1.0, azure.CONVERSATION_GAP_CV)
    if entry.azure_code is not None:
        return azure_code()
    return POISSON
