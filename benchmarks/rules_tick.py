"""Measures one tick of 40 typical rules over 2,000 series, against evaluating series one by one.

Prints milliseconds per tick (CPU, best of several) and the ratio to a plain Python loop over the
series of the rules' rate expressions, both in the same process.
"""

from itertools import pairwise
from tempfile import TemporaryFile
from time import process_time_ns

import numpy as np

from simulator.instruments.promql.plan import Plan, compile_query
from simulator.instruments.series.archive import dump
from simulator.instruments.series.labels import Labels, labels_of
from simulator.instruments.series.store import SeriesStore

TARGETS = 40
SCRAPE_MS = 15_000
HOUR_MS = 3_600_000
BOUNDS = ("0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "+Inf")
SERVICES = ("gateway", "retriever", "decode", "prefill")
CODES = ("200", "429", "500", "503")
HISTOGRAMS = ("ttft", "request", "queue")
GAUGES = ("queue_depth", "in_flight", "memory_bytes", "up")


def target_labels(number: int) -> list[Labels]:
    """Fifty series, as one exporter has."""
    job = SERVICES[number % len(SERVICES)]
    base = {"job": job, "instance": f"{job}-{number}"}
    counters = [
        base | {"__name__": "requests_total", "code": code, "route": route}
        for code in CODES
        for route in ("chat", "search", "embed")
    ]
    buckets = [
        base | {"__name__": f"{name}_seconds_bucket", "le": bound}
        for name in HISTOGRAMS
        for bound in BOUNDS
    ]
    sums = [
        base | {"__name__": f"{name}_seconds_{end}"}
        for name in ("ttft", "request")
        for end in ("sum", "count")
    ]
    return [
        labels_of(x) for x in counters + buckets + sums + [base | {"__name__": g} for g in GAUGES]
    ]


def filled_store() -> SeriesStore:
    """An hour of scrapes every 15 s, each target at an offset of its own."""
    store = SeriesStore()
    blocks = [store.block(target_labels(number)) for number in range(TARGETS)]
    for row in range(HOUR_MS // SCRAPE_MS):
        for number in sorted(range(TARGETS), key=lambda number: number % 15):
            growth = np.arange(1.0, len(blocks[number].labels) + 1.0) + number % 13
            blocks[number].append(row * SCRAPE_MS + (number % 15) * 1000, growth * row)
    return store


def expressions() -> list[str]:
    """Forty rules of the kinds that real rule files are made of."""
    made = [
        f"histogram_quantile({q}, sum by (job, le) (rate({name}_seconds_bucket[5m]))) > 0.5"
        for q in (0.5, 0.95, 0.99)
        for name in HISTOGRAMS
    ]
    for job in SERVICES:
        made += [
            f"{_failed(job)} / sum by (job) (rate(requests_total{_only(job)}[5m])) > 0.01",
            f'max by (instance) (queue_depth{{job="{job}"}}) > 10',
            f'avg_over_time(in_flight{{job="{job}"}}[5m]) > 8',
            f'absent(up{{job="{job}"}})',
            f'increase(requests_total{{job="{job}", code="503"}}[1m]) > 3',
            f"{_spent(job)} / rate(request_seconds_count{_only(job)}[1m]) > 2",
        ]
    made += [
        "up == 0",
        "sum(rate(requests_total[1m]))",
        "sum by (route) (rate(requests_total[5m])) > 5",
        "predict_linear(memory_bytes[30m], 3600) > 1e9",
        "topk(3, queue_depth)",
        "queue_depth / on (job, instance) in_flight > 4",
        "count by (job) (up == 1) < 3",
    ]
    return made


def _only(job: str) -> str:
    return f'{{job="{job}"}}'


def _failed(job: str) -> str:
    return f'sum by (job) (rate(requests_total{{job="{job}", code=~"5.."}}[5m]))'


def _spent(job: str) -> str:
    return f"rate(request_seconds_sum{_only(job)}[1m])"


def tick_ms(plans: list[Plan], store: SeriesStore, rounds: int = 20) -> float:
    """CPU per tick, the best of several, at instants half a minute apart."""
    spent = []
    for number in range(rounds):
        at = HOUR_MS - 1 - (rounds - number) * 30_000
        start = process_time_ns()
        for plan in plans:
            plan.instant(store, at)
        spent.append(process_time_ns() - start)
    return min(spent) / 1e6


def naive_rate_ms(store: SeriesStore, at_ms: int) -> float:
    """The same windows' rates series by series, as a straightforward evaluator does."""
    start = process_time_ns()
    for block in store.blocks:
        times, values = block.times, block.values
        for column in range(len(block.labels)):
            samples = [
                (t, float(values[row, column]))
                for row, t in enumerate(times)
                if at_ms - 300_000 < t <= at_ms
            ]
            grown = samples[-1][1] - samples[0][1]
            for (_, before), (_, after) in pairwise(samples):
                if after < before:
                    grown += before
    return (process_time_ns() - start) / 1e6


def bytes_per_sample(store: SeriesStore) -> float:
    """Memory of the table that all targets share, by the samples in it."""
    lane = store._lane  # noqa: SLF001 - nobody but this measures it
    samples = sum(len(block.times) * len(block.labels) for block in store.blocks)
    return (lane.values.nbytes + lane.stamps.nbytes) / samples


def deflated_bytes_per_sample(store: SeriesStore) -> float:
    """What a sample takes as compressed arrays on disk; old ones in memory are near it."""
    with TemporaryFile() as file:
        np.savez_compressed(file, allow_pickle=False, **dump(store))
        return file.tell() / sum(len(block.times) * len(block.labels) for block in store.blocks)


def measure() -> dict[str, float]:
    """Time a tick, compare with the plain loop, and weigh the samples."""
    store, plans = filled_store(), [compile_query(text) for text in expressions()]
    tick_ms(plans, store, rounds=2)
    rates = [compile_query(f"rate({name}_seconds_bucket[5m])") for name in HISTOGRAMS]
    share = len(HISTOGRAMS) * len(BOUNDS) / len(target_labels(0))
    naive = naive_rate_ms(store, HOUR_MS - 1) * share
    return {
        "ms": round(tick_ms(plans, store), 2),
        "rules": len(plans),
        "series": sum(len(block.labels) for block in store.blocks),
        "vs_naive": round(naive / tick_ms(rates, store), 1),
        "bytes_per_sample": round(bytes_per_sample(store), 2),
        "deflated_bytes_per_sample": round(deflated_bytes_per_sample(store), 2),
    }


def main() -> None:
    """Print the measurements."""
    for name, value in measure().items():
        print(f"{name:18} {value:g}")


if __name__ == "__main__":
    main()
