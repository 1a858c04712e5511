"""The small scenario the tests of this folder break in many ways."""

from pathlib import Path

from simulator.errors import InvalidInput, Mistake
from simulator.scenario.reader import build, gather
from simulator.scenario.source import Source

SMALL = Path(__file__).parent / "data" / "small.drill.yaml"
TEXT = SMALL.read_text(encoding="utf-8")
FILES = dict(gather(SMALL).files)


def source(text: str = TEXT, overrides: tuple[str, ...] = ()) -> Source:
    return Source(
        name="small", text=text, file="small.drill.yaml", files=FILES, overrides=overrides
    )


def mistakes(text: str = TEXT, overrides: tuple[str, ...] = ()) -> tuple[Mistake, ...]:
    """Everything wrong with a text, warnings too."""
    try:
        return build(source(text, overrides)).warnings
    except InvalidInput as error:
        return error.mistakes


def said(text: str, overrides: tuple[str, ...] = ()) -> list[str]:
    return [str(mistake) for mistake in mistakes(text, overrides)]


def changed(*replacements: tuple[str, str]) -> str:
    """The small scenario with other words; each must be there once or more."""
    text = TEXT
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text


def place(text: str, words: str) -> str:
    """Where words first stand in a text, as messages write it."""
    before = text[: text.index(words)]
    line = before.count("\n") + 1
    col = len(before) - (before.rfind("\n") + 1) + 1
    return f"small.drill.yaml:{line}:{col}"
