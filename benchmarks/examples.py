"""Writes everything the README shows anew: transcripts, published post-mortems, the comparison.

`--check` writes nothing and fails where a committed text is not what the commands print today.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TRANSCRIPTS = ROOT / "docs" / "transcripts"
PUBLISHED = ROOT / "postmortems" / "published"
DRILL = "tuesday-slow-answers"
COMPARISON = [
    "compare", "quiet-thursday", str(ROOT / "scenarios" / "policies" / "quiet-thursday"),
    "--seeds", "1..5", "--set", "nodes.gpu.count=6", "--jobs", "2",
]  # fmt: skip


def brownout(arguments: list[str], folder: Path, said: str = "") -> str:
    """Run the command line in a folder; return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "simulator", *arguments],
        cwd=folder,
        input=said,
        capture_output=True,
        text=True,
        check=True,
    )
    # Digests are compared between runs and never committed.
    return re.sub(r"^digest [0-9a-f]+$", "digest ...", done.stdout, flags=re.MULTILINE)


def made(folder: Path) -> dict[Path, str]:
    """Make every text, by where it belongs."""
    lines = (TRANSCRIPTS / "play.in").read_text(encoding="utf-8")
    played = brownout(["play", DRILL, "--seed", "7", "--echo"], folder, lines)
    compared = brownout([*COMPARISON, "--out", str(folder / "comparison")], folder)
    run = folder / "runs" / f"0001-{DRILL}"
    texts = {
        TRANSCRIPTS / "play.txt": played,
        TRANSCRIPTS / "compare.txt": compared,
        PUBLISHED / f"{DRILL}.html": (run / "report.html").read_text(encoding="utf-8"),
        PUBLISHED / f"{DRILL}.md": (run / "report.md").read_text(encoding="utf-8"),
        ROOT / "docs" / "comparison.svg": (folder / "comparison" / "comparison.svg").read_text(
            encoding="utf-8"
        ),
    }
    texts[ROOT / "README.md"] = readme(played, compared)
    return texts


def readme(played: str, compared: str) -> str:
    """The README with its transcripts put in."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, transcript in (("play", played), ("compare", compared)):
        before, _, rest = text.partition(f"<!-- transcript: {name} -->\n```text\n")
        _, _, after = rest.partition("```\n")
        text = f"{before}<!-- transcript: {name} -->\n```text\n{transcript.rstrip()}\n```\n{after}"
    return text


def main() -> None:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    checks = parser.parse_args().check
    folder = Path(tempfile.mkdtemp())
    try:
        texts = made(folder)
    finally:
        shutil.rmtree(folder)
    stale = []
    for path, text in texts.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if not checks:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    print("\n".join(stale) or "everything is as it was")
    if checks and stale:
        sys.exit(1)


if __name__ == "__main__":
    main()
