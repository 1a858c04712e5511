"""`--set faults[0].at=3m`: values put in place of those of the file, with errors that say so."""

import re

from simulator.errors import Mistake
from simulator.scenario.yaml import Document, YamlPath, read

_STEP = re.compile(
    r"""\.?(?P<key>[^.\[\]="']+)|\[(?P<index>\d{1,6})\]|\[(?P<quote>["'])(?P<text>.+?)(?P=quote)\]"""
)


def apply(document: Document, overrides: tuple[str, ...]) -> None:
    """Set each `path=value` in a document; the value is YAML, mistakes go to the document."""
    for override in overrides:
        split = _split(override)
        if split is None:
            _note(document, override, "write it as path=value, such as faults[0].at=3m")
            continue
        path, text = split
        shown = f"--set {override[: len(override) - len(text) - 1]}"
        value = read(text, shown) if text else Document(shown, text)
        if value.mistakes:
            document.mistakes += [Mistake(shown, 0, 0, m.code, m.message) for m in value.mistakes]
        elif problem := _put(document.value, path, value.value):
            document.mistakes.append(Mistake(shown, 0, 0, "override", problem))
        else:
            document.labels[path] = shown


def _note(document: Document, override: str, message: str) -> None:
    document.mistakes.append(Mistake(f"--set {override}", 0, 0, "override", message))


def _split(override: str) -> tuple[YamlPath, str] | None:
    path: list[str | int] = []
    at = 0
    while match := _STEP.match(override, at):
        key, index, text = match["key"], match["index"], match["text"]
        path.append(int(index) if index is not None else key.strip() if key else text)
        at = match.end()
    if not path or override[at : at + 1] != "=":
        return None
    return tuple(path), override[at + 1 :]


def _put(value: object, path: YamlPath, new: object) -> str:
    """Put a value at a path in place; say what is wrong, or nothing."""
    *above, last = path
    for step in above:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.setdefault(step, {})
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return _nothing_there(value, step)
    if isinstance(value, dict) and isinstance(last, str):
        value[last] = new
    elif isinstance(value, list) and isinstance(last, int) and last <= len(value):
        value[last : last + 1] = [new]
    else:
        return _nothing_there(value, last)
    return ""


def _nothing_there(value: object, step: str | int) -> str:
    if isinstance(value, list) and isinstance(step, int):
        return f"there is no [{step}]; the list has {len(value)} items, counted from 0"
    if isinstance(value, list):
        return f"{step!r} stands in a list; write its number, such as [0]"
    if isinstance(value, dict):
        return f"[{step}] stands in a mapping; write a key, such as .name"
    return f"nothing can be set below a single value at {step!r}"
