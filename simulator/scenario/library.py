"""Which scenarios there are, and where: yours in ./scenarios, then $BROWNOUT_PATH, then ours."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from simulator.errors import InvalidInput, Mistake, NotFound

SUFFIXES = (".drill.yaml", ".drill.yml")

_HEAD_KEYS = ("title", "tags")
_HEAD_LINES = 60


@dataclass(frozen=True, slots=True)
class Head:
    """What the top of a scenario's file says; never its cause."""

    name: str
    title: str
    tags: tuple[str, ...]
    path: Path


def folders() -> list[Path]:
    """List the folders that are searched, in order."""
    package = Path(__file__).parent.parent
    listed = [Path(text) for text in os.environ.get("BROWNOUT_PATH", "").split(os.pathsep) if text]
    packaged = package / "_scenarios"
    ours = packaged if packaged.is_dir() else package.parent / "scenarios"
    return [Path("scenarios"), *listed, ours]


def scenario_name(path: Path) -> str:
    """Say a scenario's name: its file's, without `.drill.yaml`."""
    for suffix in (*SUFFIXES, ".yaml", ".yml"):
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix)
    return path.name


def shown(path: Path) -> str:
    """Say a path as messages do: from the working folder where it lies inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)


def available() -> dict[str, Path]:
    """Every scenario's name and file, sorted by name; the first folder that has a name wins."""
    found: dict[str, Path] = {}
    for folder in folders():
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.name.endswith(SUFFIXES) and path.is_file():
                    found.setdefault(scenario_name(path), path)
    return dict(sorted(found.items()))


def find(path_or_name: str | Path) -> Path:
    """Find a scenario's file by path or name; NotFound names the nearest."""
    text = str(path_or_name)
    path = Path(text)
    if text.endswith((".yaml", ".yml")) or os.sep in text:
        if not path.is_file():
            raise InvalidInput([Mistake(text, 1, 1, "no-file", "there is no such file")])
        return path
    known = available()
    if text not in known:
        raise NotFound("scenario", text, known)
    return known[text]


def heads() -> Iterator[Head]:
    """Read the top of every scenario's file, as far as titles and tags need."""
    for name, path in available().items():
        yield head(name, path)


def head(name: str, path: Path) -> Head:
    """Read the top of one scenario's file; a file that says nothing readable has its name."""
    found: dict[str, object] = {}
    for block in _blocks(path):
        try:
            value = yaml.load(block, Loader=yaml.CBaseLoader)  # noqa: S506  plain text only
        except yaml.YAMLError:
            continue
        if isinstance(value, dict):
            found.update(value)
    title, tags = found.get("title"), found.get("tags")
    return Head(
        name,
        title if isinstance(title, str) and title else name,
        tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        path,
    )


def _blocks(path: Path) -> Iterator[str]:
    """Yield the text of each top-level key that is wanted, from the first lines of a file."""
    block: list[str] = []
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for _, line in zip(range(_HEAD_LINES), file, strict=False):
            if line[:1].strip() and line[0] not in "#-]}":
                yield "".join(block)
                block = [line] if line.split(":")[0] in _HEAD_KEYS else []
            elif block:
                block.append(line)
    yield "".join(block)
