"""Processors: sharing that does not care for the law of work, CPU limits, scalability."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.validation.draws import poisson_minute
from benchmarks.validation.queues import LAWS, MEAN_NS
from benchmarks.validation.rows import Curve, Law, Picture, Row, batch_means
from benchmarks.validation.systems import (
    ENDLESS,
    MS,
    SECOND,
    Listed,
    Poisson,
    advance,
    plant,
    stretches,
)
from simulator.plant import chance, cpu
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import (
    ClassSpec,
    Cpu,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    Step,
    Work,
)

Ints = NDArray[np.int64]
_LOAD = 0.7
_SIZES_MS = (2, 10, 50)
_ALPHA, _BETA = 0.03, 0.0005


def processors(work: Distribution, **options: float) -> PoolSpec:
    """A pool of one replica that works for a drawn CPU time."""
    return PoolSpec("a", Cpu(**options), 1, default_handler=(Work(work),))  # type: ignore[arg-type]  # whole ones too


def sharing(scale: float) -> Law:
    """M/G/1-PS: the mean time in the system, for five laws and for each size by itself."""
    rows = []
    for name, (law, _) in LAWS.items():
        system = plant([processors(law, cores=1)], Poisson(_LOAD * SECOND / MEAN_NS, 5))
        grown = stretches(system, 20_000.0 * scale, 31, _responses)[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1] / MS)
        rows.append(Row(f"work {name}", MEAN_NS / MS / (1 - _LOAD), mean, half))
    grown = stretches(_of_three_sizes(), 20_000.0 * scale, 31, _by_class)[1:]
    for place, size in enumerate(_SIZES_MS):
        mean, half = batch_means(grown[:, 2 * place] / grown[:, 2 * place + 1] / MS)
        rows.append(Row(f"jobs of {size} ms among others", size / (1 - _LOAD), mean, half))
    return Law(
        "Processor sharing",
        "M/G/1-PS at load 0.7: a job with work x is in the system for x / (1 - load) on average, "
        "whatever the law of work (Kleinrock, Queueing Systems II, 4.4).",
        "ms",
        tuple(rows),
    )


def _responses(system: Plant) -> tuple[int, int]:
    row = system.replica_row(0)
    return int(row[ReplicaProbe.RESPONSE_NS]), int(row[ReplicaProbe.COMPLETED])


def _of_three_sizes() -> Plant:
    """One core, and three classes that each bring a third of the load."""
    names = [f"of{size}" for size in _SIZES_MS]
    works: dict[str, tuple[Step, ...]] = {
        name: (Work(Distribution("fixed", size * MS)),)
        for name, size in zip(names, _SIZES_MS, strict=True)
    }
    spec = PlantSpec(
        (PoolSpec("a", Cpu(1), 1, handlers=works),),
        (EdgeSpec("users", "a"),),
        tuple(ClassSpec(name, "a") for name in names),
    )
    sources = {
        name: Poisson(_LOAD / 3 * 1000 / size, 40 + size)
        for name, size in zip(names, _SIZES_MS, strict=True)
    }
    return Plant(spec, 1, sources)


def _by_class(system: Plant) -> list[int]:
    rows = [system.class_row(place) for place in range(len(_SIZES_MS))]
    return [int(row[p]) for row in rows for p in (ClassProbe.E2E_NS, ClassProbe.ANSWERED_2XX)]


def throttled_responses(times: Ints, work: int, quota: int, phase: int, period: int) -> int:
    """Sum the times in the system of one thread's jobs on one core under a CPU limit, in ns.

    Walks period by period: until the quota of a period is spent the thread runs, then it waits.
    """
    total, free_at, current, left = 0, 0, -1, quota
    for arrival in times.tolist():
        now, remains = max(arrival, free_at), work
        while remains > 0:
            if (now - phase) // period > current:
                current, left = (now - phase) // period, quota
            ends = phase + (current + 1) * period
            runs = min(remains, left, ends - now)
            now, remains, left = now + runs, remains - runs, left - runs
            if remains > 0 and left == 0:
                now = ends
        total, free_at = total + now - arrival, now
    return total


def throttling(scale: float) -> Law:
    """A CPU limit on one thread against the walk over periods, and on many at once."""
    rows = []
    for limit, work_ms, rate in ((0.5, 7.0, 60.0), (0.2, 30.0, 5.0), (0.9, 2.0, 430.0)):
        count = int(60_000 * min(scale, 1.0))
        room = np.zeros(count, np.int64)
        poisson_minute(rate / SECOND, chance.mix(int(rate), 9), 1 << 60, room)
        work = Distribution("fixed", work_ms * MS)
        made = processors(work, cores=1, limit_cores=limit, threads_max=1, queue_max=ENDLESS)
        system = plant([made], Listed(room))
        phase = int(system._s.cpu_ints[0, cpu.PHASE])  # noqa: SLF001  drawn for the replica
        quota = round(limit * 100 * MS)
        expected = throttled_responses(room, int(work_ms * MS), quota, phase, 100 * MS)
        advance(system, int(room[-1]) + 1000 * SECOND)
        setting = f"one thread, {work_ms:g} ms at {rate:g}/s, limit {limit:g}"
        rows.append(Row(setting, float(expected), float(_responses(system)[0])))
    for threads, limit, work_ms in ((4, 0.5, 100.0), (8, 1.0, 100.0)):
        made = processors(Distribution("fixed", work_ms * MS), cores=threads, limit_cores=limit)
        system = plant([made], Listed(np.full(threads, SECOND, np.int64)))
        advance(system, 60 * SECOND)
        periods = threads * work_ms / (limit * 100)
        row = system.replica_row(0)
        setting = f"{threads} threads at once, {work_ms:g} ms each, limit {limit:g}: throttled"
        rows.append(Row(setting, periods - 1, float(row[ReplicaProbe.CFS_THROTTLED])))
    return Law(
        "CPU limits",
        "CFS bandwidth control: times in the system summed over all jobs against a walk period by "
        "period, to the nanosecond; and how many periods n threads of work w are throttled in: "
        "n w / quota - 1. No tolerance.",
        "ns, or periods",
        tuple(rows),
    )


def scalability(scale: float) -> Law:
    """Throughput of a saturated replica by its number of threads."""
    rows, points = [], []
    for threads in (1, 2, 4, 8, 16, 32, 64, 128):
        crowd = 1 + _ALPHA * (threads - 1) + _BETA * threads * (threads - 1)
        expected = threads / crowd
        made = processors(
            Distribution("exponential", 10 * MS), cores=threads, threads_max=threads,
            queue_max=1000, contention=_ALPHA, coherency=_BETA,
        )  # fmt: skip
        # Twice what it can do: a thread that is done always finds another call waiting.
        system = plant([made], Poisson(2 * 100.0 * expected, threads))
        grown = stretches(system, 600.0 * scale, 31, _responses)[1:]
        mean, half = batch_means(grown[:, 1] * 31 / (600.0 * scale) / 100.0)
        rows.append(Row(f"{threads} threads", expected, mean, half))
        points.append((threads, mean, half))
    return Law(
        "Universal scalability law",
        f"Throughput of n busy threads as a multiple of one's: n / (1 + {_ALPHA} (n - 1) + "
        f"{_BETA} n (n - 1)) (Gunther, 2008), of which the peak is near 44 threads.",
        "times one thread's",
        tuple(rows),
        Picture(
            "scalability",
            "threads at work",
            "throughput, times one thread's",
            (
                Curve(
                    "theory",
                    list(range(1, 129)),
                    [n / (1 + _ALPHA * (n - 1) + _BETA * n * (n - 1)) for n in range(1, 129)],
                ),
                Curve(
                    "plant",
                    [float(n) for n, _, _ in points],
                    [mean for _, mean, _ in points],
                    [half for _, _, half in points],
                    is_line=False,
                ),
            ),
        ),
    )
