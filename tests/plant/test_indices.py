"""What compiled code takes for granted: indices from the start, callers that are compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.plant.compiling import is_known
from simulator.plant.decades import ttft_bucket
from simulator.plant.jit import IS_COMPILED

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


@pytest.mark.skipif(not IS_COMPILED, reason="interpreted, there is no difference")
def test_what_only_compiled_code_may_call_is_not_silent_when_python_does() -> None:
    with pytest.raises(TypeError):
        ttft_bucket(7)
