"""YAML with places: the values of a file, and the line and column of each.

For scenarios, runbooks, rule files, manifests and policies. Every mistake is noted, not raised, so
that a later pass can add its own and a person sees all of them at once.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from simulator.errors import InvalidInput, Mistake
from simulator.scenario.nodes import (
    DEPTH_MAX,
    TOO_DEEP,
    Composer,
    Items,
    Leaf,
    Reference,
    Spot,
    Unreadable,
)

NODES_MAX = 200_000
TEXT_MAX = 4_000_000

YamlPath = tuple[str | int, ...]
"""Keys and indices from the root to a value."""

_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value and its key stand; `alias` names the alias the value came through."""

    value: Spot
    key: Spot
    alias: str = ""


@dataclass(slots=True)
class Document:
    """One YAML document: its values, their places and what is wrong so far.

    `labels` names what did not come from the file: a path set on the command line. `scope` is the
    scenario whose names a runbook or manifest speaks of.
    """

    file: str
    text: str
    value: object = None
    places: dict[YamlPath, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    labels: dict[YamlPath, str] = field(default_factory=dict)
    is_readable: bool = True
    scope: "Document | None" = None

    def mistake(
        self, path: YamlPath, code: str, message: str, *, at_key: bool = False, warns: bool = False
    ) -> None:
        """Note what is wrong with the value (or key) at a path, or at its nearest known parent."""
        if label := self._label(path):
            self.mistakes.append(Mistake(label, 0, 0, code, message, warns))
            return
        place = self._place(path)
        spot = place.key if at_key else place.value
        via = f" (through '*{place.alias}')" if place.alias else ""
        self._note(spot, code, message + via, warns=warns)

    def _place(self, path: YamlPath) -> Place:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(Spot(1, 1), Spot(1, 1)))

    def _label(self, path: YamlPath) -> str:
        return next((self.labels[p] for p in parents(path) if p in self.labels), "")

    def _note(self, spot: Spot, code: str, message: str, *, warns: bool = False) -> None:
        line, col = within(self.text, spot.line, spot.col)
        self.mistakes.append(Mistake(self.file, line, col, code, message, warns))


def parents(path: YamlPath) -> list[YamlPath]:
    """List a path and everything above it, longest first."""
    return [path[:end] for end in range(len(path), -1, -1)]


def lines(text: str) -> list[str]:
    """Split text as YAML counts its lines."""
    return _BREAK.split(text)


def within(text: str, line: int, col: int) -> tuple[int, int]:
    """Move a place that lies past the text back to its end."""
    found = lines(text)
    if line > len(found):
        line, col = len(found), len(found[-1]) + 1
    return max(line, 1), max(1, min(col, len(found[max(line, 1) - 1]) + 1))


def read_text(path: Path, shown: str) -> str:
    """Read a file as UTF-8; InvalidInput says where it is not."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise InvalidInput([Mistake(shown, 1, 1, "file", message)]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = lines(raw[: error.start].decode("utf-8", "replace"))
        message = "this is not UTF-8 text"
        place = Mistake(shown, len(before), len(before[-1]) + 1, "encoding", message)
        raise InvalidInput([place]) from error


def read(text: str, file: str) -> Document:
    """Read a file that holds one document."""
    found = read_all(text, file)
    if len(found) > 1:
        found[0].mistake((), "documents", "one document is expected; leave out the second '---'")
    return found[0]


def read_all(text: str, file: str) -> list[Document]:
    """Read every document of a file (manifests are often several), at least one."""
    note = Document(file, text, is_readable=False)
    report = note._note  # noqa: SLF001  # the same class
    if not _is_text(text, note):
        return [note]
    try:
        roots = Composer(yaml.CSafeLoader(text), report).documents()
        found = [_expanded(root, file, text) for root in roots]
    except Unreadable as error:
        report(error.spot, error.code, error.message)
        return [note]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
        deep = "nesting depth" in (error.problem or "")  # libyaml's own limit, met on reading ahead
        report(spot, "too-deep", TOO_DEEP) if deep else report(spot, "syntax", _syntax(error))
        return [note]
    except yaml.YAMLError as error:
        report(Spot(1, 1), "syntax", str(error).splitlines()[0])
        return [note]
    if not found:
        report(Spot(1, 1), "empty", "the file is empty")
        return [note]
    found[0].mistakes[:0] = note.mistakes
    return found


def _is_text(text: str, note: Document) -> bool:
    if len(text) > TEXT_MAX:
        note.mistake((), "too-large", f"more than {TEXT_MAX // 10**6} million characters")
        return False
    bad = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    if bad:
        before = lines(text[: bad.start()])
        spot = Spot(len(before), len(before[-1]) + 1)
        note._note(spot, "syntax", f"the character {bad[0]!r} is not allowed")  # noqa: SLF001  # ours
    return bad is None


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is not YAML"
    if "cannot start any token" in problem:
        return "no value can begin like this; quote it, and indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return "a second ':' on this line; quote the text, or check the indentation"
    return f"{problem} {error.context}" if error.context else problem


def _expanded(root: Reference, file: str, text: str) -> Document:
    document = Document(file, text)
    document.value = _expand(root, (), None, None, document)
    return document


def _expand(
    reference: Reference, path: YamlPath, key: Spot | None, via: Reference | None, into: Document
) -> object:
    """Copy a node's values out, so that an alias is as good as what it stands for.

    `via` is the outermost alias that led here.
    """
    node = reference.node
    via = via or (reference if reference.alias else None)
    into.places[path] = Place(node.spot, key or node.spot, via.alias if via else "")
    _limited(path, into, (via.spot if via else None) or node.spot)
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Items):
        return [_expand(n, (*path, i), None, via, into) for i, n in enumerate(node.items)]
    return {
        name: _expand(value, (*path, name), spot, via, into)
        for name, (spot, value) in node.entries.items()
    }


def _limited(path: YamlPath, into: Document, spot: Spot) -> None:
    if len(into.places) > NODES_MAX:
        raise Unreadable(spot, "too-large", f"aliases expand to more than {NODES_MAX:,} values")
    if len(path) > DEPTH_MAX:
        raise Unreadable(spot, "too-deep", TOO_DEEP)
