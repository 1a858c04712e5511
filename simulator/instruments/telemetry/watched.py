"""One scraped thing, how it stands, and what its exporter shows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.instruments.series.block import STALE
from simulator.instruments.series.labels import NAME, value_of
from simulator.instruments.series.lane import LaneBlock
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.telemetry.belated import Belated
from simulator.instruments.telemetry.exploded import Exploded
from simulator.instruments.telemetry.target import Plan
from simulator.instruments.telemetry.trouble import FINE, Trouble
from simulator.plant.api import Scrape
from simulator.plant.chance import FIRST_FREE_PURPOSE, mix
from simulator.plant.probes import REPLICA_GAUGES

OWN = (
    "up", "scrape_duration_seconds", "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling", "scrape_series_added",
)  # fmt: skip
"""What Prometheus writes about each scrape itself; it ends a target's row."""


@dataclass(slots=True)
class Target:
    """One thing that is scraped."""

    plan: Plan
    block: LaneBlock
    extras: Callable[[Scrape, Scrape | None], list[float]]
    trouble: Trouble = FINE
    belated: Belated | None = None
    split_by: str = ""  # the counter that labels are put on
    split: Exploded | None = None
    busy_until: int = -1  # a scrape that is under way ends then
    is_up: bool = True
    last: Scrape | None = None
    seen: Scrape | None = None  # the newest row, also while nobody answered
    base: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None  # counters at a restart


def exposed(target: Target, scrape: Scrape) -> NDArray[np.float64]:
    """What the exporter shows, with room behind it for OWN."""
    values, buckets = scrape.values, scrape.histograms
    if target.belated is not None:
        values = target.belated.values(scrape.at, values)
    if target.base is not None:
        gauges = list(REPLICA_GAUGES)
        values = values - target.base[0]
        values[gauges] = scrape.values[gauges]
        buckets = buckets - target.base[1]
    shown = np.zeros(len(target.block.labels))
    size = len(target.plan.labels)
    if size:
        target.plan.fill(shown[:size], values, buckets)
    shown[size : len(shown) - len(OWN)] = target.extras(scrape, target.last)
    return shown


def since(scrape: Scrape, last: Scrape | None, column: int) -> tuple[int, int]:
    """Growth of a column since the last scrape and the time between; zeros for the first."""
    if last is None:
        return 0, 0
    return int(scrape.values[column] - last.values[column]), scrape.at - last.at


def counted(
    target: Target, scrape: Scrape, made: NDArray[np.float64], store: SeriesStore
) -> tuple[int, int]:
    """Say how many samples there are, and how many of new series, splitting what is split."""
    values = target.trouble.label_values()
    if not values:
        if target.split is not None:
            target.split.stop()
        return len(made) - len(OWN), 0
    if target.split is None:
        labels = target.block.labels
        split = {
            column: each
            for column, each in enumerate(labels)
            if value_of(each, NAME) == target.split_by
        }
        key = mix(FIRST_FREE_PURPOSE, scrape.target)
        target.split = Exploded(store.table(), split, key)
    new = target.split.take(made, values)
    made[target.split.columns] = STALE
    return len(made) - len(OWN) - len(target.split.columns) + target.split.shown, new
