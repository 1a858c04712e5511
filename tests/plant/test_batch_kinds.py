"""What batch servers answer: padding by length, verdicts at their rates, reranking, ways out."""

from typing import Any

import pytest

from simulator.plant.api import ClassKnob, Outcome, PoolKnob, ReplicaKnob
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, EdgeProbe, ReplicaProbe
from simulator.plant.spec import (
    Batch,
    Call,
    Distribution,
    EdgeSpec,
    Parallel,
    PoolSpec,
    Step,
    VectorIndex,
    Verdict,
)
from tests.plant.systems import MS, SECOND, Times, fixed, outcomes, plant, pool, run_until

US = 1000
COUNT = 2000
EVERY = Times([i * 5 * MS for i in range(COUNT)])


def batched(name: str = "b", **options: Any) -> PoolSpec:
    served = Batch(**{"batch_max": 8, "window_ns": 0, "base_ns": MS, "per_item_ns": 0, **options})
    return PoolSpec(name, served, 1)


def guarded(
    *, unsafe: float, verdict: Verdict, on_error: str = "", more: tuple[Step, ...] = ()
) -> Plant:
    """A front that asks a guardrail and then works for a millisecond."""
    call = Call("guard", on_error=on_error)  # type: ignore[arg-type]  # one of its words
    return plant(
        [pool("a", 99, call, *more, fixed(1)), batched("guard", verdict=verdict)],
        EVERY, unsafe_share=unsafe, edges=[EdgeSpec("a", "guard", timeout_ns=SECOND)],
    )  # fmt: skip


def about(share: float, count: int) -> Any:
    """Four standard deviations of a binomial count."""
    return pytest.approx(share * count, abs=4 * (count * share * (1 - share)) ** 0.5 + 1e-9)


def probes(system: Plant, replica: int) -> dict[str, int]:
    row = system.replica_row(replica)
    return {probe.name: int(row[probe]) for probe in ReplicaProbe}


def test_a_prompt_is_cut_to_what_the_model_reads_and_costs_by_the_token() -> None:
    system = plant(
        [batched(per_token_ns=10 * US, item_tokens_max=512)], Times([0, SECOND]),
        prompt_tokens=Distribution("fixed", 3000),
    )  # fmt: skip

    run_until(system, 2)

    assert probes(system, 0)["PROMPT_TOKENS"] == 2 * 512
    assert probes(system, 0)["BUSY_NS"] == 2 * (MS + 512 * 10 * US)


def test_skewed_lengths_waste_what_arithmetic_says() -> None:
    """Of 8 texts in a batch, each 10 or 100 tokens, 100 x 8 are computed unless all are short."""
    two = Distribution("quantiles", points=((0.0, 10.0), (0.75, 10.0), (0.7500001, 100.0)))
    source = Times([i // 8 * 100 * MS for i in range(8 * 500)])
    system = plant([batched(item_tokens=two, pads=True, per_token_ns=US, window_ns=MS)], source)

    run_until(system, 60)

    row = probes(system, 0)
    all_short = 0.75**8
    computed = (row["PROMPT_TOKENS"] + row["GENERATION_TOKENS"]) / (8 * 500)
    assert row["FINISHED_PROMPT_TOKENS"] == 8 * 500
    assert row["PROMPT_TOKENS"] / (8 * 500) == pytest.approx(10 + 90 * 0.25, abs=2.6)
    assert computed == pytest.approx(100 - 90 * all_short, abs=2.5)
    assert row["BUSY_NS"] == 500 * MS + (row["PROMPT_TOKENS"] + row["GENERATION_TOKENS"]) * US


def test_an_item_that_fits_into_no_batch_is_too_long() -> None:
    system = plant([batched(tokens_max=500)], Times([0]), prompt_tokens=Distribution("fixed", 501))

    run_until(system, 1)

    assert int(system.class_row(0)[ClassProbe.REFUSED_413]) == 1


def test_a_call_of_many_items_is_served_alone_in_passes() -> None:
    law = Distribution("fixed", 200)
    server = batched(items=50, item_tokens=law, tokens_max=4000, per_token_ns=US, per_item_ns=US)
    system = plant([server], Times([0, 0]))

    run_until(system, 1)

    # 10,000 tokens are three passes of 4,000 at most, each with its base.
    alone = 3 * MS + 50 * US + 10_000 * US
    assert probes(system, 0)["BUSY_NS"] == 2 * alone
    assert probes(system, 0)["STEPS"] == 2


def test_limits_turned_hold_for_pods_to_come_as_well() -> None:
    system = plant([batched(window_ns=50 * MS)], Times([0, 0, 0, SECOND, SECOND, SECOND]))
    system.turn_pool(0, PoolKnob.BATCH_MAX, 1)
    system.set_ready(system.add_replica(0, 1), ready=True)

    run_until(system, 3)

    assert [probes(system, replica)["STEPS"] for replica in (0, 1)] == [3, 3]


@pytest.mark.parametrize(("unsafe", "detected", "false_alarms"), [(0.1, 0.9, 0.04), (0.5, 0.6, 0)])
def test_verdicts_come_at_their_rates_and_what_is_missed_is_wrong(
    unsafe: float, detected: float, false_alarms: float
) -> None:
    system = guarded(unsafe=unsafe, verdict=Verdict(detected, false_alarms))

    run_until(system, 20)

    ended = outcomes(system)
    guard = probes(system, 1)
    blocked = unsafe * detected + (1 - unsafe) * false_alarms
    assert ended[Outcome.REFUSED] == about(blocked, COUNT)
    assert ended[Outcome.WRONG] == about(unsafe * (1 - detected), COUNT)
    assert sum(ended) == COUNT
    assert (guard["HITS"], guard["MISSES"]) == (
        ended[Outcome.REFUSED], COUNT - ended[Outcome.REFUSED],
    )  # fmt: skip
    # To the guardrail's own server a verdict is an answer like any other.
    assert guard["COMPLETED"] == COUNT
    assert int(system.edge_row(1)[EdgeProbe.OK]) == COUNT


def test_a_request_meets_the_same_verdict_each_time() -> None:
    system = plant(
        [pool("a", 99, Call("guard"), fixed(1)), batched("guard", verdict=Verdict(0.5, 0.5))],
        EVERY, client_retries_max=3, client_backoff_ns=MS,
    )  # fmt: skip

    run_until(system, 20)

    assert outcomes(system)[Outcome.REFUSED] == about(0.5, COUNT)


def test_without_a_guardrail_every_unsafe_request_is_answered_wrongly() -> None:
    system = plant([pool("a", 99, fixed(1))], EVERY, unsafe_share=0.2)
    system.advance(5 * SECOND, inclusive=False)
    before = outcomes(system)[Outcome.WRONG]

    system.turn_class(0, ClassKnob.UNSAFE_SHARE, 0.0)
    run_until(system, 20)

    assert before == about(0.2, COUNT // 2)
    assert outcomes(system)[Outcome.WRONG] == before


@pytest.mark.parametrize(
    ("on_error", "ended"),
    [("", Outcome.FAILED), ("open", Outcome.GOOD), ("closed", Outcome.REFUSED)],
)
def test_a_broken_guardrail_fails_open_or_closed_as_its_caller_says(
    on_error: str, ended: Outcome
) -> None:
    system = guarded(unsafe=0.1, verdict=Verdict(1.0, 0.0), on_error=on_error)
    system.turn_replica(1, ReplicaKnob.ERROR_SHARE, 1.0)

    run_until(system, 20)

    found = outcomes(system)
    unsafe = about(0.1, COUNT) if ended is Outcome.GOOD else 0
    assert found[Outcome.WRONG] == unsafe
    assert found[ended] == COUNT - found[Outcome.WRONG]


def test_open_or_closed_a_verdict_stands() -> None:
    for on_error in ("open", "closed"):
        system = guarded(unsafe=0.1, verdict=Verdict(1.0, 0.0), on_error=on_error)
        run_until(system, 20)
        assert outcomes(system)[Outcome.REFUSED] == about(0.1, COUNT)
        assert outcomes(system)[Outcome.WRONG] == 0


def test_a_verdict_in_a_branch_refuses_the_request() -> None:
    branches = Parallel(((Call("guard"),), (fixed(30),)))
    system = plant(
        [pool("a", 99, branches), batched("guard", verdict=Verdict(1.0, 0.0))],
        EVERY, unsafe_share=0.3,
    )  # fmt: skip

    run_until(system, 20)

    assert outcomes(system)[Outcome.REFUSED] == about(0.3, COUNT)
    assert outcomes(system)[Outcome.WRONG] == 0


def test_reranking_puts_a_share_of_what_was_missed_right() -> None:
    index = PoolSpec(
        "index",
        pool("x", 99, content=VectorIndex(1_000_000, 768, 10)).discipline,
        1,
    )
    wrong = {}
    for lift in (0.0, 0.5, 1.0):
        system = plant(
            [
                pool("a", 99, Call("index"), Call("rerank"), fixed(1)),
                index,
                batched("rerank", lift=lift),
            ],
            EVERY,
        )
        run_until(system, 20)
        wrong[lift] = outcomes(system)[Outcome.WRONG]

    # At ef 10 a quarter of the neighbours are missed.
    assert wrong[0.0] == about(0.25, COUNT)
    assert wrong[0.5] == about(0.125, COUNT)
    assert wrong[1.0] == 0


def test_reranking_does_not_mend_what_the_caller_itself_gets_wrong() -> None:
    system = plant([pool("a", 99, Call("rerank"), fixed(1)), batched("rerank", lift=1.0)], EVERY)
    system.turn_replica(0, ReplicaKnob.QUALITY, 0.8)

    run_until(system, 20)

    assert outcomes(system)[Outcome.WRONG] == about(0.2, COUNT)
