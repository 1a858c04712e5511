"""Start-up: CPU of commands that do not simulate, next to Python with the libraries they stand on.

Prints milliseconds, the least of several runs, and their ratio to importing click, PyYAML and
pydantic alone, taken in turns on the same machine. Bytecode is kept in a folder of its own, so
that the first run compiles and no later one does.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = "scenarios/tuesday-slow-answers.drill.yaml"
BARE = "bare"
COMMANDS = {
    BARE: ["-c", "import click, yaml, pydantic"],
    "--help": ["-m", "simulator", "--help"],
    "list": ["-m", "simulator", "list"],
    "validate": ["-m", "simulator", "validate", SCENARIO],
}


def measure(rounds: int) -> dict[str, float]:
    """CPU milliseconds of each command: user and system, the least of all rounds."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for arguments in COMMANDS.values():
            _cpu_ms(arguments, environment)
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(rounds):
            for name, arguments in COMMANDS.items():
                taken[name].append(_cpu_ms(arguments, environment))
    return {name: min(each) for name, each in taken.items()}


def _cpu_ms(arguments: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own command lines
        [sys.executable, *arguments],
        check=True,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    figures = measure(parser.parse_args().rounds)
    for name, value in figures.items():
        print(f"start_up.{name:12} {value:8.0f} ms {value / figures[BARE]:8.2f} x bare")


if __name__ == "__main__":
    main()
