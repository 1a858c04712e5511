"""What queueing and memory arithmetic say of a model server, and what it does."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.plant import arithmetic, chance, hardware, llm, llm_tables
from simulator.plant.spec import Distribution, Llm

H100 = hardware.lookup("llama-3.1-8b/h100/tp1/bf16")
RTX4090 = hardware.lookup("llama-3.1-8b/rtx4090/tp1/bf16")

# Token counts by quantile of the Azure conversation trace of 2023-11-16 (AzurePublicDataset,
# CC-BY 4.0; Patel et al., Splitwise, ISCA 2024): means 1155 in, 211 out.
PROMPTS = Distribution(
    "quantiles",
    points=(
        (0.0, 2), (0.01, 29), (0.05, 181), (0.1, 207), (0.25, 396), (0.5, 1020), (0.75, 1189),
        (0.9, 2735), (0.95, 4083), (0.99, 4142), (0.999, 6212), (1.0, 14_050),
    ),
)  # fmt: skip
OUTPUTS = Distribution(
    "quantiles",
    points=(
        (0.0, 7), (0.01, 16), (0.05, 41), (0.1, 54), (0.25, 85), (0.5, 129), (0.75, 395),
        (0.9, 424), (0.95, 451), (0.99, 601), (0.999, 954), (1.0, 1000),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Times in ms; `batch` [step, (running, waiting, KV used, preemptions)] after each start."""

    step_ms: NDArray[np.float64]
    batch: NDArray[np.int64]
    ttft_ms: NDArray[np.float64]
    tpot_ms: NDArray[np.float64]
    ints: NDArray[np.int64]

    def inter_token_counts(self) -> int:
        return int(self.ints[llm_tables.INTER_TOKEN : llm_tables.COUNTERS_END].sum())


def serve(
    spec: Llm, arrivals: list[tuple[int, int, int]], *, key: int = 1, grown_at_step: int = -1
) -> Run:
    """Serve (time, prompt, output) to the end."""
    n, room = len(arrivals), grown_at_step if grown_at_step > 0 else len(arrivals)
    tables = llm_tables.llm_tables(1, room, spec.max_num_seqs)
    llm_tables.llm_configure(tables, 0, spec, key)
    out = np.zeros((spec.max_num_seqs, 2), dtype=np.int64)
    done, steps, batch = np.zeros(n, dtype=np.int64), [], []
    now, taken, started_at, ends_at = 0, 0, 0, -1
    while taken < n or ends_at >= 0:
        if ends_at >= 0 and (taken == n or ends_at <= arrivals[taken][0]):
            steps.append((ends_at - started_at) / 1e6)
            now = ends_at
            for slot, bits in out[: llm.llm_end_step(tables, 0, now, out)]:
                done[slot] = now if bits & llm.DONE else 0
            ends_at = -1
        else:
            now, prompt, output = arrivals[taken]
            if taken == room:
                room *= 2
                tables = llm_tables.llm_grow(tables, 2, room)
            assert llm.llm_arrive(tables, 0, taken, prompt, output, now, 0, 0) == llm.QUEUED
            taken += 1
            if taken < n and arrivals[taken][0] == now:
                continue  # who comes at one instant is scheduled together
        begun = llm.llm_start_step(tables, 0, now)
        if begun >= 0:
            ends_at, started_at = begun, now
            row = tables.ints[0]
            batch.append([*row[: llm_tables.KV_TOTAL], row[llm_tables.PREEMPTIONS]])
    first = tables.calls[:n, llm_tables.FIRST_TOKEN_AT]
    arrived = np.array([at for at, _, _ in arrivals])
    outputs = np.array([output for _, _, output in arrivals])
    return Run(
        np.array(steps),
        np.array(batch),
        (first - arrived) / 1e6,
        (done - first) / 1e6 / np.maximum(outputs - 1, 1),
        tables.ints[0].copy(),
    )


def conversations(requests: int, per_second: float) -> list[tuple[int, int, int]]:
    laws = chance.law_table([PROMPTS, OUTPUTS])
    at, arrivals = 0, []
    for i in range(requests):
        key = chance.mix(11, i)
        at += int(-arithmetic.log(chance.uniform(chance.mix(key, 0))) * 1e9 / per_second)
        prompt, output = (chance.draw(laws, k, chance.mix(key, k + 1)) for k in range(2))
        arrivals.append((at, prompt, output))
    return arrivals


def test_decode_step_grows_by_the_read_of_one_context_token_per_sequence() -> None:
    run = serve(H100, [(0, 100, 60)] * 8)

    decodes = run.step_ms[1:]  # the first step is the prefill

    assert np.diff(decodes) == pytest.approx(8 * 45e-6, abs=2e-6)


def test_time_per_token_is_linear_in_the_batch_while_weights_rule() -> None:
    batches = [1, 2, 4, 8, 16]

    tpot = [serve(H100, [(0, 500, 20)] * b).tpot_ms.max() for b in batches]

    slope = 4e-3 + 45e-6 * 510  # r and c x context, in ms per sequence
    assert tpot == pytest.approx([tpot[0] + slope * (b - 1) for b in batches], rel=0.005)


@pytest.mark.parametrize(("prompt", "steps"), [(1, 1), (2048, 1), (2049, 2), (10_000, 5)], ids=str)
def test_a_prompt_is_read_in_as_many_steps_as_the_budget_asks(prompt: int, steps: int) -> None:
    run = serve(RTX4090, [(0, prompt, 1)])

    assert len(run.step_ms) == steps
    assert run.ttft_ms[0] == pytest.approx(run.step_ms.sum())


def test_a_prefill_stretches_the_step_that_others_share_with_it() -> None:
    run = serve(H100, [(0, 100, 50), (100_000_000, 4000, 1)])

    longest = run.step_ms.argmax()

    assert run.step_ms[longest] > 8 * run.step_ms[longest - 1]
    assert run.step_ms[longest + 1] < run.step_ms[longest] / 8


def test_exhausted_cache_shows_as_waiting_and_preemptions_and_a_falling_batch() -> None:
    run = serve(RTX4090, [(0, 128, 1500)] * 300)

    running, waiting, used, preemptions = run.batch[: len(run.batch) // 3].T
    total = RTX4090.kv_tokens // 16
    full = running.argmax()
    assert running[full] == 256
    assert running[full:].min() < 100
    assert waiting[full:].max() > waiting[full] + 100
    assert used.max() == total
    assert used[len(used) // 2 :].min() > 0.9 * total
    assert preemptions[-1] > 100
    # Nobody is refused: every token arrives, only late.
    assert run.ints[llm_tables.GENERATION_TOKENS] == 300 * 1500
    assert run.inter_token_counts() == 300 * 1499


def test_low_load_is_as_fast_as_the_capacity_table_says() -> None:
    run = serve(H100, conversations(1500, per_second=1))

    # plant.md §3.4: TTFT p50 24 ms, TPOT p50 7.6 ms.
    assert np.median(run.ttft_ms) == pytest.approx(24, rel=0.15)
    assert np.median(run.tpot_ms) == pytest.approx(7.6, rel=0.15)


def test_the_knee_lies_where_the_capacity_table_says() -> None:
    spec = replace(H100, max_num_seqs=256)  # as the table has it
    before, at, beyond = (serve(spec, conversations(3000, rps)) for rps in (18, 22, 28))

    # plant.md §3.4: 21 to 24 requests/s with 22 to 35 ms per token; at 28 the batch is full and
    # the queue grows for as long as the overload lasts.
    assert np.median(before.tpot_ms) < 22 < np.median(at.tpot_ms) < 35
    assert np.median(at.ttft_ms[1500:]) < 200
    assert np.median(beyond.ttft_ms) > 4000
    assert beyond.batch[:, 0].max() == 256
    assert beyond.batch[:, 1].max() > 300


def test_step_noise_is_keyed_and_leaves_the_median_in_place() -> None:
    spec = replace(H100, step_noise_sigma=0.05)
    arrivals = [(0, 100, 2000)]

    quiet, first, again, other = (
        serve(s, arrivals, key=k).step_ms for s, k in ((H100, 1), (spec, 1), (spec, 1), (spec, 2))
    )

    factors = np.log(first / quiet)
    assert first.tolist() == again.tolist() != other.tolist()
    assert factors.mean() == pytest.approx(0, abs=3 * 0.05 / 2000**0.5)
    assert factors.std() == pytest.approx(0.05, rel=0.05)


def test_growing_the_tables_changes_nothing() -> None:
    arrivals = conversations(300, per_second=22)

    grown = serve(H100, arrivals, grown_at_step=4)

    assert grown.step_ms.tolist() == serve(H100, arrivals).step_ms.tolist()


def test_calls_that_can_never_fit_are_refused() -> None:
    tables = llm_tables.llm_tables(1, 3, 1)
    spec = replace(RTX4090, queue_max=1)
    llm_tables.llm_configure(tables, 0, spec, 1)

    answers = [
        llm.llm_arrive(tables, 0, slot, prompt, 1, 0, 0, 0)
        for slot, prompt in enumerate((RTX4090.kv_tokens, RTX4090.kv_tokens - 1, 1))
    ]

    assert answers == [llm.TOO_LONG, llm.QUEUED, llm.QUEUE_FULL]
