"""Figures of arrivals: known ones of made arrivals, published ones of real traces."""

from pathlib import Path

import numpy as np
import pytest

from simulator.system.workload.describe import Description, describe
from simulator.system.workload.formats import read_trace
from simulator.units import SECOND
from tests.instruments.development_data import DATA

TRACES = DATA / "traces"


def test_a_metronome_is_not_bursty_at_all() -> None:
    found = describe(np.arange(1201) * SECOND // 2)

    assert (found.rate, found.peak) == (2.0, 2.0)
    assert (found.gaps_cv, found.dispersion_second, found.dispersion_minute) == (0.0, 0.0, 0.0)
    assert sum(found.counts) == found.requests == 1201


def test_arrivals_in_pairs_vary_twice_as_much_as_their_count() -> None:
    keys = np.arange(20_000)
    uniform = ((keys * 0.6180339887498949) % 1.0 * 10_000 * SECOND).astype(np.int64)
    pairs = np.sort(np.repeat(uniform, 2))

    assert describe(pairs).gaps_cv > 1.0


def test_what_repeats_is_counted_from_the_beginning_only() -> None:
    times = np.array([0, SECOND, 2 * SECOND])
    prompts = np.array([1024, 1024, 600])

    found = describe(times, prompts, None, [(1, 2), (9, 2), (1, 2)])

    assert found.prefix_hit == pytest.approx(600 / 2648)
    assert found.output is None


def _of(name: str) -> Description:
    path: Path = TRACES / name
    if not path.is_file():
        pytest.skip(f"no trace {name} in {TRACES}")
    trace = read_trace(path)
    return describe(trace.times, trace.prompt_tokens, trace.output_tokens, trace.blocks)


def _medians(found: Description) -> tuple[float, ...]:
    assert found.prompt is not None
    assert found.output is not None
    prompt, output = found.prompt.quantiles, found.output.quantiles
    return prompt[0], prompt[-1], output[0], output[-1]


def test_azure_code_is_what_was_published() -> None:
    found = _of("azure_llm_2023_code.csv")

    assert found.rate == pytest.approx(2.57, abs=0.005)
    assert found.gaps_cv == pytest.approx(13.2, abs=0.1)
    assert found.peak == pytest.approx(32.7, rel=0.02)
    assert _medians(found) == pytest.approx((1469, 7436, 13, 252), abs=1)


def test_azure_conversation_is_what_was_published() -> None:
    found = _of("azure_llm_2023_conv.csv")

    assert found.rate == pytest.approx(5.53, abs=0.005)
    assert found.gaps_cv == pytest.approx(1.09, abs=0.005)
    assert _medians(found) == pytest.approx((1020, 4142, 129, 601), abs=1)


def test_mooncake_is_what_was_published() -> None:
    found = _of("mooncake_conversation.jsonl")

    assert found.rate == pytest.approx(3.40, abs=0.01)
    assert _medians(found) == pytest.approx((6909, 85_401, 350, 1120), abs=2)
    assert found.prefix_hit == pytest.approx(0.37, abs=0.005)
