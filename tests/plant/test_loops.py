"""Agents: loops whose prompts grow, calls with tokens of their own, and the limits of both."""

import pytest

from simulator.plant.api import ReplicaKnob
from simulator.plant.client_spec import Session
from simulator.plant.hardware import lookup
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import (
    USERS,
    Call,
    ClassSpec,
    Client,
    Distribution,
    EdgeSpec,
    Loop,
    Parallel,
    PlantSpec,
    PoolSpec,
    SharedPrompt,
    Step,
    Workers,
)
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
HITS, PROMPT_TOKENS = ReplicaProbe.HITS, ReplicaProbe.PROMPT_TOKENS
FINISHED, GENERATED = ReplicaProbe.FINISHED_STOP, ReplicaProbe.GENERATION_TOKENS


def exactly(value: float) -> Distribution:
    return Distribution("fixed", value)


def agent(
    *steps: Step,
    times: Times | None = None,
    prompt: int = 160,
    capacity: int = 4096,
    **more: object,
) -> Plant:
    """An agent's own steps, a model server and a tool."""
    asks = ClassSpec("chat", "agent", exactly(prompt), exactly(64), **more)  # type: ignore[arg-type]  # fields of a class
    spec = PlantSpec(
        (
            PoolSpec("agent", Workers(1000), 1, default_handler=steps),
            PoolSpec("llm", H100, 1),
            pool("tool", 100, fixed(50)),
        ),
        (EdgeSpec(USERS, "agent"), EdgeSpec("agent", "llm"), EdgeSpec("agent", "tool")),
        (asks,),
    )
    return Plant(spec, 1, {"chat": times or Times([SECOND])}, capacity=capacity)


def test_a_loop_runs_its_steps_as_often_as_drawn() -> None:
    rounds = Loop(exactly(4), (Call("llm"), Call("tool")))
    made = agent(rounds, Call("llm"))

    run_until(made, 60)

    assert made.replica_row(1)[FINISHED] == 5
    assert made.replica_row(2)[ReplicaProbe.COMPLETED] == 4
    assert outcomes(made)[-1] == 1


def test_a_growing_context_is_read_anew_and_found_in_the_prefix_cache() -> None:
    made = agent(Loop(exactly(3), (Call("llm"), Call("tool")), grows=exactly(100)))

    run_until(made, 60)

    row = made.replica_row(1)
    # Each round adds the model's 64 tokens and the tool's 100.
    assert row[PROMPT_TOKENS] == 160 + 324 + 488
    assert row[HITS] == sum((tokens + 64 - 1) // 16 * 16 for tokens in (160, 324))


def test_calls_have_tokens_of_their_own() -> None:
    plan = Call("llm", output_tokens=exactly(10))
    summary = Call("llm", prompt_tokens=exactly(1000), output_tokens=exactly(300))
    made = agent(plan, Call("llm"), summary)

    run_until(made, 60)

    row = made.replica_row(1)
    assert row[PROMPT_TOKENS] == 160 + 160 + 1000
    assert row[GENERATED] == 10 + 64 + 300
    # What the user asked for and is told stays what it was.
    assert made.class_row(0)[ClassProbe.OUTPUT_TOKENS] == 64


def test_a_context_grows_by_what_the_model_did_answer() -> None:
    plan = Call("llm", output_tokens=exactly(10))
    made = agent(Loop(exactly(3), (plan,), grows=exactly(100)))

    run_until(made, 60)

    assert made.replica_row(1)[PROMPT_TOKENS] == 160 + 270 + 380


def test_another_prompt_shares_only_what_its_class_shares() -> None:
    summary = Call("llm", prompt_tokens=exactly(400))
    loop = Loop(exactly(2), (Call("llm"), summary), grows=exactly(100))
    made = agent(loop, prompt=320, shared_prompt=(SharedPrompt(160),))

    run_until(made, 60)

    # Summaries find the system prompt; the second round's own prompt all of the first's, answered.
    assert made.replica_row(1)[HITS] == 160 + 160 + (320 + 64 - 1) // 16 * 16


@pytest.mark.parametrize(
    ("limit", "rounds"),
    [
        pytest.param({"times_max": 3}, 3, id="rounds"),
        pytest.param({"context_max": 400}, 2, id="tokens"),
        pytest.param({"within_ns": 300 * MS}, 1, id="time"),
    ],
)
def test_a_loop_ends_at_its_limits(limit: dict[str, int], rounds: int) -> None:
    steps = (Call("llm"), Call("tool"))
    made = agent(Loop(exactly(9), steps, grows=exactly(100), **limit))

    run_until(made, 60)

    assert made.replica_row(1)[FINISHED] == rounds


def test_no_rounds_are_none() -> None:
    made = agent(Loop(exactly(0), (Call("llm"),)), Call("tool"))

    run_until(made, 60)

    assert made.replica_row(1)[FINISHED] == 0
    assert made.replica_row(2)[ReplicaProbe.COMPLETED] == 1


def test_loops_within_loops_multiply() -> None:
    made = agent(Loop(exactly(3), (Loop(exactly(4), (Call("tool"),), 5), Call("llm"))))

    run_until(made, 60)

    assert made.replica_row(1)[FINISHED] == 3
    assert made.replica_row(2)[ReplicaProbe.COMPLETED] == 12


def test_too_many_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="200 times in all"):
        agent(Loop(exactly(1), (Loop(exactly(1), (Call("tool"),), 15),), 15))


def test_every_round_draws_anew() -> None:
    steps = (Loop(exactly(50), (exponential(10),), times_max=50),)
    made = plant([PoolSpec("a", Workers(1), 1, default_handler=steps)], Times([SECOND]))

    run_until(made, 60)

    busy = int(made.replica_row(0)[ReplicaProbe.BUSY_NS])
    assert busy / 50 / MS == pytest.approx(10, rel=0.5)
    assert busy % 50 != 0


def test_branches_of_every_round_draw_anew() -> None:
    forked = Parallel(((exponential(10),), (exponential(10),)))
    made = plant(
        [PoolSpec("a", Workers(9), 1, default_handler=(Loop(exactly(40), (forked,), 40),))],
        Times([SECOND]),
    )

    run_until(made, 60)

    assert int(made.replica_row(0)[ReplicaProbe.BUSY_NS]) / 80 / MS == pytest.approx(10, rel=0.4)


def test_a_retried_request_takes_as_many_rounds() -> None:
    def calls(retries: int) -> int:
        loop = Loop(Distribution("uniform", 1, 14), (Call("tool"),))
        made = agent(loop, Call("llm"), times=Times([SECOND + i for i in range(20)]),
                     client_retries_max=retries, client_backoff_ns=MS)  # fmt: skip
        made.turn_replica(1, ReplicaKnob.ERROR_SHARE, 1.0)
        run_until(made, 60)
        return int(made.replica_row(2)[ReplicaProbe.COMPLETED])

    assert calls(2) == 3 * calls(0)


def test_agents_keep_the_books_while_servers_come_and_go() -> None:
    def run(capacity: int) -> list[int]:
        loop = Loop(
            Distribution("uniform", 1, 6),
            (Call("llm", output_tokens=Distribution("uniform", 5, 90)), Call("tool")),
            grows=Distribution("exponential", 300),
        )
        made = agent(loop, times=poisson(4, 20), capacity=capacity, patience_ns=4 * SECOND,
                     client_retries_max=1)  # fmt: skip
        for second in (5, 8, 11, 14, 60):
            run_until(made, second)
            made.check_no_idling()
            if second in {5, 11}:
                made.kill(1)
            elif second in {8, 14}:
                made.revive(1)
                made.set_ready(1, ready=True)
        assert made.in_flight() == 0
        return [*outcomes(made), *made.replica_row(1).tolist(), *made.replica_row(2).tolist()]

    assert run(16) == run(4096)


def test_what_an_agent_read_stays_in_the_conversation() -> None:
    session = Session(exactly(2), exactly(SECOND), exactly(80))
    loop = Loop(exactly(2), (Call("llm"), Call("tool")), grows=exactly(100))
    made = agent(loop, client=Client(session=session))

    run_until(made, 60)

    # 160, 324 of the first turn; 488 are kept, and the second asks with 568 and 732.
    assert made.replica_row(1)[PROMPT_TOKENS] == 160 + 324 + 568 + 732
    found = [(tokens + 64 - 1) // 16 * 16 for tokens in (160, 324, 568)]
    assert made.replica_row(1)[HITS] == sum(found)
