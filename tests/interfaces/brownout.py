"""Commands as a person would give them: in this process for speed, in another for real."""

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.interfaces.cli import main

ROOT = Path(__file__).parent.parent.parent
BUSY = str(ROOT / "tests/interfaces/data/busy-lunch.drill.yaml")


@dataclass(frozen=True)
class Said:
    """What a command left: exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]

    @property
    def digest(self) -> str:
        return self.last.removeprefix("digest ")


@dataclass(frozen=True)
class Brownout:
    """Runs commands in a folder of their own."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, lines: str = "") -> Said:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        self.capsys.readouterr()
        code = main.run(words)
        out, err = self.capsys.readouterr()
        return Said(code, out, err)


def command(*words: str) -> list[str]:
    """A command line that starts another process."""
    text = "import sys; from simulator.interfaces.cli.main import main; main(sys.argv[1:])"
    return [sys.executable, "-c", text, *words]


def elsewhere(*words: str, cwd: Path, lines: str = "", **variables: str) -> Said:
    """Run a command in another process."""
    done = subprocess.run(
        command(*words),
        cwd=cwd,
        input=lines,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)
