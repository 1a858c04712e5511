"""Queues: the exact recursion, Erlang, Pollaczek and Khinchine, Kingman, Little."""

import numpy as np

from benchmarks.validation.draws import erlang_batches, fill, recursion
from benchmarks.validation.rows import Curve, Law, Picture, Row, batch_means
from benchmarks.validation.systems import (
    MS,
    SECOND,
    Gaps,
    Poisson,
    advance,
    plant,
    stretches,
    waits_and_starts,
    workers,
)
from simulator.plant import chance
from simulator.plant.arrivals import MINUTE
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import Distribution

_MANY = 100  # servers
MEAN_NS = 10 * MS
POINTS = ((1, 0.8), (2, 0.8), (4, 0.8), (8, 0.9), (10, 0.9), (20, 0.95), (100, 0.95))
EXPONENTIAL = Distribution("exponential", MEAN_NS)
LAWS = {
    "fixed": (Distribution("fixed", MEAN_NS), 0.0),
    "Erlang, 4 stages": (Distribution("erlang", MEAN_NS, 4), 0.25),
    "exponential": (EXPONENTIAL, 1.0),
    "lognormal, sigma 1": (Distribution("lognormal", MEAN_NS / 1.6487212707, 1.0), 1.7182818285),
    "hyperexponential, scv 4": (Distribution("hyperexponential", MEAN_NS, 4.0), 4.0),
}
"""Service laws of mean 10 ms with their squared coefficient of variation."""


def erlang_wait(servers: int, load: float) -> float:
    """Mean wait in service times; Erlang C by the recursion of Erlang B."""
    offered, blocking = servers * load, 1.0
    for k in range(1, servers + 1):
        blocking = offered * blocking / (k + offered * blocking)
    return blocking / (1 - load + load * blocking) / (servers - offered)


def exact(scale: float) -> Law:
    """The plant's summed waits against the recursion on the same work."""
    count = int(100_000 * min(scale, 1.0))
    rows = []
    for servers, load in POINTS:
        gaps = np.zeros(count, np.int64)
        table = chance.law_table([Distribution("exponential", MEAN_NS / servers / load)])
        fill(table, chance.mix(servers, 3), gaps)
        times = np.cumsum(gaps)
        system = plant([workers("a", servers, EXPONENTIAL)], _listed(times))
        # What the plant will draw: the root's key, its one call's, the work's.
        feed = system._feed  # noqa: SLF001  the law is about the keys it gives
        keys = [feed.load(minute)[:, 2] for minute in range(int(times[-1]) // MINUTE + 1)]
        feed.minute = -1  # as if nothing had been asked
        law = chance.law_table([EXPONENTIAL])
        services = np.array(
            [
                chance.draw(law, 0, chance.mix(chance.mix(int(key), 0), chance.SERVICE))
                for key in np.concatenate(keys)
            ],
            np.int64,
        )
        waits = np.zeros(count, np.int64)
        recursion(gaps, services, np.zeros(servers, np.int64), waits)
        advance(system, int(times[-1]) + 1000 * SECOND)
        simulated = int(system.replica_row(0)[ReplicaProbe.WAIT_NS])
        rows.append(Row(f"c = {servers}, load {load}", float(waits.sum()), float(simulated)))
    return Law(
        "The queueing recursion, to the nanosecond",
        "On one tape of work the summed waits equal those of Kiefer and Wolfowitz's recursion "
        "(Lindley's for one server). No tolerance.",
        "ns waited in all",
        tuple(rows),
    )


def _listed(times: np.ndarray) -> Gaps:
    source = Gaps.__new__(Gaps)
    source.times = times
    return source


def erlang(scale: float) -> Law:
    """The recursion, which the plant equals, against Erlang's formula."""
    rows = []
    for servers, load in POINTS if scale >= 1.0 else POINTS[:4]:
        means = np.zeros(60)
        # Many servers cost more and vary less.
        per_batch = int((250_000 if servers >= _MANY else 500_000) * min(scale, 1.0))
        erlang_batches(np.zeros(servers), load, chance.mix(servers, 11), per_batch, means)
        half = 3.0 * float(means.std(ddof=1)) / np.sqrt(len(means))
        expected = erlang_wait(servers, load)
        rows.append(Row(f"c = {servers}, load {load}", expected, float(means.mean()), half))
    return Law(
        "Erlang C",
        "Mean wait of M/M/c, in service times, by the recursion that the plant equals; 30 million "
        "arrivals each (c = 100: 15 million).",
        "service times",
        tuple(rows),
    )


def pollaczek(scale: float) -> Law:
    """M/G/1 waits through the plant for five service laws."""
    rows, load = [], 0.7
    lasts_s = 20_000.0 * scale
    for name, (law, scv) in LAWS.items():
        system = plant([workers("a", 1, law)], Poisson(load * SECOND / MEAN_NS, 5))
        grown = stretches(system, lasts_s, 31, waits_and_starts())[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1] / MS)
        expected = load * (1 + scv) / (2 * (1 - load)) * MEAN_NS / MS
        rows.append(Row(f"{name} (scv {scv:.3g})", expected, mean, half))
    points = sorted((scv, row) for (_, scv), row in zip(LAWS.values(), rows, strict=True))
    theory = [(x, load * (1 + x) / (2 * (1 - load)) * 10) for x in (0.0, 4.0)]
    return Law(
        "Pollaczek and Khinchine",
        "Mean wait of M/G/1 at load 0.7 and 10 ms of service: load (1 + scv) / (2 (1 - load)).",
        "ms",
        tuple(rows),
        Picture(
            "pollaczek-khinchine",
            "squared coefficient of variation of the service time",
            "mean wait, ms",
            (
                Curve("theory", [x for x, _ in theory], [y for _, y in theory]),
                Curve(
                    "plant",
                    [x for x, _ in points],
                    [row.simulated for _, row in points],
                    [row.half_width for _, row in points],
                    is_line=False,
                ),
            ),
        ),
    )


def kingman(scale: float) -> Law:
    """G/G/1 and G/G/4 in heavy traffic against Kingman and Allen-Cunneen."""
    rows = []
    for servers, load, arrivals, services in (
        (1, 0.95, "Erlang, 4 stages", "lognormal, sigma 1"),
        (1, 0.95, "hyperexponential, scv 4", "exponential"),
        (4, 0.95, "hyperexponential, scv 4", "Erlang, 4 stages"),
    ):
        law, ca2 = LAWS[arrivals]
        gap = MEAN_NS / servers / load
        stretched = Distribution(law.law, law.a * gap / MEAN_NS, law.b)
        lasts_s = 40_000.0 * scale / servers
        source = Gaps(stretched, int(lasts_s * SECOND), 9)
        system = plant([workers("a", servers, LAWS[services][0])], source)
        grown = stretches(system, lasts_s, 31, waits_and_starts())[1:]
        mean, half = batch_means(grown[:, 0] / grown[:, 1] / MEAN_NS)
        expected = erlang_wait(servers, load) * (ca2 + LAWS[services][1]) / 2
        setting = f"{arrivals} gaps, {services} service, c = {servers}, load {load}"
        rows.append(Row(setting, expected, mean, half, allowed=0.10))
    return Law(
        "Kingman, Allen and Cunneen",
        "Mean wait of G/G/c in heavy traffic: that of M/M/c times the mean of both squared "
        "coefficients of variation; an approximation, so 10 % beside the error of the run.",
        "service times",
        tuple(rows),
    )


def little(scale: float) -> Law:
    """Time in the system summed over calls against its population summed over time."""
    system = plant([workers("a", 3, EXPONENTIAL)], Poisson(250.0, 3))
    area, step = 0.0, 2 * MS
    end = int(60 * SECOND * min(scale, 1.0))
    for at in range(step, end + 30 * SECOND, step):
        if at == end - end % step:
            system.stop_arrivals(at)
        advance(system, at)
        row = system.replica_row(0)
        area += float(step * (row[ReplicaProbe.QUEUED] + row[ReplicaProbe.RUNNING]))
    whole = float(system.replica_row(0)[ReplicaProbe.RESPONSE_NS])
    line = Row("M/M/3, load 0.83, sampled every 2 ms", whole / SECOND, area / SECOND, allowed=0.005)
    return Law(
        "Little",
        "Calls in the system, summed over time, are their times in it, summed over calls.",
        "call seconds",
        (line,),
    )
