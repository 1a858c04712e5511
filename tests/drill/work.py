"""Work for pools of processes: what a worker imports must be in a module of its own."""

import os
import signal
import threading
from pathlib import Path

from simulator.errors import InvalidInput, Mistake, NotFound


def doubled(number: int) -> int:
    return 2 * number


def killed_the_first_time(marker: str) -> str:
    """End this worker as the kernel would when memory runs out, unless the marker is there."""
    path = Path(marker)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def always_killed(_task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refused(task: int) -> int:
    if task:
        raise ValueError(f"no {task}")
    return task


def finds_nothing(name: str) -> None:
    raise NotFound("policy", name, ["one", "three"])


def reads_rubbish(file: str) -> None:
    raise InvalidInput([Mistake(file, 1, 2, "syntax", "this is not YAML")])


def waits_for_ever(folder: str) -> None:
    """Leave this worker's process id in a folder, then stay."""
    (Path(folder) / str(os.getpid())).touch()
    threading.Event().wait()
