import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from simulator.drill.processes import map_all
from simulator.errors import BrownoutError
from tests.drill.work import (
    always_killed,
    doubled,
    finds_nothing,
    killed_the_first_time,
    reads_rubbish,
    refused,
)

ROOT = Path(__file__).parent.parent.parent
SCRIPT = """\
import sys
from simulator.drill.processes import map_all
from tests.drill.work import waits_for_ever
if __name__ == "__main__":
    map_all(waits_for_ever, [sys.argv[1]] * 3, 2)
"""


@pytest.mark.parametrize("jobs", [1, 2, 8])
@pytest.mark.parametrize("first_here", [False, True])
def test_results_come_in_the_order_of_tasks(jobs: int, *, first_here: bool) -> None:
    told: list[int] = []

    found = map_all(doubled, [3, 1, 2], jobs, told.append, first_here=first_here)

    assert found == [6, 2, 4]
    assert sorted(told) == [0, 1, 2]


def test_no_tasks_have_no_results() -> None:
    assert map_all(doubled, [], 2, first_here=True) == []


def test_a_killed_workers_tasks_are_done_again(tmp_path: Path) -> None:
    markers = [str(tmp_path / name) for name in ("a", "b", "c")]

    assert map_all(killed_the_first_time, markers, 2) == ["a", "b", "c"]


def test_workers_that_keep_dying_are_given_up() -> None:
    with pytest.raises(BrokenProcessPool):
        map_all(always_killed, [1, 2], 2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_task_raises_is_raised(jobs: int) -> None:
    with pytest.raises(ValueError, match="no 1"):
        map_all(refused, [0, 1, 0], jobs)


@pytest.mark.parametrize("work", [finds_nothing, reads_rubbish])
def test_our_errors_cross_from_one_process_to_another(work: Callable[[str], None]) -> None:
    with pytest.raises(BrownoutError) as here:
        work("on")

    with pytest.raises(type(here.value)) as there:
        map_all(work, ["on", "on"], 2)

    assert str(there.value) == str(here.value)
    assert vars(there.value) == vars(here.value)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_process_that_started_it(
    tmp_path: Path, how: signal.Signals
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    folder = tmp_path / "pids"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    ) as process:
        _until(lambda: len(list(folder.iterdir())) == 2)
        workers = [int(path.name) for path in folder.iterdir()]

        process.send_signal(how)
        process.communicate(timeout=60)

    _until(lambda: not any(_is_alive(worker) for worker in workers))
    assert process.returncode == -how


def _until(holds: Callable[[], bool], tries: int = 600) -> None:
    pause = threading.Event()
    for _ in range(tries):
        if holds():
            return
        pause.wait(0.1)
    raise AssertionError("it never came true")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    # An orphan that has ended may wait for an init that never collects it.
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
