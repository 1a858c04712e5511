import math
import os
import subprocess
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.errors import InvariantViolated, NotFound
from simulator.system.workload import azure, gaps
from simulator.system.workload.generate import cosine_of_turns
from simulator.system.workload.model import Entry
from simulator.system.workload.sources import Sources
from simulator.units import MINUTE, SECOND


def sources(seed: int = 7, starts_at_ns: int = 0, **fields: Any) -> Sources:
    entry = Entry.model_validate({"class": "chat", **fields})
    return Sources([entry], seed, starts_at_ns=starts_at_ns)


def times(of: Sources, minutes: int, stream: int = 0) -> NDArray[np.int64]:
    return np.concatenate([of.minute("chat", stream, i).times for i in range(minutes)])


def variation(values: NDArray[np.int64]) -> float:
    return float(values.std() / values.mean())


def per_second(arrived: NDArray[np.int64], seconds: int) -> NDArray[np.int64]:
    return np.bincount(arrived // SECOND, minlength=seconds)


GENERATORS: list[dict[str, Any]] = [
    {"poisson": "50/s"},
    {"bursty": {"rate": "20/s", "cv": 4}},
    {"azure_conversation": {}},
    {"azure_code": {"rate": "10/s"}},
]


def test_poisson_counts_have_the_rate_as_mean_and_variance() -> None:
    counts = per_second(times(sources(poisson="50/s"), 120), 7200)

    # Three standard errors: of a mean, and of a variance of Poisson counts (2 rate^2 + rate).
    assert counts.mean() == pytest.approx(50, abs=3 * math.sqrt(50 / 7200))
    assert counts.var() == pytest.approx(50, abs=3 * math.sqrt((2 * 50**2 + 50) / 7200))


def test_poisson_gaps_are_exponential() -> None:
    between = np.diff(times(sources(poisson="50/s"), 120)) / SECOND

    for share in (0.1, 0.5, 0.9, 0.99):
        below = (between < -math.log(1 - share) / 50).mean()
        assert below == pytest.approx(share, abs=3 * math.sqrt(share * (1 - share) / between.size))


@pytest.mark.parametrize("cv", [1.0, 1.5, 3.0, 8.0])
def test_bursty_arrivals_have_the_rate_and_variation_asked_for(cv: float) -> None:
    minutes = 400
    arrived = times(sources(bursty={"rate": "20/s", "cv": cv}), minutes)

    # A renewal count over t has variance cv^2 x rate x t. The variation's own error is that of a
    # second moment; the mixture's fourth moment makes it about cv^2 x sqrt(6 / n).
    expected = 20 * 60 * minutes
    assert arrived.size == pytest.approx(expected, abs=3 * cv * math.sqrt(expected))
    error = 3 * cv * cv * math.sqrt(6 / expected)
    assert variation(np.diff(arrived)) == pytest.approx(cv, abs=error)


def test_mixtures_of_gaps_have_the_moments_they_are_named_after() -> None:
    assert gaps.bursty(0.5, 3.0).mean == pytest.approx(0.5)
    assert gaps.bursty(0.5, 3.0).cv == pytest.approx(3.0)
    assert gaps.azure_code().mean == pytest.approx(1.0)
    # Measured on the code trace as a whole; the mixture was fitted to its two parts.
    assert gaps.azure_code().cv == pytest.approx(13.15, abs=0.05)


def test_conversation_levels_have_a_mean_of_one() -> None:
    points = azure.CONVERSATION_LEVELS
    mean = sum((p1 - p0) * (v1 - v0) / math.log(v1 / v0) for (p0, v0), (p1, v1) in pairwise(points))

    assert mean == pytest.approx(1.0, abs=1e-4)  # four digits are written


@pytest.mark.parametrize(
    ("preset", "rate", "cv", "cv_error"),
    [
        # Levels last 300 s: 240 of them, deviation 0.19; bursts: the index of dispersion is cv^2.
        pytest.param("azure_conversation", 5.53, 1.094, 0.02, id="conversation"),
        pytest.param("azure_code", 2.57, 13.15, 0.9, id="code"),
    ],
)
def test_presets_look_like_their_traces(
    preset: str, rate: float, cv: float, cv_error: float
) -> None:
    seconds = 1200 * 60
    generator: dict[str, Any] = {preset: {}}
    arrived = times(sources(**generator), 1200)

    drift = 0.19 * rate * seconds / math.sqrt(seconds / 300) if preset.endswith("tion") else 0.0
    error = 3 * math.hypot(cv * math.sqrt(rate * seconds), drift)
    assert arrived.size == pytest.approx(rate * seconds, abs=error)
    assert variation(np.diff(arrived)) == pytest.approx(cv, abs=cv_error)


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda of: next(iter(of)))
def test_minutes_do_not_depend_on_what_was_asked_before(generator: dict[str, Any]) -> None:
    forward, backward = sources(**generator), sources(**generator)

    straight = [forward.minute("chat", 0, i).times for i in range(12)]
    reverse = [backward.minute("chat", 0, i).times for i in reversed(range(12))]

    for one, other in zip(straight, reversed(reverse), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda of: next(iter(of)))
def test_arrivals_lie_in_their_minute_in_order(generator: dict[str, Any]) -> None:
    of = sources(**generator)

    for index in (-10, -1, 0, 1, 77):
        arrived = of.minute("chat", 0, index).times

        assert (np.diff(arrived) >= 0).all()
        assert ((arrived >= index * MINUTE) & (arrived < (index + 1) * MINUTE)).all()


@given(seed=st.integers(0, 2**63 - 1), index=st.integers(-1000, 100_000))
def test_any_seed_and_minute_gives_the_same_arrivals_twice(seed: int, index: int) -> None:
    first = sources(seed, poisson="5/s").minute("chat", 0, index)
    second = sources(seed, poisson="5/s").minute("chat", 0, index)

    np.testing.assert_array_equal(first.times, second.times)


def test_streams_and_seeds_are_independent() -> None:
    base = per_second(times(sources(poisson="50/s"), 60), 3600)
    others = [
        per_second(times(sources(poisson="50/s"), 60, stream=1), 3600),
        per_second(times(sources(poisson="50/s"), 60, stream=2), 3600),
        per_second(times(sources(8, poisson="50/s"), 60), 3600),
    ]

    for other in others:
        # A correlation of independent counts has a standard error of 1 / sqrt(n).
        assert abs(np.corrcoef(base, other)[0, 1]) < 3 / math.sqrt(3600)
        assert other.mean() == pytest.approx(50, abs=3 * math.sqrt(50 / 3600))


def test_another_entry_leaves_the_first_ones_arrivals_alone() -> None:
    plain = Entry.model_validate({"class": "chat", "poisson": "20/s"})
    more = Entry.model_validate({"class": "chat", "bursty": {"rate": "5/s", "cv": 2}})

    alone = Sources([plain], 7).minute("chat", 0, 3).times
    both = Sources([plain, more], 7).minute("chat", 0, 3).times

    assert np.isin(alone, both).all()
    assert both.size > alone.size


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        pytest.param({"diurnal": {"peak": 1.5, "period": "1h"}}, 3600.0, id="a whole day"),
        pytest.param(
            {"diurnal": {"peak": 1.5, "period": "2h", "phase": "30m"}},
            3600 + 0.5 * 7200 / math.pi, id="the better half of a day",
        ),
        pytest.param(
            {"steps": [{"at": "10m", "factor": 3}, {"at": "20m", "factor": 0.5}]},
            600 + 1800 + 0.5 * 2400, id="steps",
        ),
        pytest.param(
            {"ramp": {"at": "10m", "lasts": "20m", "to": 3}}, 600 + 2 * 1200 + 3 * 1800, id="ramp"
        ),
        pytest.param(
            {"flash_crowd": {"at": "10m", "peak": 5, "rise": "1m", "decay": "5m"}},
            3600 + 4 * 30 + 4 * 300 / math.log(2) * (1 - 2 ** (-2940 / 300)), id="flash crowd",
        ),
        pytest.param(
            {"steps": [{"at": "30m", "factor": 0}], "ramp": {"lasts": "0", "to": 2}},
            3600.0, id="shapes multiply",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("generator", [{"poisson": "30/s"}, {"bursty": {"rate": "30/s", "cv": 2}}])
def test_a_shape_brings_as_many_as_its_area(
    generator: dict[str, Any], shape: dict[str, Any], expected: float
) -> None:
    arrived = times(sources(**generator, shape=shape), 60)

    cv = 2 if "bursty" in generator else 1
    assert arrived.size == pytest.approx(30 * expected, abs=3 * cv * math.sqrt(30 * expected))


def test_a_step_is_felt_at_its_second() -> None:
    shape = {"steps": [{"at": "61s", "factor": 0}, {"at": "125s", "factor": 1}]}

    counts = per_second(times(sources(poisson="500/s", shape=shape), 3), 180)

    assert (counts[:61] > 0).all()
    assert (counts[61:125] == 0).all()
    assert (counts[125:] > 0).all()


def test_shapes_follow_the_drill_and_not_the_plant() -> None:
    shape = {"steps": [{"at": "1m", "factor": 0}]}
    late = sources(poisson="50/s", shape=shape, starts_at_ns=10 * MINUTE)

    sizes = [late.minute("chat", 0, i).times.size > 0 for i in (9, 10, 11)]

    assert sizes == [True, True, False]


def test_no_rate_brings_nobody() -> None:
    assert times(sources(poisson="0/s"), 5).size == 0


def test_a_class_without_arrivals_is_quiet_and_an_unknown_one_an_error() -> None:
    of = Sources([], 7, classes=("chat",))

    assert of.minute("chat", 0, 0).times.size == 0
    with pytest.raises(NotFound, match=r"no class with a workload 'chit' \(did you mean 'chat'"):
        of.minute("chit", 0, 0)


def test_drill_time_starts_on_a_whole_second() -> None:
    with pytest.raises(InvariantViolated):
        sources(poisson="1/s", starts_at_ns=SECOND // 2)


@given(st.floats(-1e6, 1e6))
def test_our_cosine_is_a_cosine(turns: float) -> None:
    # The platform's is given an angle reduced exactly, so that only the series differs.
    exact = math.cos(2 * math.pi * math.fmod(turns, 1.0))

    assert cosine_of_turns(turns) == pytest.approx(exact, abs=1e-9)


DIGEST = """
import hashlib
from simulator.system.workload.model import Entry
from simulator.system.workload.sources import Sources

shape = {"diurnal": {"peak": 1.4, "period": "10m"}, "ramp": {"lasts": "2m", "to": 2},
         "flash_crowd": {"at": "1m", "peak": 3}, "steps": [{"at": "90s", "factor": 0.5}]}
entries = [Entry.model_validate({"class": "chat", **fields}) for fields in (
    {"poisson": "3/s", "shape": shape}, {"bursty": {"rate": "2/s", "cv": 2}, "shape": shape},
    {"azure_conversation": {"rate": "2/s"}}, {"azure_code": {"rate": "2/s"}})]
sources = Sources(entries, 7)
digest = hashlib.sha256()
for minute in (-1, 0, 1, 2, 130):
    digest.update(sources.minute("chat", 1, minute).times.tobytes())
print(digest.hexdigest())
"""


def test_arrivals_are_the_same_compiled_or_not_and_under_any_hash_seed() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled, "PYTHONHASHSEED": hash_seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for disabled, hash_seed in (("0", "0"), ("0", "1"), ("1", "2"))
    ]  # fmt: skip

    assert len(set(said)) == 1


def test_users_come_in_one_by_one_and_only_once() -> None:
    of = sources(users={"count": 300, "over": "150s"})

    found = times(of, 5)

    assert found.size == 300
    assert np.array_equal(found // (SECOND // 2), np.arange(300))
    assert times(of, 5, stream=1).size == 0


def test_many_users_in_a_moment_are_all_there() -> None:
    assert times(sources(users={"count": 1000, "over": "1s"}), 2).size == 1000
