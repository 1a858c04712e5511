"""What the README shows is what the commands print today."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TRANSCRIPTS = ROOT / "docs" / "transcripts"


@pytest.mark.parametrize("name", ["play", "compare"])
def test_the_readme_holds_the_transcript_as_it_was_written_down(name: str) -> None:
    written = (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8").rstrip()

    assert f"<!-- transcript: {name} -->\n```text\n{written}\n```\n" in README


@pytest.mark.xdist_group("examples")
def test_the_transcript_of_the_drill_is_what_playing_it_prints(tmp_path: Path) -> None:
    lines = (TRANSCRIPTS / "play.in").read_text(encoding="utf-8")

    played = subprocess.run(
        [
            sys.executable,
            "-m",
            "simulator",
            "play",
            "tuesday-slow-answers",
            "--seed",
            "7",
            "--echo",
        ],
        cwd=tmp_path,
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    shown = re.sub(r"^digest [0-9a-f]+$", "digest ...", played, flags=re.MULTILINE)
    assert shown == (TRANSCRIPTS / "play.txt").read_text(encoding="utf-8")


@pytest.mark.xdist_group("examples")
def test_the_lines_of_python_in_the_readme_run(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)

    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  the README's own lines

    assert re.match(r"[0-9a-f]{32} \d+\n", capsys.readouterr().out)
