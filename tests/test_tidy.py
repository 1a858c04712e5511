"""Style as a test: sizes, docstrings, no leftovers, names of the house."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINES_MAX = 300
PLANT_LINES_MAX = 400


def _files(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).is_file()]


SOURCES = _files("simulator/*.py")
TESTS = _files("tests/*.py")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=_name)
def test_no_file_is_longer_than_one_idea_takes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    in_plant = "plant" in path.parts

    lines = text.count("\n")

    excused = "simulator/plant" not in _name(path) and "long because" in text.splitlines()[0]
    assert lines <= (PLANT_LINES_MAX if in_plant else LINES_MAX) or excused, f"{lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_module_says_what_it_is_about(path: Path) -> None:
    first = path.read_text(encoding="utf-8").lstrip()

    assert first.startswith('"""')


def test_nothing_is_left_to_be_done_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|except Exception\b")

    found = [
        f"{_name(path)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]

    assert found == []


def test_nothing_simulated_reads_the_wall_clock_or_global_chance() -> None:
    banned = re.compile(
        r"\btime\.(time|sleep|perf_counter)\(|datetime\.now|env\.timeout|\brandom\."
    )
    rooms = ("plant", "system", "faults", "instruments", "response", "record", "drill")

    found = [
        f"{_name(path)}:{number}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[1] in rooms
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if banned.search(line)
    ]

    assert found == []


def test_no_path_of_a_machine_is_in_the_tree() -> None:
    pattern = re.compile(r"(/root/|/home/\w+/|/Users/\w+/)")

    found = [
        _name(path)
        for path in _files("*.py", "*.md", "*.yaml", "*.toml", "Makefile")
        if path != Path(__file__) and pattern.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []
