"""Small systems and sources for the plant's tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.plant import arithmetic, chance
from simulator.plant.api import Arrivals
from simulator.plant.arrivals import MINUTE
from simulator.plant.plant import Plant
from simulator.plant.spec import (
    ClassSpec,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    Step,
    Work,
    Workers,
)

MS = 1_000_000
SECOND = 1000 * MS


class Times:
    """Arrivals at given instants, on the base stream only unless told otherwise."""

    def __init__(
        self, times: Sequence[int], *, prompt: int = -1, output: int = -1, extra: bool = False
    ) -> None:
        self.times = np.array(sorted(times), dtype=np.int64)
        self.prompt, self.output, self.extra = prompt, output, extra

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002
        inside = (self.times >= index * MINUTE) & (self.times < (index + 1) * MINUTE)
        times = self.times[inside] if stream == 0 or self.extra else self.times[:0]
        return Arrivals(
            times + stream if self.extra else times,
            np.full(len(times), self.prompt, dtype=np.int64),
            np.full(len(times), self.output, dtype=np.int64),
        )


def poisson(rate: float, lasts_s: float, seed: int = 17) -> Times:
    """Arrivals at a rate per second from 0 until a time."""
    times: list[int] = []
    now, key = 0, chance.mix(seed, 99)
    while True:
        u = chance.uniform(chance.mix(key, len(times)))
        now += int(-arithmetic.log(u) / rate * SECOND) + 1
        if now >= lasts_s * SECOND:
            return Times(times)
        times.append(now)


def fixed(ms: float) -> Work:
    return Work(Distribution("fixed", ms * MS))


def exponential(ms: float) -> Work:
    return Work(Distribution("exponential", ms * MS))


def pool(name: str, workers: int, *steps: Step, replicas: int = 1, **options: Any) -> PoolSpec:
    discipline = Workers(workers, **options)
    return PoolSpec(name, discipline, replicas, default_handler=steps)


def plant(
    pools: Sequence[PoolSpec],
    source: Times,
    *,
    edges: Sequence[EdgeSpec] = (),
    seed: int = 1,
    capacity: int = 4096,
    **of_class: Any,
) -> Plant:
    """A plant with one class, "chat", entering at the first pool."""
    users = EdgeSpec("users", pools[0].name)
    own = any(edge.caller == "users" for edge in edges)
    spec = PlantSpec(
        tuple(pools),
        tuple(edges) if own else (users, *edges),
        (ClassSpec("chat", pools[0].name, **of_class),),
    )
    return Plant(spec, seed, {"chat": source}, capacity=capacity)


def run_until(plant: Plant, seconds: float) -> None:
    """Run on through every signal, and leave the books balanced."""
    until = int(seconds * SECOND)
    while plant.now < until:
        plant.advance(until, inclusive=False)
    plant.check_conservation()


def outcomes(plant: Plant) -> list[int]:
    """Count intents by Outcome."""
    return [int(count) for count in plant.outcomes().sum(axis=(0, 1))]
