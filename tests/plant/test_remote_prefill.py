"""Prompts computed at one server for another: the cache on its way, and what becomes of it."""

from dataclasses import replace
from typing import Literal

import pytest

from simulator.plant.api import Pause
from simulator.plant.hardware import lookup
from simulator.plant.llm_spec import RemotePrefill
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import (
    USERS,
    ClassSpec,
    Distribution,
    EdgeSpec,
    Llm,
    PlantSpec,
    PoolSpec,
    SharedPrompt,
)
from tests.plant.systems import SECOND, Times, poisson

MS = 1_000_000
Leaving = Literal["cancel", "leave"]
H100 = replace(lookup("llama-3.1-8b/h100/tp1/bf16"), request_overhead_ns=0)
SLOW_LINK = RemotePrefill("prefill", ns_per_token=1e6, latency_ns=5 * MS)  # 1 s for 1,000 tokens
DECODE, PREFILL = 0, 1
KV_USED = ReplicaProbe.KV_BLOCKS_USED


def split(
    spec: Llm,
    at_ms: list[int],
    *,
    tokens: int = 20,
    remote: RemotePrefill = SLOW_LINK,
    on_timeout: Leaving = "cancel",
    delay_ns: int = MS,
    **more: object,
) -> Plant:
    """Requests of 1,000 tokens at one prefill and one decode server."""
    lengths = Distribution("fixed", 1000), Distribution("fixed", tokens)
    chat = ClassSpec("chat", "decode", *lengths, **more)  # type: ignore[arg-type]  # its own fields
    pools = (
        PoolSpec("decode", replace(spec, prefill=remote), 1),
        PoolSpec("prefill", H100, 1),
    )
    edges = (
        EdgeSpec(USERS, "decode", on_timeout=on_timeout),
        EdgeSpec("decode", "prefill", delay_ns=delay_ns, on_timeout=on_timeout),
    )
    times = Times([each * MS for each in at_ms])
    return Plant(PlantSpec(pools, edges, (chat,)), 1, {"chat": times})


def run(plant: Plant, until_ms: int) -> None:
    while plant.advance(until_ms * MS, inclusive=True) is not Pause.DONE:
        pass
    plant.check_conservation()
    plant.check_no_idling()


def mean_s(plant: Plant, column: ClassProbe) -> float:
    row = plant.class_row(0)
    return float(row[column] / row[ClassProbe.ANSWERED_2XX] / SECOND)


def test_the_first_token_comes_from_the_one_side_and_the_others_from_the_other() -> None:
    plant = split(H100, [1])
    run(plant, 60_000)

    prefill, decode = plant.replica_row(PREFILL), plant.replica_row(DECODE)
    ttft, whole = mean_s(plant, ClassProbe.TTFT_NS), mean_s(plant, ClassProbe.E2E_NS)

    assert [row[ReplicaProbe.GENERATION_TOKENS] for row in (prefill, decode)] == [1, 19]
    assert [row[ReplicaProbe.STEPS] for row in (prefill, decode)] == [1, 19]
    assert prefill[ReplicaProbe.PROMPT_TOKENS] == 1000
    # There and back over the edge around the one step; then the cache, then nineteen steps.
    assert ttft == pytest.approx(0.002 + prefill[ReplicaProbe.BUSY_NS] / SECOND)
    steps = decode[ReplicaProbe.BUSY_NS] / SECOND
    assert whole == pytest.approx(ttft + 1.005 + 0.001 + steps, abs=1e-9)
    assert prefill[KV_USED] == decode[KV_USED] == 0


def test_transfers_of_one_server_go_one_after_another() -> None:
    plant = split(H100, [1, 2, 3])
    run(plant, 1900)

    waiting = [plant.replica_row(DECODE)[ReplicaProbe.QUEUED]]
    run(plant, 2900)
    waiting.append(plant.replica_row(DECODE)[ReplicaProbe.QUEUED])

    assert waiting == [2, 1]


def test_a_prompt_waits_for_room_and_is_kept_where_it_was_computed() -> None:
    """Room for one and a half prompts at the decoding server."""
    fast = replace(SLOW_LINK, ns_per_token=0.0, latency_ns=0)
    plant = split(replace(H100, kv_tokens=1600), [1, 2], tokens=200, remote=fast)
    run(plant, 200)

    kept = plant.replica_row(PREFILL)[KV_USED]
    run(plant, 60_000)

    assert kept == 63
    assert plant.replica_row(PREFILL)[KV_USED] == 0
    assert plant.class_row(0)[ClassProbe.ANSWERED_2XX] == 2


@pytest.mark.parametrize("at_ms", [500, 40])
def test_a_prompt_lost_on_the_way_is_computed_where_it_was_to_go(at_ms: int) -> None:
    """Lost while it is sent, or while it waits for room."""
    plant = split(H100, [1], remote=replace(SLOW_LINK, latency_ns=SECOND))
    run(plant, at_ms)

    plant.kill(PREFILL)
    run(plant, 60_000)

    decode = plant.replica_row(DECODE)
    assert plant.class_row(0)[ClassProbe.ANSWERED_2XX] == 1
    assert decode[ReplicaProbe.PROMPT_TOKENS] == 1000
    assert decode[ReplicaProbe.GENERATION_TOKENS] == 20
    assert decode[KV_USED] == 0


def test_a_prompt_is_not_sent_by_a_server_that_was_lost_before_there_was_room() -> None:
    """The first leaves room to the second while news of the loss takes 20 ms."""
    fast = replace(SLOW_LINK, ns_per_token=0.0, latency_ns=0)
    small = replace(H100, kv_tokens=1600)
    rehearsal, plant = (split(small, [1, 2], remote=fast, delay_ns=20 * MS) for _ in range(2))
    room_at = first_end_ms(rehearsal)

    run(plant, room_at - 10)
    plant.kill(PREFILL)
    run(plant, 60_000)

    assert plant.class_row(0)[ClassProbe.ANSWERED_2XX] == 2
    assert plant.replica_row(DECODE)[ReplicaProbe.PROMPT_TOKENS] == 1000


def first_end_ms(plant: Plant) -> int:
    at = 0
    while plant.class_row(0)[ClassProbe.ANSWERED_2XX] == 0:
        at += 1
        run(plant, at)
    return at


def test_without_anybody_to_compute_it_a_prompt_is_computed_here() -> None:
    plant = split(H100, [1])
    plant.set_ready(PREFILL, ready=False)
    run(plant, 60_000)

    assert plant.class_row(0)[ClassProbe.ANSWERED_2XX] == 1
    assert plant.replica_row(DECODE)[ReplicaProbe.PROMPT_TOKENS] == 1000


@pytest.mark.parametrize("on_timeout", ["cancel", "leave"])
def test_nothing_is_kept_for_users_who_left(on_timeout: Leaving) -> None:
    plant = split(H100, [1, 2, 3], patience_ns=1500 * MS, on_timeout=on_timeout)
    run(plant, 1400)
    held = plant.replica_row(PREFILL)[KV_USED]

    run(plant, 60_000)

    assert held == 2 * 63
    assert plant.class_row(0)[ClassProbe.ABANDONED] == 2
    assert plant.replica_row(PREFILL)[KV_USED] == plant.replica_row(DECODE)[KV_USED] == 0


def test_a_killed_decoding_server_frees_what_was_kept_for_it() -> None:
    plant = split(H100, [1, 2])
    run(plant, 500)
    held = plant.replica_row(PREFILL)[KV_USED]

    plant.kill(DECODE)
    run(plant, 1000)

    assert held == 2 * 63
    assert plant.replica_row(PREFILL)[KV_USED] == 0


def test_an_answer_of_one_token_needs_no_transfer() -> None:
    plant = split(H100, [1], tokens=1)
    run(plant, 900)

    assert plant.class_row(0)[ClassProbe.ANSWERED_2XX] == 1
    assert plant.replica_row(DECODE)[ReplicaProbe.STEPS] == 0


def test_prefixes_are_cached_where_prompts_are_computed() -> None:
    plant = split(H100, [1, 3000], shared_prompt=(SharedPrompt(800),))
    run(plant, 60_000)

    assert plant.replica_row(PREFILL)[ReplicaProbe.HITS] == 800
    assert plant.replica_row(DECODE)[ReplicaProbe.HITS] == 0


def test_a_storm_of_losses_leaves_nothing_behind() -> None:
    """Starved caches, a slow link, impatient users, and servers killed again and again."""
    chat = ClassSpec(
        "chat", "decode", Distribution("exponential", 900), Distribution("exponential", 60),
        patience_ns=2 * SECOND, client_retries_max=1,
    )  # fmt: skip
    remote = RemotePrefill("prefill", ns_per_token=20_000.0)
    pools = (
        PoolSpec("decode", replace(H100, kv_tokens=9000, prefill=remote, schedules_ahead=True), 1),
        PoolSpec("prefill", replace(H100, kv_tokens=9000, schedules_ahead=True), 1),
    )
    edges = (
        EdgeSpec(USERS, "decode"),
        EdgeSpec("decode", "prefill", MS, timeout_ns=SECOND, retries_max=1, on_timeout="leave"),
    )
    plant = Plant(PlantSpec(pools, edges, (chat,)), 1, {"chat": poisson(25, 12)})

    for round_ in range(12):
        victim = (PREFILL, DECODE, PREFILL)[round_ % 3]
        run(plant, 1000 * round_ + 700)
        plant.kill(victim)
        plant.check_conservation()
        plant.revive(victim)
        plant.set_ready(victim, ready=True)
    run(plant, 40_000)

    assert plant.in_flight() == 0
    assert plant.class_row(0)[ClassProbe.ANSWERED_2XX] > 0
    for replica in (DECODE, PREFILL):
        row = plant.replica_row(replica)
        assert [row[KV_USED], row[ReplicaProbe.QUEUED], row[ReplicaProbe.RUNNING]] == [0, 0, 0]
