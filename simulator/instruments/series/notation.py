"""promtool's notation of series: `name{label="value"}` and `0+10x5 _ stale`."""

import re

from simulator.instruments.series.block import ABSENT, STALE
from simulator.instruments.series.labels import NAME, Labels, labels_of

SAMPLES_MAX = 100_000
_NAME = re.compile(r"[a-zA-Z_:][\w:]*")
_LABEL = re.compile(
    r'\s*(?:([a-zA-Z_][\w.]*)|"((?:[^"\\]|\\.)*)")\s*=\s*("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')\s*'
)
_BARE_NAME = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*')
_ESCAPE = re.compile(r"\\(.)")
_NUMBER = (
    r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[iI]nf|NaN|nan|0[xX][\da-fA-F]+)"
)
_RUN = re.compile(rf"({_NUMBER})(?:([+-])({_NUMBER[5:]}))?x(\d+)")
_GAPS = re.compile(r"_x(\d+)")
_SPECIAL = {"n": "\n", "t": "\t"}


def read_series(text: str) -> Labels:
    """Read a series' name and labels; ValueError says what is wrong."""
    text = text.strip()
    head = _NAME.match(text)
    pairs = {NAME: head[0]} if head else {}
    at = head.end() if head else 0
    if at < len(text) and text[at] != "{":
        raise ValueError(f'{text!r} is not a series; write name{{label="value"}}')
    if at == len(text):
        if not head:
            raise ValueError("a series needs a name or labels")
        return labels_of(pairs)
    pairs |= _labels(text, at + 1, has_name=bool(head))
    return labels_of(pairs)


def _labels(text: str, at: int, *, has_name: bool) -> dict[str, str]:
    """Read what stands in the braces of a series, from there to its end."""
    pairs: dict[str, str] = {}
    while at < len(text) and text[at:].strip() != "}":
        label = _LABEL.match(text, at)
        bare = None if label or has_name else _BARE_NAME.match(text, at)
        if label:
            pairs[label[1] or _unescaped(label[2])] = _unescaped(label[3][1:-1])
        elif bare and NAME not in pairs:
            pairs[NAME] = _unescaped(bare[1])
        else:
            raise ValueError(f"{text!r} has something else than labels at {text[at:]!r}")
        at = (label or bare).end()  # type: ignore[union-attr]  # one of them matched
        at += text[at : at + 1] == ","
    if text[at:].strip() != "}":
        raise ValueError(f"{text!r} lacks its closing brace")
    return pairs


def read_values(text: str) -> list[float]:
    """Read values in the expanding notation; gaps are ABSENT. ValueError says what is wrong.

    `a+bxN` has N + 1 values by repeated addition, `axN` N + 1 copies, `_xN` N gaps.
    """
    values: list[float] = []
    for item in text.split():
        values += _item(item)
        if len(values) > SAMPLES_MAX:
            raise ValueError(f"more than {SAMPLES_MAX:,} samples in one series")
    return values


def _item(item: str) -> list[float]:
    if item.startswith("{{"):
        raise ValueError("native histograms are not supported; write classic buckets")
    if item == "_":
        return [ABSENT]
    if gaps := _GAPS.fullmatch(item):
        return [ABSENT] * _count(gaps[1])
    if item == "stale":
        return [STALE]
    if run := _RUN.fullmatch(item):
        value, step = float(run[1]), float((run[2] or "+") + (run[3] or "0"))
        values = [value]
        for _ in range(_count(run[4])):
            value += step
            values.append(value)
        return values
    try:
        return [float(item)]
    except ValueError:
        raise ValueError(
            f"{item!r} is not a value; write a number, _, stale, 1x5 or 0+10x5"
        ) from None


def _count(text: str) -> int:
    count = int(text)
    if count > SAMPLES_MAX:
        raise ValueError(f"more than {SAMPLES_MAX:,} samples in one series")
    return count


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _SPECIAL.get(found[1], found[1]), text)
