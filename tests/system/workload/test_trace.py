import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.errors import InvalidInput
from simulator.plant.api import Arrivals
from simulator.system.workload.model import Entry
from simulator.system.workload.sources import Sources
from simulator.system.workload.trace import read_azure
from simulator.units import MINUTE, MS, SECOND

AZURE = Path(__file__).parents[4] / "shared" / "data" / "traces"
HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
FIRST = "the first line must be TIMESTAMP,ContextTokens,GeneratedTokens;"
STAMP = "is not a TIMESTAMP; write 2023-11-16 18:15:46.680590"
FOUR = HEADER + (
    "2023-11-16 23:59:59.5000000,10,1\n"
    "2023-11-17 00:00:00.0000000,20,2\n"
    "2023-11-17 00:00:10.2500000,30,3\n"
    "2023-11-17 00:01:29.5000000,40,4\n"
)


def written(folder: Path, text: str = FOUR) -> Path:
    path = folder / "trace.csv"
    path.write_text(text, encoding="utf-8")
    return path


def sources(path: Path, seed: int = 7, **fields: Any) -> Sources:
    trace = {"file": path.name, **fields}
    entry = Entry.model_validate({"class": "chat", "trace": trace})
    return Sources([entry], seed, folder=path.parent)


def minutes(of: Sources, count: int, stream: int = 0) -> list[Arrivals]:
    return [of.minute("chat", stream, index) for index in range(count)]


def times(of: Sources, count: int, stream: int = 0) -> NDArray[np.int64]:
    return np.concatenate([one.times for one in minutes(of, count, stream)])


def prompts(of: Sources, count: int) -> list[int]:
    return [
        int(tokens)
        for one in minutes(of, count)
        if one.prompt_tokens is not None
        for tokens in one.prompt_tokens
    ]


@pytest.mark.parametrize(
    ("name", "requests", "rate", "cv", "prompt", "output"),
    [
        ("azure_llm_2023_conv.csv", 19366, 5.530, 1.094, 1154.7, 211.1),
        ("azure_llm_2023_code.csv", 8819, 2.566, 13.151, 2047.8, 27.9),
    ],
)
def test_the_public_traces_are_read_whole(
    name: str, requests: int, rate: float, cv: float, prompt: float, output: float
) -> None:
    if not (AZURE / name).exists():
        pytest.skip("the Azure traces are not on this machine")

    trace = read_azure(AZURE / name)

    between = np.diff(trace.times)
    assert trace.times.size == requests
    assert SECOND / between.mean() == pytest.approx(rate, abs=5e-4)
    assert between.std() / between.mean() == pytest.approx(cv, abs=5e-4)
    assert trace.prompt_tokens.mean() == pytest.approx(prompt, abs=0.05)
    assert trace.output_tokens.mean() == pytest.approx(output, abs=0.05)


def test_instants_count_from_the_first_across_midnight(tmp_path: Path) -> None:
    trace = read_azure(written(tmp_path))

    assert trace.times.tolist() == [0, 500 * MS, 10_750 * MS, 90 * SECOND]
    assert trace.prompt_tokens.tolist() == [10, 20, 30, 40]
    assert trace.output_tokens.tolist() == [1, 2, 3, 4]
    assert trace.lasts == 120 * SECOND


def test_played_once_a_trace_is_as_it_was(tmp_path: Path) -> None:
    first, second, third = minutes(sources(written(tmp_path), loops=False), 3)

    assert first.times.tolist() == [0, 500 * MS, 10_750 * MS]
    assert first.output_tokens is not None
    assert first.output_tokens.tolist() == [1, 2, 3]
    assert (second.times.tolist(), third.times.tolist()) == ([90 * SECOND], [])


def test_looping_keeps_order_and_tokens_and_starts_where_the_seed_says(tmp_path: Path) -> None:
    path = written(tmp_path)

    seen = prompts(sources(path), 20)
    other = times(sources(path, seed=8), 20)

    start = seen[0] // 10 - 1
    assert seen == [10 * ((start + i) % 4 + 1) for i in range(len(seen))]
    assert len(seen) == 40  # four requests every two minutes
    assert not np.array_equal(times(sources(path), 20)[:40], other[:40])


def test_speed_compresses_time(tmp_path: Path) -> None:
    arrived = times(sources(written(tmp_path), loops=False, speed=2), 1)

    assert arrived.tolist() == [0, 250 * MS, 5_375 * MS, 45 * SECOND]


def test_a_slice_starts_anew(tmp_path: Path) -> None:
    arrived = times(sources(written(tmp_path), loops=False, slice=["10s", "2m"]), 2)

    assert arrived.tolist() == [750 * MS, 80 * SECOND]


def test_scaling_brings_that_many_times_the_requests_near_their_time(tmp_path: Path) -> None:
    path = written(tmp_path)

    found = prompts(sources(path, scale=5), 2000)

    # 4,000 requests, each Poisson(5) times; the first and last may be moved out.
    assert len(found) == pytest.approx(20_000, abs=3 * math.sqrt(20_000))
    once = minutes(sources(path, scale=50, loops=False), 3)
    last = np.concatenate([one.times for one in once])[
        np.concatenate([one.prompt_tokens for one in once if one.prompt_tokens is not None]) == 40
    ]
    assert (np.abs(last - 90 * SECOND) <= 30 * SECOND).all()
    # Uniform over a minute: deviation 60 / sqrt(12) = 17.3 s.
    assert last.std() / SECOND == pytest.approx(17.3, abs=4)


def test_every_copy_falls_in_exactly_one_minute(tmp_path: Path) -> None:
    of = sources(written(tmp_path), scale=20)

    backward = [of.minute("chat", 0, index) for index in reversed(range(10))]

    for index, (one, other) in enumerate(zip(minutes(of, 10), reversed(backward), strict=True)):
        np.testing.assert_array_equal(one.times, other.times)
        assert (one.times // MINUTE == index).all()


def test_extra_streams_bring_other_requests_at_the_same_rate(tmp_path: Path) -> None:
    of = sources(written(tmp_path), loops=False)

    assert times(of, 20, stream=1).size == 40
    assert not np.array_equal(times(of, 20, stream=1), times(of, 20, stream=2))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param(
            "time,tokens\n", [(1, 1, f"{FIRST} found time,tokens")], id="another header",
        ),
        pytest.param(
            "", [(1, 1, f"{FIRST} found nothing")], id="empty",
        ),
        pytest.param(
            HEADER + "2023-11-16 18:15:46,1,2\n", [(2, 1, "a trace needs two requests")],
            id="one request",
        ),
        pytest.param(
            HEADER + "2023-11-16 18:15:46,1\n2023-11-16 18:15:47,1,many\n2023-13-16 18:15:47,1,2\n",
            [
                (2, 1, "a row has 3 cells; found 2"),
                (3, 23, "GeneratedTokens must be a whole number; found 'many'"),
                (4, 1, f"'2023-13-16 18:15:47' {STAMP}"),
            ],
            id="every wrong row",
        ),
        pytest.param(
            HEADER + "2023-11-16 18:15:46,1,2\n2023-11-16 18:15:45,1,2\n",
            [(3, 1, "earlier than the row before; sort the file by TIMESTAMP")], id="out of order",
        ),
    ],
)  # fmt: skip
def test_a_wrong_file_says_where_and_what(
    tmp_path: Path, text: str, places: list[tuple[int, int, str]]
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(InvalidInput) as refused:
        read_azure(path)

    found = [(one.file, one.line, one.col, one.message) for one in refused.value.mistakes]
    assert found == [(str(path), *place) for place in places]


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no trace can be read here"):
        sources(tmp_path / "none.csv")


def test_a_slice_without_requests_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="the slice holds no request"):
        sources(written(tmp_path), slice=["20s", "30s"])
