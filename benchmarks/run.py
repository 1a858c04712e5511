"""Every benchmark as one JSON object: `python benchmarks/run.py --json`.

Ratios are measured side by side in one run; times are CPU seconds of this process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE.parent))

from benchmarks import (  # noqa: E402  found wherever this is started from
    drill_hour,
    llm_steps,
    rules_tick,
    scaling,
    three_tier,
)

_COLD = """
import json, resource, time
began = time.process_time()
from benchmarks.three_tier import Poisson, system
from simulator.plant.plant import Plant
Plant(system(), 1, {"chat": Poisson(1)}).advance(0, inclusive=False)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"compile_s": time.process_time() - began, "compile_peak_mb": peak}))
"""


def _start(cache: str) -> dict[str, Any]:
    environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPATH": str(_HERE.parent)}
    ran = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", _COLD], check=True, capture_output=True, text=True, env=environment
    )
    return {name: round(value, 2) for name, value in json.loads(ran.stdout).items()}


def compile_cost() -> dict[str, Any]:
    """Start the kernel twice in fresh processes: with nothing cached, then from the cache."""
    with tempfile.TemporaryDirectory() as cache:
        cold, warm = _start(cache), _start(cache)
    return {**cold, "start_warm_s": warm["compile_s"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--minutes", type=int, default=60, help="of the three-tier yardstick")
    parser.add_argument(
        "--only",
        choices=("three_tier", "drill_hour", "llm", "rules_tick", "scaling", "compile"),
        help="measure this alone",
    )
    chosen = parser.parse_args()
    result: dict[str, Any] = {}
    if chosen.only in (None, "three_tier"):
        result["three_tier"] = three_tier.measure(chosen.minutes)
    if chosen.only in (None, "drill_hour"):
        result["drill_hour"] = drill_hour.measure()
    if chosen.only in (None, "llm"):
        result["llm"] = llm_steps.measure()
    if chosen.only in (None, "rules_tick"):
        result["rules_tick"] = rules_tick.measure()
    if chosen.only in (None, "scaling"):
        result["scaling"] = scaling.measure()
    if chosen.only in (None, "compile"):
        result |= compile_cost()
    print(json.dumps(result, indent=None if chosen.json else 2))


if __name__ == "__main__":
    main()
