"""Sessions: turns with the whole conversation in their prompt, closed loops, and their law."""

import numpy as np
import pytest

from simulator.plant.api import ClassKnob, Outcome, ReplicaKnob, Served
from simulator.plant.client_spec import Session
from simulator.plant.hardware import lookup
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import (
    USERS,
    Balance,
    ClassSpec,
    Client,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    SharedPrompt,
)
from tests.plant.systems import (
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
HITS, MISSES = ReplicaProbe.HITS, ReplicaProbe.MISSES


def exactly(value: float) -> Distribution:
    return Distribution("fixed", value)


def turns(count: int, *, think_s: float = 5.0, words: float = 80, **more: float) -> Session:
    return Session(
        exactly(count),
        exactly(think_s * SECOND),
        exactly(words),
        **more,  # type: ignore[arg-type]  # numbers of a session
    )


def conversations(
    session: Session,
    times: Times,
    *,
    replicas: int = 1,
    balance: Balance = "round_robin",
    prompt: int = 160,
    output: int = 64,
    **of_class: object,
) -> Plant:
    chat = ClassSpec(
        "chat",
        "llm",
        exactly(prompt),
        exactly(output),
        client=Client(session=session),
        **of_class,  # type: ignore[arg-type]  # fields of a class
    )
    edge = EdgeSpec(USERS, "llm", balance=balance)
    return Plant(
        PlantSpec((PoolSpec("llm", H100, replicas),), (edge,), (chat,)), 1, {"chat": times}
    )


def test_every_turn_brings_the_whole_conversation() -> None:
    made = conversations(turns(4), Times([SECOND]))

    run_until(made, 60)

    row = made.class_row(0)
    assert row[ClassProbe.ARRIVED] == 4
    # 160, then each time the answer's 64 and 80 new ones.
    assert row[ClassProbe.PROMPT_TOKENS] == 160 + 304 + 448 + 592
    assert row[ClassProbe.OUTPUT_TOKENS] == 4 * 64
    assert made.in_flight() == 0


def test_a_turn_finds_all_before_it_in_the_prefix_cache_but_its_last_block() -> None:
    made = conversations(turns(4), Times([SECOND]))

    run_until(made, 60)

    # Held after a turn are prompt + answer less its last token, in full blocks of 16.
    found = [(tokens + 64 - 1) // 16 * 16 for tokens in (160, 304, 448)]
    assert made.replica_row(0)[HITS] == sum(found)


def test_an_answer_that_was_stopped_midway_is_found_as_far_as_it_went() -> None:
    made = conversations(turns(2), Times([SECOND]), output=4000, patience_ns=3 * SECOND)

    run_until(made, 5)
    generated = int(made.replica_row(0)[ReplicaProbe.GENERATION_TOKENS])
    run_until(made, 60)

    assert generated > 100
    # The second prompt is 160 + 80: what was not answered is not part of it, its question is.
    assert made.class_row(0)[ClassProbe.ARRIVED] == 2
    assert made.replica_row(0)[HITS] == 224


def test_sessions_share_a_system_prompt_and_nothing_else() -> None:
    times = Times([SECOND, 20 * SECOND])
    made = conversations(turns(1), times, prompt=400, shared_prompt=(SharedPrompt(160),))

    run_until(made, 60)

    assert made.replica_row(0)[HITS] == 160


def test_a_context_beyond_its_limit_is_found_no_more() -> None:
    made = conversations(turns(6, context_max=400), Times([SECOND]))
    rows = []
    for second in range(1, 60):
        run_until(made, second)
        rows.append(int(made.replica_row(0)[HITS]))

    assert made.class_row(0)[ClassProbe.PROMPT_TOKENS] == 160 + 304 + 4 * 400
    assert rows[-1] == 208  # of the second turn alone


@pytest.mark.parametrize("balance", ["consistent_hash", "prefix_aware"])
def test_turns_come_back_to_the_replica_that_knows_them(balance: Balance) -> None:
    def share_found(policy: Balance) -> float:
        made = conversations(turns(5), poisson(2, 20), replicas=4, balance=policy)
        run_until(made, 80)
        found = sum(int(made.replica_row(row)[HITS]) for row in range(4))
        return found / (found + sum(int(made.replica_row(row)[MISSES]) for row in range(4)))

    assert share_found(balance) > 0.6
    assert share_found("random") < 0.4


def test_a_failed_turn_may_end_the_session() -> None:
    def asked(share: float) -> int:
        made = plant(
            [pool("api", 1, fixed(1))],
            Times([SECOND]),
            client=Client(session=turns(5, gives_up_share=share)),
        )
        made.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)
        run_until(made, 60)
        return made.requests()

    assert (asked(0.0), asked(1.0)) == (5, 1)


def test_a_conversation_too_long_for_the_door_ends() -> None:
    made = conversations(turns(5), Times([SECOND]))
    made.turn_class(0, ClassKnob.PROMPT_TOKENS_MAX, 400)

    run_until(made, 60)

    assert outcomes(made)[Outcome.GOOD] == 2
    assert outcomes(made)[Outcome.REFUSED] == 1


def test_users_who_always_return_are_a_closed_loop() -> None:
    session = turns(2, returns_share=1.0)
    made = conversations(session, Times([SECOND]))

    made.stop_arrivals(300 * SECOND)
    run_until(made, 400)

    asked = made.requests()
    assert asked > 30
    assert asked == outcomes(made)[Outcome.GOOD]
    assert made.class_row(0)[ClassProbe.PROMPT_TOKENS] < 500 * asked


def repairman(users: int, servers: int, think: float, service: float) -> tuple[float, float]:
    """Throughput and response time of the machine repairman: N users, c servers, both exponential.

    Birth and death: with n waiting or served, arrivals come at (N - n) / Z, services end at
    min(n, c) / S (Kleinrock, Queueing Systems I, 1975, 3.8).
    """
    weights = [1.0]
    for n in range(users):
        weights.append(weights[-1] * (users - n) / think / (min(n + 1, servers) / service))
    shares = np.array(weights) / sum(weights)
    inside = float((np.arange(users + 1) * shares).sum())
    rate = (users - inside) / think
    return rate, inside / rate


@pytest.mark.parametrize("users", [3, 12])
def test_a_closed_loop_keeps_the_machine_repairmans_law(users: int) -> None:
    think, service, servers, lasts = 1.0, 0.2, 2, 3000.0
    session = Session(exactly(1e9), Distribution("exponential", think * SECOND), exactly(0))
    made = plant(
        [pool("api", servers, exponential(service * 1000))],
        Times([SECOND + i for i in range(users)]),
        client=Client(session=session),
    )
    run_until(made, 100)
    before = made.class_row(0)

    run_until(made, 100 + lasts)

    done, spent = (
        int(made.class_row(0)[column] - before[column])
        for column in (ClassProbe.ANSWERED_2XX, ClassProbe.E2E_NS)
    )
    rate, response = repairman(users, servers, think, service)
    assert done / lasts == pytest.approx(rate, rel=0.03)
    assert spent / done / SECOND == pytest.approx(response, rel=0.04)
    # And whatever the laws are, R = N / X - Z (Denning and Buzen 1978).
    assert spent / done / SECOND == pytest.approx(users / (done / lasts) - think, abs=0.05)


def test_an_action_that_changes_nothing_for_a_session_leaves_it_as_it_was() -> None:
    """Turns are keyed by session and number: what befalls others does not shift them."""

    def served(other_rate: float) -> dict[int, list[int]]:
        think = Distribution("exponential", 3 * SECOND)
        session = Session(Distribution("uniform", 1, 8), think, Distribution("uniform", 10, 300))
        laws = (Distribution("uniform", 20, 900), Distribution("uniform", 20, 200))
        chat = ClassSpec("chat", "llm", *laws, client=Client(session=session))
        job = ClassSpec("job", "api")
        spec = PlantSpec(
            (PoolSpec("llm", H100, 1), pool("api", 1, fixed(10))),
            (EdgeSpec(USERS, "llm"), EdgeSpec(USERS, "api")),
            (chat, job),
        )
        made = Plant(spec, 5, {"chat": poisson(0.5, 30), "job": poisson(20, 30)})
        made.keep_served(1000)
        run_until(made, 5)
        made.turn_class(1, ClassKnob.RATE_MAX, other_rate)
        run_until(made, 90)
        return {int(row[Served.KEY]): row.tolist() for row in made.served()}

    calm, limited = served(0.0), served(2.0)

    assert len(calm) > 30
    assert calm == limited


def test_a_slower_server_changes_when_turns_come_but_not_what_they_ask() -> None:
    def asked(slowdown: float) -> list[int]:
        session = Session(
            exactly(4), exactly(SECOND), Distribution("uniform", 10, 300), gives_up_share=1.0
        )
        made = conversations(session, poisson(0.5, 30))
        made.turn_replica(0, ReplicaKnob.SLOWDOWN, slowdown)
        run_until(made, 200)
        row = made.class_row(0)
        return [int(row[ClassProbe.PROMPT_TOKENS]), int(row[ClassProbe.OUTPUT_TOKENS])]

    assert asked(1.0) == asked(3.0)
