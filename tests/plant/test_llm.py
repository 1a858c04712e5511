"""The model server gives what a plain, sequence-by-sequence one gives: equal, not close."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant.llm_spec import Adapters, Speculation
from simulator.plant.spec import Llm
from tests.plant.llm_player import (
    CompiledServer,
    Happening,
    JumpingServer,
    play,
    play_sparsely,
)
from tests.plant.reference_llm import PlainServer

SMALL = Llm(
    w_ms=5.5,
    s_us_per_token=170.0,
    p=2.8,
    c_ns_per_kv_token=4500.0,
    q_ns_per_pair=1200.0,
    head_ms=0.45,
    o_ms=1.0,
    r_us_per_sequence=40.0,
    m0_ms=0.7,
    m_us_per_token=1.7,
    kv_tokens=40 * 16,
    max_num_seqs=6,
    max_num_batched_tokens=48,
    model_tokens_max=300,
    queue_max=20,
)

STEADY = replace(
    SMALL, w_ms=10.0, s_us_per_token=1e-9, p=1.0, c_ns_per_kv_token=0.0, q_ns_per_pair=0.0,
    head_ms=0.0, o_ms=0.0, r_us_per_sequence=0.0, m0_ms=0.0, m_us_per_token=0.0,
)  # fmt: skip
"""Every step lasts 10 ms."""


def specs() -> st.SearchStrategy[Llm]:
    return st.builds(
        Llm,
        w_ms=st.sampled_from([5.5, 62.0]),
        s_us_per_token=st.sampled_from([17.4, 900.0]),
        p=st.sampled_from([1.0, 1.65, 2.8]),
        c_ns_per_kv_token=st.sampled_from([45.0, 5000.0]),
        q_ns_per_pair=st.sampled_from([1.2, 900.0]),
        head_ms=st.just(0.45),
        o_ms=st.just(1.0),
        r_us_per_sequence=st.just(4.0),
        m0_ms=st.sampled_from([0.0, 0.768]),
        m_us_per_token=st.sampled_from([0.0, 1.75]),
        kv_tokens=st.integers(10 * 16, 60 * 16),
        max_num_seqs=st.integers(1, 9),
        max_num_batched_tokens=st.sampled_from([5, 16, 50, 256]),
        model_tokens_max=st.sampled_from([100, 400]),
        step_noise_sigma=st.sampled_from([0.0, 0.0, 0.05]),
        queue_max=st.sampled_from([3, 100]),
        schedules_ahead=st.booleans(),
        whole_prompt_fits=st.booleans(),
        prefix_caching=st.booleans(),
    )


def singly(specs: st.SearchStrategy[Llm]) -> st.SearchStrategy[Llm]:
    """Servers that go through their batch one by one."""
    speculations = st.builds(
        Speculation,
        st.integers(1, 4),
        st.sampled_from([0.0, 0.6, 0.9]),
        st.sampled_from([0.0, 0.4]),
        st.sampled_from([0.0, 2.0]),
    )
    adapters = st.builds(
        Adapters,
        st.integers(1, 2),
        st.integers(2, 3),
        st.just(7_000_000),
        st.just(500_000),
        st.sampled_from([0.0, 0.15]),
    )
    return st.builds(
        replace,
        specs,
        by_priority=st.booleans(),
        speculation=st.none() | speculations,
        adapters=st.none() | adapters,
    )


def happenings() -> st.SearchStrategy[list[Happening]]:
    at = st.integers(0, 600_000_000)
    arrive = st.builds(
        Happening,
        at,
        st.just("arrive"),
        st.integers(1, 120),
        st.integers(1, 90),
        st.integers(0, 12),
        st.integers(0, 11),
    )
    other = st.one_of(
        st.builds(Happening, at, st.just("abort"), st.integers(0, 30)),
        st.builds(Happening, at, st.just("slow"), st.sampled_from([0, 500, 1000, 1000, 3700])),
        st.builds(Happening, at, st.just("seqs"), st.integers(0, 12)),
        st.builds(Happening, at, st.just("kv"), st.integers(2 * 16, 60 * 16)),
        st.builds(Happening, at, st.just("drafts"), st.sampled_from([0, 300, 950])),
        st.builds(Happening, at, st.just("reset")),
        st.builds(Happening, at, st.just("look")),
    )
    return st.tuples(st.lists(arrive, min_size=1, max_size=25), st.lists(other, max_size=8)).map(
        lambda both: both[0] + both[1]
    )


@settings(max_examples=150, deadline=None)
@given(specs(), happenings())
def test_engine_equals_the_plain_one_whatever_happens(spec: Llm, events: list[Happening]) -> None:
    compiled = play(CompiledServer(spec, 7, 40), events, steps_max=600)

    plain = play(PlainServer(spec, 7), events, steps_max=600)

    assert compiled == plain


@settings(max_examples=200, deadline=None)
@given(singly(specs()), happenings())
def test_going_one_by_one_equals_the_plain_one_whatever_happens(
    spec: Llm, events: list[Happening]
) -> None:
    compiled = play(CompiledServer(spec, 7, 40), events, steps_max=600)

    plain = play(PlainServer(spec, 7), events, steps_max=600)

    assert compiled == plain


@settings(max_examples=60, deadline=None)
@given(specs(), happenings())
def test_going_one_by_one_for_nothing_changes_nothing(spec: Llm, events: list[Happening]) -> None:
    plain = [replace(event, d=0) for event in events]
    singly = replace(spec, adapters=Adapters(1, 1))

    assert play(CompiledServer(singly, 7, 40), plain, steps_max=600) == play(
        CompiledServer(spec, 7, 40), plain, steps_max=600
    )


@settings(max_examples=150, deadline=None)
@given(specs(), happenings())
def test_leaving_out_quiet_steps_changes_no_nanosecond(spec: Llm, events: list[Happening]) -> None:
    jumping, few = play_sparsely(JumpingServer(spec, 7, 40), events, 1_000_000_000)

    plain, many = play_sparsely(PlainServer(spec, 7), events, 1_000_000_000)

    assert jumping == plain
    assert few <= many


def workload(requests: int, gap_ns: int) -> list[Happening]:
    events = [
        Happening(i * gap_ns, "arrive", 20 + 37 * i % 90, 1 + 53 * i % 110) for i in range(requests)
    ]
    events += [Happening(i * 7 * gap_ns + 5, "abort", i * 6) for i in range(requests // 7)]
    return [*events, Happening(40 * gap_ns, "slow", 2500), Happening(90 * gap_ns, "slow", 1000)]


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize(
    ("kv_blocks", "preempts"),
    [pytest.param(200, False, id="ample"), pytest.param(25, True, id="starved")],
)
def test_long_runs_are_equal_with_and_without_starvation(
    kv_blocks: int,
    preempts: bool,  # noqa: FBT001  a table
    ahead: bool,  # noqa: FBT001  a table
) -> None:
    spec = replace(SMALL, kv_tokens=kv_blocks * 16, queue_max=1000, schedules_ahead=ahead)
    events = workload(300, 300_000_000)

    compiled = CompiledServer(spec, 1, 300)
    seen = play(compiled, events, steps_max=100_000)

    assert seen == play(PlainServer(spec, 1), events, steps_max=100_000)
    assert (compiled.row().preemptions > 0) is preempts
    assert (compiled.row().running, compiled.row().waiting, compiled.row().kv_used) == (0, 0, 0)


@pytest.mark.parametrize("kv_blocks", [200, 25])
def test_long_runs_with_jumps_are_equal_in_far_fewer_events(kv_blocks: int) -> None:
    spec = replace(SMALL, kv_tokens=kv_blocks * 16, queue_max=1000, step_noise_sigma=0.05)
    events = [*workload(200, 500_000_000), Happening(7_123_456_789, "look")]

    jumping, few = play_sparsely(JumpingServer(spec, 1, 300), events, 1 << 60)

    plain, many = play_sparsely(PlainServer(spec, 1), events, 1 << 60)
    assert jumping == plain
    assert few < many / 3


def digest_of_a_run() -> str:
    spec = replace(SMALL, step_noise_sigma=0.05)
    seen = play(CompiledServer(spec, 3, 100), workload(100, 150_000_000), steps_max=4000)
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def test_interpreted_source_gives_the_same_run() -> None:
    source = "from tests.plant.test_llm import digest_of_a_run as d; print(d())"

    interpreted = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", source],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )

    assert interpreted.stdout.strip() == digest_of_a_run()


def _times_of(spec: Llm, happenings: list[Happening]) -> list[object]:
    server = PlainServer(spec, 7)
    play(server, happenings, 400)
    return [(call.scheduled_at, call.first_token_at) for call in server.calls.values()]


def test_scheduling_ahead_makes_newcomers_wait_for_a_batch_made_before_they_came() -> None:
    """10 ms a step: the second arrives in step 1, step 2 is already made, so it is in step 3."""
    happenings = [Happening(0, "arrive", 4, 20), Happening(1_000_000, "arrive", 4, 5)]

    plain = _times_of(STEADY, happenings)
    ahead = _times_of(replace(STEADY, schedules_ahead=True), happenings)

    assert plain == [(0, 10_000_000), (10_000_000, 20_000_000)]
    assert ahead == [(0, 10_000_000), (10_000_000, 30_000_000)]


@pytest.mark.parametrize(
    ("ahead", "admitted_ms"),
    [pytest.param(False, 20, id="known at once"), pytest.param(True, 30, id="a step later")],
)
def test_a_place_comes_free_when_the_server_knows_that_a_request_has_finished(
    ahead: bool,  # noqa: FBT001  a table
    admitted_ms: int,
) -> None:
    """One of the two in a full batch ends with step 2; the batch of step 3 is made before that."""
    spec = replace(STEADY, max_num_seqs=2, schedules_ahead=ahead)
    happenings = [Happening(0, "arrive", 4, output) for output in (2, 9, 3)]
    server = CompiledServer(spec, 7, 3)

    play(server, happenings, 400)

    third = server.call(2)
    # A batch made ahead is dated when it was made, a step before it starts.
    assert third[1] == (admitted_ms - 10 * ahead) * 1_000_000
    assert third[2] == (admitted_ms + 10) * 1_000_000


def test_a_server_ahead_takes_blocks_from_a_newest_that_has_just_finished() -> None:
    """Both fill the cache; the second ends as the first needs a block: counted, nobody suffers."""
    spec = replace(STEADY, kv_tokens=5 * 16, max_num_batched_tokens=256, schedules_ahead=True)
    happenings = [Happening(0, "arrive", 30, 20), Happening(0, "arrive", 40, 2)]
    servers = CompiledServer(spec, 7, 2), PlainServer(spec, 7)

    seen = [play(server, happenings, 400) for server in servers]

    assert seen[0] == seen[1]
    assert servers[0].row().preemptions == 1
    assert [servers[0].call(slot)[3] for slot in (0, 1)] == [0, 0]


def test_a_prompt_that_does_not_fit_whole_waits_rather_than_be_preempted() -> None:
    small = replace(SMALL, kv_tokens=10 * 16, max_num_batched_tokens=48)
    happenings = [Happening(0, "arrive", 90, 20), Happening(1, "arrive", 90, 20)]
    chunked, whole = (PlainServer(replace(small, whole_prompt_fits=on), 7) for on in (False, True))

    for server in (chunked, whole):
        play(server, happenings, 400)

    assert whole.preemptions == 0 < chunked.preemptions
