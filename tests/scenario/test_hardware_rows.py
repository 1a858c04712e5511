"""A scenario may name a file with a model server's numbers; its mistakes are told in that file."""

from dataclasses import replace

import pytest

from simulator.errors import InvalidInput
from simulator.plant.spec import Llm
from simulator.scenario.reader import build
from simulator.scenario.source import Source
from tests.scenario.small import FILES, changed, said, source

_NAMED = changed(("hardware: llama-3.1-8b/h100/tp1/bf16", "hardware: rows/mine.yaml"))
_ROW = """\
w_ms: 20.3
s_us_per_token: 88.4
c_ns_per_kv_token: 82
q_ns_per_pair: 5.2
kv_tokens: 50000
"""


def _with_row(text: str) -> Source:
    return replace(source(_NAMED), files={**FILES, "rows/mine.yaml": text})


def test_a_file_with_a_row_is_what_the_server_is() -> None:
    scenario = build(_with_row(_ROW))

    served = scenario.components["llm"].discipline()
    assert isinstance(served, Llm)
    assert (served.w_ms, served.kv_tokens) == (20.3, 50_000)


def test_a_file_that_is_not_there_is_told_once() -> None:
    told = [line for line in said(_NAMED) if "rows/mine.yaml" in line]

    assert len(told) == 1
    assert "no file 'rows/mine.yaml' beside the scenario [no-file]" in told[0]


def test_a_mistake_in_a_row_is_told_in_its_file() -> None:
    with pytest.raises(InvalidInput) as caught:
        build(_with_row(_ROW.replace("w_ms: 20.3", "w_ms: -1")))

    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "rows/mine.yaml:1:7: w_ms: should be greater than 0, not -1 [out-of-range]"
    ]
