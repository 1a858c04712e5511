"""Compiled, an index is taken as it is: the kernel must never count from the end of a table."""

import os
import subprocess
import sys
from pathlib import Path

from simulator.plant.compiling import is_known

ROOT = Path(__file__).parent.parent.parent


def test_nothing_counts_from_the_end_of_a_table() -> None:
    flown = subprocess.run(
        [sys.executable, "-m", "tests.plant.from_the_end", *map(str, range(3))],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (flown.returncode, flown.stderr) == (0, "")


def test_numba_has_the_parts_that_the_plant_is_compiled_faster_without() -> None:
    assert is_known
