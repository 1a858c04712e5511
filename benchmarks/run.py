"""Every benchmark as one JSON object: `python benchmarks/run.py --json`.

Each part runs in a process of its own, its ratios side by side within it; times are CPU seconds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
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

_MEASURES: dict[str, Callable[[], Any]] = {
    "drill_hour": drill_hour.measure,
    "llm": llm_steps.measure,
    "rules_tick": rules_tick.measure,
    "scaling": scaling.measure,
}
_PARTS = ("three_tier", *_MEASURES, "compile")
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
        choices=_PARTS,
        help="measure this alone",
    )
    chosen = parser.parse_args()
    result: dict[str, Any] = {}
    for part in [chosen.only] if chosen.only else _PARTS:
        result |= _measured(part, chosen.minutes) if chosen.only else _apart(part, chosen.minutes)
    print(json.dumps(result, indent=None if chosen.json else 2))


def _measured(part: str, minutes: int) -> dict[str, Any]:
    if part == "compile":
        return compile_cost()
    return {part: three_tier.measure(minutes) if part == "three_tier" else _MEASURES[part]()}


def _apart(part: str, minutes: int) -> dict[str, Any]:
    """Measure a part in a fresh process, whose memory nothing else has used."""
    words = [sys.executable, __file__, "--json", "--only", part, "--minutes", str(minutes)]
    ran = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  ours
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


if __name__ == "__main__":
    main()
