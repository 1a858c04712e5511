"""A fault must say where it is found, or find a component that goes without saying."""

import pytest

from simulator.errors import InvalidInput
from simulator.scenario.reader import load
from tests.drill.small import PATH

SHIFT = (
    "faults=[{kind: prompt_mix_shift, at: 1m, target: class/facts, share: 30%, "
    "prompt_tokens: {quantiles: {50%: 900, 99%: 1000}}}]"
)


def test_a_mix_shift_is_located_at_the_model_server_there_is() -> None:
    assert load(PATH, set_=(SHIFT,)).faults


def test_where_there_is_none_it_must_be_written() -> None:
    door_only = "components={door: {kind: workers, workers: 1}}"

    with pytest.raises(InvalidInput) as refused:
        load(PATH, set_=(SHIFT, door_only))

    assert "unlocated" in [mistake.code for mistake in refused.value.mistakes]
