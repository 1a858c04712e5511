"""The one-hour drill: CPU of the run, share of the control plane, peak memory, events per request.

Run with `--json` for one JSON document; compile and import times are printed apart.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

SCENARIO = Path(__file__).parent / "data" / "rag-hour.drill.yaml"


def measure() -> dict[str, float]:
    """Run the hour once warm and say what it took (seconds of CPU, megabytes, ratios)."""
    from simulator.drill.run import take_off  # noqa: PLC0415 - imports are timed apart
    from simulator.plant import plant as plants  # noqa: PLC0415
    from simulator.scenario.reader import load  # noqa: PLC0415

    before = time.process_time()
    take_off(load(SCENARIO, ("lasts=10s", "faults=[]"))).land()
    compiled = time.process_time() - before
    scenario = load(SCENARIO)
    in_plant = _timed_advance(plants.Plant)
    start = time.process_time()
    flight = take_off(scenario)
    flight.session.advance(flight.session.horizon)
    flight.drill.run_out()
    total = time.process_time() - start
    plant: Any = flight.drill.plant
    return {
        "drill_hour.cpu_s": total,
        "drill_hour.control_share": 1.0 - in_plant[0] / total,
        "drill_hour.peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "drill_hour.events_per_request": plant.events() / plant.requests(),
        "drill_hour.requests": float(plant.requests()),
        "drill_hour.first_run_s": compiled,
    }


def _timed_advance(kind: type[Any]) -> list[float]:
    """Add up the CPU time spent inside the plant's `advance`."""
    spent = [0.0]
    plain = kind.advance

    def timed(self: Any, until: int, *, inclusive: bool) -> Any:
        start = time.process_time()
        pause = plain(self, until, inclusive=inclusive)
        spent[0] += time.process_time() - start
        return pause

    kind.advance = timed
    return spent


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    figures = measure()
    if parser.parse_args().json:
        json.dump(figures, sys.stdout, indent=2)
        return
    for name, value in figures.items():
        print(f"{name:32} {value:12.3f}")


if __name__ == "__main__":
    main()
