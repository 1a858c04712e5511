"""How cost grows: with replicas, with the rate, with hours; and memory with requests in flight.

Costs are CPU seconds of this process per request, each point after a short run of its own; growth
exponents are slopes on log-log axes, 0 for a cost per request that does not grow.
"""

import argparse
import json
import math
import time
from pathlib import Path

from benchmarks.validation.drawing import svg
from benchmarks.validation.rows import Curve, Picture
from benchmarks.validation.systems import ENDLESS, MS, SECOND, Poisson, advance, plant, workers
from simulator.plant.plant import Plant
from simulator.plant.spec import Call, Distribution, EdgeSpec, PoolSpec, Work, Workers

PER_REPLICA = 10.0
REPLICAS = (1, 10, 100, 1000)
RATES = (10.0, 100.0, 1000.0, 10_000.0)
HOURS = (0.25, 1.0, 4.0)
SERVICE = Distribution("exponential", 30 * MS)
PICTURE = Path(__file__).parents[1] / "docs" / "validation" / "scaling.svg"


def _system(replicas: int, rate: float, balance: str, service: Distribution = SERVICE) -> Plant:
    edges = [
        EdgeSpec("users", "front", delay_ns=MS),
        EdgeSpec("front", "back", balance=balance, timeout_ns=2 * SECOND),  # type: ignore[arg-type]  # a table
    ]
    asks = (Work(Distribution("exponential", MS)), Call("back"))
    front = PoolSpec(
        "front", Workers(64, queue_max=ENDLESS), max(replicas // 4, 1), default_handler=asks
    )
    back = workers("back", 1, service, replicas=replicas)
    return plant([front, back], Poisson(rate, 3), edges=edges)


def _cost(replicas: int, rate: float, lasts_s: float, balance: str = "least_request") -> float:
    """CPU seconds per request, after a twentieth that warms up."""
    system = _system(replicas, rate, balance)
    advance(system, int(lasts_s * SECOND / 20))
    before, start = system.requests(), time.process_time()
    advance(system, int(lasts_s * SECOND))
    return (time.process_time() - start) / float(system.requests() - before)


def _exponent(xs: tuple[float, ...], ys: list[float]) -> float:
    """Least-squares slope on log-log axes."""
    points = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True)]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return float(above / sum((x - mean_x) ** 2 for x, _ in points))


def _memory_per_call() -> float:
    """Bytes of the plant's tables per request in flight, from a system that answers nothing."""
    sizes = []
    for rate in (100.0, 10_000.0):
        system = _system(1, rate, "random", Distribution("fixed", 1000 * SECOND))
        advance(system, 10 * SECOND)
        tables = [value for value in vars(system._s).values() if hasattr(value, "nbytes")]  # noqa: SLF001  what is measured
        sizes.append((system.in_flight(), sum(table.nbytes for table in tables)))
    (few, small), (many, large) = sizes
    return float((large - small) / (many - few))


def measure(minutes: float = 5.0) -> dict[str, float]:
    """Measure every curve; the largest system runs for `minutes` of simulated time."""
    lasts_s = minutes * 60
    _cost(10, 100.0, 10.0)
    found: dict[str, float] = {}
    by_replicas = {
        balance: [_cost(n, n * PER_REPLICA, lasts_s * max(1.0, 20 / n), balance) for n in REPLICAS]
        for balance in ("least_request", "round_robin", "least_loaded")
    }
    for balance, costs in by_replicas.items():
        found |= {f"{balance}.us_at_{n}": c * 1e6 for n, c in zip(REPLICAS, costs, strict=True)}
        found[f"{balance}.ratio_1000_to_10"] = costs[3] / costs[1]
        found[f"{balance}.exponent"] = _exponent(tuple(map(float, REPLICAS)), costs)
    by_rate = [_cost(1000, rate, min(30_000 / rate, 600.0)) for rate in RATES]
    found["rate.exponent"] = _exponent(RATES, by_rate)
    by_hours = [_cost(10, 100.0, hours * 3600) for hours in HOURS]
    found["hours.exponent"] = _exponent(HOURS, by_hours)
    found["memory.bytes_per_request_in_flight"] = _memory_per_call()
    curves = [
        Curve(balance, [math.log10(n) for n in REPLICAS], [c * 1e6 for c in costs])
        for balance, costs in by_replicas.items()
    ]
    shown = [Curve("", c.x, c.y, is_line=False) for c in curves]
    both = [each for pair in zip(curves, shown, strict=True) for each in pair]
    label = "replicas, as a power of ten (10 requests/s each)"
    picture = Picture("scaling", label, "CPU, us per request", tuple(both))
    PICTURE.write_text(svg(picture), encoding="utf-8")
    return found


def main() -> None:
    """Print the figures and draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--minutes", type=float, default=5.0, help="of the largest system")
    chosen = parser.parse_args()
    figures = measure(chosen.minutes)
    if chosen.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:40} {value:12.4g}")


if __name__ == "__main__":
    main()
