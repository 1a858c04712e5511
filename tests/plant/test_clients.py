"""Users' habits: patience by law, patience for the first token, reloads, backoff, coming back."""

import itertools

import pytest

from simulator.plant.api import ClassKnob, Outcome, ReplicaKnob
from simulator.plant.client_spec import Session
from simulator.plant.hardware import lookup
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import (
    USERS,
    Call,
    Client,
    Distribution,
    EdgeSpec,
    External,
    PlantSpec,
    PoolSpec,
    Workers,
)
from simulator.plant.spec import ClassSpec as Class
from tests.plant.systems import (
    MS,
    SECOND,
    Times,
    exponential,
    fixed,
    outcomes,
    plant,
    poisson,
    pool,
    run_until,
)

H100 = lookup("llama-3.1-8b/h100/tp1/bf16")


def after(seconds: float) -> Distribution:
    return Distribution("fixed", seconds * SECOND)


def provider(client: Client, times: Times, *, first_s: float, output: int) -> Plant:
    """One provider that starts to answer after a time and writes ten tokens a second."""
    served = External(after(first_s), tokens_per_second=10.0)
    chat = Class("chat", "api", output_tokens=Distribution("fixed", output), client=client)
    spec = PlantSpec((PoolSpec("api", served, 1),), (EdgeSpec(USERS, "api"),), (chat,))
    return Plant(spec, 1, {"chat": times})


def test_patience_is_drawn_by_the_request() -> None:
    client = Client(patience=Distribution("exponential", 2 * SECOND))
    made = plant([pool("api", 5000, fixed(2000))], poisson(50, 60), client=client)

    run_until(made, 70)

    abandoned, good = outcomes(made)[Outcome.ABANDONED], outcomes(made)[Outcome.GOOD]
    # Of exponential patience with a mean of 2 s, 1 / e outlast an answer that takes 2 s.
    assert good / (good + abandoned) == pytest.approx(0.368, abs=0.02)


def test_every_try_of_a_request_has_the_same_patience() -> None:
    def left_after(retries: int) -> int:
        client = Client(patience=Distribution("exponential", 3 * SECOND))
        made = plant(
            [pool("api", 1, fixed(1), queue_max=0)],
            Times([SECOND]),
            client=client,
            client_retries_max=retries,
            client_backoff_ns=100 * MS,
        )
        made.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)
        run_until(made, 60)
        return int(made.class_row(0)[ClassProbe.CLIENT_RETRIES])

    assert left_after(200) == left_after(250) > 0


@pytest.mark.parametrize(
    ("first_s", "outcome"),
    [
        pytest.param(0.5, Outcome.GOOD, id="who sees tokens stays for the rest"),
        pytest.param(1.5, Outcome.ABANDONED, id="who sees none leaves"),
    ],
)
def test_streaming_users_leave_when_no_token_comes(first_s: float, outcome: Outcome) -> None:
    client = Client(first_token_patience=after(1))
    made = provider(client, Times([SECOND]), first_s=first_s, output=100)

    run_until(made, 2.1)
    left = outcomes(made)[Outcome.ABANDONED]
    run_until(made, 30)

    assert outcomes(made)[outcome] == 1
    assert left == (outcome is Outcome.ABANDONED)


def test_patience_for_the_whole_counts_on_after_the_first_token() -> None:
    client = Client(first_token_patience=after(1), patience=after(5))
    made = provider(client, Times([SECOND]), first_s=0.5, output=100)

    run_until(made, 5.9)
    assert made.in_flight() == 1
    run_until(made, 6.1)

    assert outcomes(made)[Outcome.ABANDONED] == 1


def test_a_model_servers_first_token_is_seen() -> None:
    chat = Class(
        "chat",
        "llm",
        Distribution("fixed", 500),
        Distribution("fixed", 400),
        client=Client(first_token_patience=after(0.3)),
    )
    edge = EdgeSpec(USERS, "llm", timeout_ns=60 * SECOND, delay_ns=MS)
    spec = PlantSpec((PoolSpec("llm", H100, 1),), (edge,), (chat,))
    served = Plant(spec, 1, {"chat": Times([SECOND])})
    slow = Plant(spec, 1, {"chat": Times([SECOND])})
    slow.turn_replica(0, ReplicaKnob.SLOWDOWN, 30.0)

    for made in (served, slow):
        run_until(made, 30)

    assert outcomes(served)[Outcome.GOOD] == 1
    assert outcomes(slow)[Outcome.ABANDONED] == 1
    assert slow.replica_row(0)[ReplicaProbe.FINISHED_ABORT] == 1


def test_who_has_read_enough_stops_the_answer_and_frees_its_blocks() -> None:
    chat = Class(
        "chat",
        "llm",
        Distribution("fixed", 500),
        Distribution("fixed", 2000),
        client=Client(stops_share=1.0, stops_after=after(2)),
    )
    spec = PlantSpec((PoolSpec("llm", H100, 1),), (EdgeSpec(USERS, "llm"),), (chat,))
    made = Plant(spec, 1, {"chat": Times([SECOND])})

    run_until(made, 2.5)
    during = int(made.replica_row(0)[ReplicaProbe.KV_BLOCKS_USED])
    run_until(made, 4)
    row = made.replica_row(0)

    assert during > 40
    assert row[ReplicaProbe.KV_BLOCKS_USED] == 0
    assert 100 < row[ReplicaProbe.GENERATION_TOKENS] < 500
    assert row[ReplicaProbe.FINISHED_ABORT] == 1
    assert outcomes(made)[Outcome.GOOD] == 1
    assert made.class_row(0)[ClassProbe.ABANDONED] == 1


@pytest.mark.parametrize("cancels", [True, False])
def test_a_reload_asks_again_beside_or_instead_of_what_ran(cancels: bool) -> None:  # noqa: FBT001
    client = Client(patience=after(1), reload_share=1.0, reloads_max=2, reload_after=after(0))
    edge = EdgeSpec(USERS, "api", on_timeout="cancel" if cancels else "leave")
    made = plant([pool("api", 10, fixed(5000))], Times([SECOND]), edges=[edge], client=client)

    run_until(made, 3.5)
    running = made.replica_row(0)[ReplicaProbe.RUNNING]
    run_until(made, 20)

    row = made.class_row(0)
    assert running == (1 if cancels else 3)
    assert row[ClassProbe.ARRIVED] == 3
    assert row[ClassProbe.ABANDONED] == 3
    assert outcomes(made)[Outcome.ABANDONED] == 1
    assert made.in_flight() == 0


def test_a_share_of_users_reloads() -> None:
    client = Client(patience=after(1), reload_share=0.4, reloads_max=1)
    made = plant([pool("api", 9000, fixed(5000))], poisson(40, 60), client=client)

    run_until(made, 80)

    assert int(made.class_row(0)[ClassProbe.CLIENT_RETRIES]) / made.requests() == pytest.approx(
        0.4, abs=0.03
    )


def test_retries_back_off_as_the_openai_sdk_does() -> None:
    """0.5 s doubling to 8 s, each shortened by up to a quarter (openai-python, _base_client.py)."""
    client = Client(backoff_max_ns=8 * SECOND, backoff_jitter=0.25)
    made = plant(
        [pool("api", 1, fixed(1))],
        Times([SECOND]),
        client=client,
        client_retries_max=6,
        client_backoff_ns=SECOND // 2,
    )
    made.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)

    tries_at, seen = [], 0
    for tick in range(4000):
        run_until(made, 0.01 * tick)
        arrived = int(made.class_row(0)[ClassProbe.ARRIVED])
        if arrived > seen:
            tries_at.append(0.01 * tick)
            seen = arrived
    pauses = [later - at for at, later in itertools.pairwise(tries_at)]

    assert len(pauses) == 6
    for pause, longest in zip(pauses, [0.5, 1, 2, 4, 8, 8], strict=True):
        assert 0.75 * longest - 0.011 <= pause <= longest + 0.011


def test_who_heeds_retry_after_comes_in_a_herd() -> None:
    """Refused by a bucket that fills with one token in four seconds, all are told the same."""

    def retried_at(*, heeds: bool) -> list[int]:
        client = Client(backoff_max_ns=8 * SECOND, backoff_jitter=0.25, heeds_retry_after=heeds)
        made = plant(
            [pool("api", 50, fixed(1))],
            Times([SECOND + i * MS for i in range(40)]),
            client=client,
            client_retries_max=1,
            client_backoff_ns=SECOND // 2,
        )
        made.turn_class(0, ClassKnob.RATE_MAX, 0.25)
        made.turn_class(0, ClassKnob.RATE_MAX, 0.25)
        counts = []
        for tick in range(1, 80):
            run_until(made, 0.1 * tick)
            counts.append(int(made.class_row(0)[ClassProbe.ARRIVED]))
        return [b - a for a, b in itertools.pairwise(counts)]

    assert max(retried_at(heeds=True)[15:]) == 39
    assert max(retried_at(heeds=False)[15:], default=0) < 39


def test_who_was_let_down_comes_back_later_as_new_demand() -> None:
    client = Client(back_share=1.0, back_after=after(10))
    made = plant([pool("api", 1, fixed(1))], Times([SECOND]), client=client)
    made.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)

    run_until(made, 5)
    assert (made.requests(), made.in_flight()) == (1, 0)
    made.turn_replica(0, ReplicaKnob.ERROR_SHARE, 0.0)
    run_until(made, 30)

    assert made.requests() == 2
    assert outcomes(made)[Outcome.FAILED] == 1
    assert outcomes(made)[Outcome.GOOD] == 1


def test_nobody_comes_back_after_the_horizon() -> None:
    client = Client(back_share=1.0, back_after=after(10))
    made = plant([pool("api", 1, fixed(1))], Times([SECOND]), client=client)
    made.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)
    made.stop_arrivals(5 * SECOND)

    run_until(made, 60)

    assert (made.requests(), made.in_flight()) == (1, 0)


def test_habits_that_never_show_change_nothing() -> None:
    def run(client: Client | None) -> tuple[list[int], list[int]]:
        made = plant(
            [pool("api", 2, exponential(50))],
            poisson(45, 30),
            patience_ns=SECOND,
            client_retries_max=2,
            client=client,
        )
        run_until(made, 40)
        return outcomes(made), made.class_row(0).tolist()

    assert run(None) == run(Client(session=None)) == run(Client(first_token_patience=after(100)))


def test_growing_from_little_room_changes_nothing() -> None:
    client = Client(
        patience=Distribution("exponential", SECOND),
        reload_share=0.5,
        back_share=0.5,
        back_after=Distribution("exponential", 3 * SECOND),
        session=Session(
            Distribution("uniform", 1, 6),
            Distribution("exponential", SECOND),
            Distribution("fixed", 10),
        ),
    )

    def run(capacity: int) -> list[int]:
        made = plant(
            [pool("api", 2, exponential(50))], poisson(20, 30), client=client, capacity=capacity
        )
        run_until(made, 40)
        return [*outcomes(made), *made.class_row(0).tolist()]

    assert run(16) == run(4096)


def stalled(reads_per_second: float, *, holds: bool = True, output: int = 100) -> Plant:
    """A gateway that streams what a provider writes fast, to people who read slowly."""
    gateway = PoolSpec("gateway", Workers(4, holds_worker=holds), 1, default_handler=(Call("api"),))
    served = External(after(0.5), tokens_per_second=1000.0)
    client = Client(reads_ns_per_token=round(SECOND / reads_per_second) if reads_per_second else 0)
    chat = Class("chat", "gateway", output_tokens=Distribution("fixed", output), client=client)
    spec = PlantSpec(
        (gateway, PoolSpec("api", served, 1)),
        (EdgeSpec(USERS, "gateway"), EdgeSpec("gateway", "api")),
        (chat,),
    )
    return Plant(spec, 1, {"chat": Times([SECOND + i for i in range(6)])})


def test_slow_readers_hold_the_gateways_workers_until_they_have_read() -> None:
    fast, slow = stalled(0), stalled(10)

    for made in (fast, slow):
        run_until(made, 5)

    assert fast.replica_row(0)[ReplicaProbe.COMPLETED] == 6
    assert slow.replica_row(0)[ReplicaProbe.RUNNING] == 4
    assert slow.replica_row(0)[ReplicaProbe.QUEUED] == 2
    assert slow.replica_row(1)[ReplicaProbe.COMPLETED] == 4  # the provider is done long since
    # From the first token at 1.5 s on, a hundred tokens at ten a second.
    run_until(slow, 11.49)
    assert slow.replica_row(0)[ReplicaProbe.COMPLETED] == 0
    run_until(slow, 11.51)
    assert slow.replica_row(0)[ReplicaProbe.COMPLETED] == 4


def test_without_held_workers_slow_readers_only_stay_connected() -> None:
    made = stalled(10, holds=False)

    run_until(made, 5)

    assert made.replica_row(0)[ReplicaProbe.RUNNING] == 0
    assert made.in_flight() == 6


def test_who_reads_as_fast_as_tokens_come_holds_nothing() -> None:
    def ended_at(reads: float) -> int:
        made = stalled(reads)
        run_until(made, 20)
        return int(made.class_row(0)[ClassProbe.E2E_NS])

    assert ended_at(1000) == ended_at(0) < ended_at(999)


def test_a_gateway_that_dies_drops_its_readers() -> None:
    made = stalled(10)
    run_until(made, 5)

    made.kill(0)
    run_until(made, 30)

    assert outcomes(made)[Outcome.FAILED] == 6
    assert made.in_flight() == 0


def test_a_gateway_that_hangs_ends_no_stream_before_it_runs_again() -> None:
    made = stalled(10)
    run_until(made, 5)
    made.turn_replica(0, ReplicaKnob.REACHABLE, 0.0)

    run_until(made, 20)
    assert made.replica_row(0)[ReplicaProbe.COMPLETED] == 0
    made.turn_replica(0, ReplicaKnob.REACHABLE, 1.0)
    run_until(made, 40)

    assert made.replica_row(0)[ReplicaProbe.COMPLETED] == 6
