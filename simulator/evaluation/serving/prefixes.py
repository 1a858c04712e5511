"""What a listed prompt shares with others, as it is written in a file of requests.

`system:512 doc7:2048`: it begins with 512 tokens called system, then 2,048 called doc7. A whole
number: so many tokens that all requests share. One name alone: prompts of that name are the same as
far as the shorter one goes, as the turns of a conversation are. Several names, or a list in JSON:
blocks of 512 tokens, as Mooncake's `hash_ids`.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from simulator.plant.api import SharedSegments
from simulator.plant.arrivals import name_key
from simulator.plant.chance import mix

BLOCK_TOKENS = 512
"""Tokens of a block of the Mooncake traces (github.com/kvcache-ai/Mooncake, FAST25 release)."""
Segment = tuple[str, int]
"""Name and length in tokens."""

_WRITTEN = re.compile(r"\S+:[1-9]\d{0,8}")
_EVERYONE = "everyone"


def read_prefix(written: object, input_tokens: int) -> tuple[Segment, ...]:
    """Read one request's prefix, cut at its prompt; ValueError says what cannot be read."""
    if isinstance(written, list):
        return _cut(((str(each), BLOCK_TOKENS) for each in written), input_tokens)
    words = str("" if written is None else written).replace(";", " ").split()
    sized = [bool(_WRITTEN.fullmatch(word)) for word in words]
    if any(sized) and not all(sized):
        wrong = words[sized.index(False)]
        raise ValueError(f"{wrong!r} has no length; write NAME:TOKENS for each part, or for none")
    if words and all(sized):
        pairs = (word.rpartition(":") for word in words)
        return _cut(((name, int(tokens)) for name, _, tokens in pairs), input_tokens)
    if len(words) == 1:
        shared = int(words[0]) if words[0].isdigit() else 0
        return ((_EVERYONE, min(shared, input_tokens)),) if shared else _whole(words, input_tokens)
    return _cut(((word, BLOCK_TOKENS) for word in words), input_tokens)


def segments_of(prefixes: Iterable[Sequence[Segment]]) -> tuple[SharedSegments, list[int]]:
    """Lay prefixes out for the plant: a table of segments, and a pointer into it per request.

    Equal prefixes share rows; -1 stands for a request without one.
    """
    rows: list[tuple[int, int]] = []
    known: dict[tuple[Segment, ...], int] = {(): -1}
    pointers: list[int] = []
    for prefix in map(tuple, prefixes):
        if prefix not in known:
            known[prefix] = SharedSegments.of(len(rows), len(prefix))
            rows += _chained(prefix)
        pointers.append(known[prefix])
    return SharedSegments(np.array(rows, np.int64).reshape(-1, 2)), pointers


def _chained(prefix: Sequence[Segment]) -> list[tuple[int, int]]:
    """Name each segment by itself and all before it, and say where it ends."""
    chain, end = 0, 0
    found: list[tuple[int, int]] = []
    for name, tokens in prefix:
        chain = mix(mix(chain, end), name_key(name))
        end += tokens
        found.append((int(chain), end))
    return found


def _cut(segments: Iterable[Segment], tokens: int) -> tuple[Segment, ...]:
    """Leave out what lies behind the prompt's end; the last one may be longer than what is left."""
    found: list[Segment] = []
    for name, length in segments:
        if tokens <= 0:
            break
        found.append((name, length))
        tokens -= length
    return tuple(found)


def _whole(words: Sequence[str], input_tokens: int) -> tuple[Segment, ...]:
    return ((words[0], input_tokens),) if words[0] != "0" else ()
