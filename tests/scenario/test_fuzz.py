"""Whatever happens to a scenario's text, it loads or its mistakes lie inside it."""

import re
from collections.abc import Iterable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import Mistake
from simulator.scenario.yaml import lines, read_all
from tests.scenario.small import FILES, TEXT, mistakes

_TOKENS = sorted(set(re.findall(r"[\w.%/]+|[^\w\s]", TEXT)))
_ODD = ["", "[", "]", "{", "}", ":", "- ", "\n", "\t", "  ", "*a", "&a ", "<<: ", "!!x ", "'", '"',
        "null", "-1", "1e9", "1e999", "99999999999999999999", "0", "5m", "%", "é", "\u2028", "\x00",
        "\ud800", "|", ">", "?", "#", "@", "true", "\r", "\x85"]  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """The small scenario after a few cuts, swaps and insertions."""
    text = TEXT
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 1, 3, 10, 60]))
        put = draw(st.sampled_from(_TOKENS) | st.sampled_from(_ODD))
        text = text[:at] + put + text[at + cut :]
    return text


@st.composite
def replacements(draw: st.DrawFn) -> str:
    """The small scenario with a few words exchanged for others of its own."""
    words = re.split(r"([\w.%/]+)", TEXT)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words) // 2 - 1)) * 2 + 1
        words[at] = draw(st.sampled_from(_TOKENS) | st.sampled_from(_ODD))
    return "".join(words)


@settings(max_examples=300, deadline=None)
@given(text=mutations() | replacements())
def test_any_mutation_loads_or_is_refused_inside_its_bounds(text: str) -> None:
    found = mistakes(text)

    _assert_inside(found, {"small.drill.yaml": text, **FILES})


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.sampled_from([*"ab:-[]{}&*!|>?#,'\"\n \t%@~0.", "\x85", "\u2028"])))
def test_any_text_is_read_or_refused_inside_its_bounds(text: str) -> None:
    documents = read_all(text, "f")

    for document in documents:
        _assert_inside(document.mistakes, {"f": text})


def _assert_inside(found: Iterable[Mistake], texts: Mapping[str, str]) -> None:
    for mistake in found:
        rows = lines(texts[mistake.file])
        assert 1 <= mistake.line <= len(rows)
        assert 1 <= mistake.col <= len(rows[mistake.line - 1]) + 1
