"""Published traces are told apart and read; wrong rows are all named."""

from pathlib import Path

import numpy as np
import pytest

from simulator.errors import InvalidInput
from simulator.system.workload.formats import read_trace
from simulator.system.workload.model import Entry
from simulator.system.workload.sources import Sources
from simulator.units import MINUTE, MS, SECOND

BURST = """\
Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
5,ChatGPT,472,18,490,Conversation log
45.5,ChatGPT,1087,0,1087,Conversation log
118,GPT-4,417,276,693,API log
"""
MOONCAKE = """\
{"timestamp": 0, "input_length": 1200, "output_length": 5, "hash_ids": [1, 2, 3]}
{"timestamp": 2500, "input_length": 600, "output_length": 7, "hash_ids": [1, 9]}
"""
PLAIN = (
    "time,class,input_tokens,output_tokens\n0,chat,10,1\n1,search,,\n2.5,chat,30,3\n4,search,,\n"
)


def _written(folder: Path, text: str) -> Path:
    path = folder / "trace.any"
    path.write_text(text, encoding="utf-8")
    return path


def test_burstgpt_leaves_the_length_of_failed_answers_to_the_class(tmp_path: Path) -> None:
    trace = read_trace(_written(tmp_path, BURST))

    assert trace.times.tolist() == [0, 40_500 * MS, 113 * SECOND]
    assert trace.prompt_tokens.tolist() == [472, 1087, 417]
    assert trace.output_tokens.tolist() == [18, -1, 276]


def test_mooncake_keeps_its_prefix_blocks(tmp_path: Path) -> None:
    trace = read_trace(_written(tmp_path, MOONCAKE))

    assert trace.times.tolist() == [0, 2500 * MS]
    assert trace.blocks == ((1, 2, 3), (1, 9))


def test_a_plain_trace_gives_a_class_its_own_requests(tmp_path: Path) -> None:
    trace = read_trace(_written(tmp_path, PLAIN), "search")

    assert trace.times.tolist() == [0, 3 * SECOND]
    assert trace.prompt_tokens.tolist() == [-1, -1]


def test_a_plain_trace_plays_in_a_drill(tmp_path: Path) -> None:
    path = _written(tmp_path, PLAIN)
    entry = Entry.model_validate({"class": "chat", "trace": {"file": path.name, "loops": False}})

    arrivals = Sources([entry], 1, folder=tmp_path).minute("chat", 0, 0)

    assert arrivals.times.tolist() == [0, 2500 * MS]
    assert arrivals.prompt_tokens is not None
    assert arrivals.prompt_tokens.tolist() == [10, 30]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", ["1:1: the first line must be that of a known trace"]),
        ("time,class\n1,x\nsoon,x\n0,x\n", ["3:1: time must be a number", "4:1: earlier than"]),
        ("time,class\n1\n", ["2:1: a row has 2 cells; found 1"]),
        ('{"timestamp": 1}\n{"timestamp": -1}\n{\n', ["2:1: timestamp must be", "3:1: a line"]),
        ('{"timestamp": 1, "hash_ids": 3}\n', ["1:1: a line must be an object"]),
        ("time,class,input_tokens\n1,x,1.5\n", ["2:1: input_tokens must be a whole number"]),
        ("time,class\n1,x\n", ["1:1: a trace needs two requests"]),
    ],
)
def test_wrong_rows_are_all_named(tmp_path: Path, text: str, said: list[str]) -> None:
    path = _written(tmp_path, text)

    with pytest.raises(InvalidInput) as caught:
        read_trace(path)

    found = [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))


def _series(folder: Path, text: str, **fields: object) -> Sources:
    (folder / "rates.csv").write_text(text, encoding="utf-8")
    entry = Entry.model_validate({"class": "chat", "rate_series": {"file": "rates.csv", **fields}})
    return Sources([entry], 3, folder=folder)


def test_a_rate_series_is_followed_and_goes_round(tmp_path: Path) -> None:
    of = _series(tmp_path, "time,rate\n0,100\n60,0\n", scale=2.0)

    counts = [of.minute("chat", 0, index).times.size for index in range(4)]

    # Four standard deviations of a Poisson count of 12,000 are 438.
    assert counts == [pytest.approx(12_000, abs=438), 0, pytest.approx(12_000, abs=438), 0]


def test_speed_compresses_a_rate_series_in_time(tmp_path: Path) -> None:
    times = _series(tmp_path, "time,rate\n0,0\n60,50\n", speed=2.0).minute("chat", 0, 0).times

    assert times.min() >= MINUTE // 2
    assert np.diff(times).min() >= 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time;rate\n", "the first line must be time,rate; found time;rate"),
        ("time,rate\n0,1\n0,2\n", "not later than the row before"),
        ("time,rate\n0,-1\n1,1\n", "a row is seconds and requests per second"),
        ("time,rate\n0,1\n", "needs two rows"),
    ],
)
def test_a_rate_series_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        _series(tmp_path, text)
