"""Model serving at request level against a plain loop over steps and sequences.

The loop does what a straightforward simulator does: at each step it goes over every running
sequence, adds up the step's time, gives each a token and takes out who is done. It is run as plain
Python and compiled, on the same requests as the plant, and must end at the same times. Ratios are
of CPU time per request, all in this process.
"""

import argparse
import dataclasses
import json
import time
from collections.abc import Callable, MutableSequence, Sequence
from typing import Any

import numpy as np

from benchmarks.validation.draws import fill
from simulator.evaluation.serving.replay import Listed, run_out
from simulator.plant import hardware
from simulator.plant.api import Served
from simulator.plant.chance import law_table, mix
from simulator.plant.jit import compiled
from simulator.plant.spec import Distribution, Llm

MODEL = "llama-3.1-8b/h100/tp1/bf16"
RATES = (1.0, 10.0, 20.0)
MEAN_IN, MEAN_OUT = 1155, 211  # of the Azure conversation trace of 2023-11
_STEADY = 0.25  # what plain Python gets of the requests: it is slow


def plain_loop(  # noqa: C901, PLR0912, PLR0915  one plain loop is the point
    arrivals: Sequence[int],
    prompts: Sequence[int],
    outputs: Sequence[int],
    numbers: Sequence[float],
    limits: Sequence[int],
    running: MutableSequence[int],
    state: Any,
    ends: MutableSequence[int],
) -> int:
    """Serve requests step by step; `state` holds (prompt done, tokens given) per request.

    `numbers` are w, s, p, c, q, fixed and r in ns, `limits` sequences and tokens of a step. Says
    how many steps it took. There is no preemption: the cache is large enough for all.
    """
    w, s, p, c, q, fixed, r = numbers
    now, following, n, steps = 0, 0, 0, 0
    done = 0
    while done < len(arrivals):
        if n == 0 and arrivals[following] > now:
            now = arrivals[following]
        budget = limits[1]
        tokens, context, pairs, sampled = 0, 0, 0.0, 0
        for i in range(n):
            slot = running[i]
            prefilled = state[slot][0]
            if prefilled == prompts[slot]:
                tokens += 1
                budget -= 1
                context += prompts[slot] + state[slot][1]
                sampled += 1
        for i in range(n):
            slot = running[i]
            prefilled = state[slot][0]
            if prefilled < prompts[slot] and budget > 0:
                chunk = min(prompts[slot] - prefilled, budget)
                budget -= chunk
                tokens += chunk
                pairs += chunk * (prefilled + 0.5 * chunk)
                state[slot][2] = chunk
                sampled += prefilled + chunk == prompts[slot]
        while following < len(arrivals) and arrivals[following] <= now and n < limits[0]:
            if budget <= 0:
                break
            chunk = min(prompts[following], budget)
            budget -= chunk
            tokens += chunk
            pairs += 0.5 * chunk * chunk
            state[following][2] = chunk
            sampled += chunk == prompts[following]
            running[n] = following
            n += 1
            following += 1
        lasts = fixed + r * sampled + (w**p + (s * tokens) ** p) ** (1.0 / p)
        now += max(int(lasts + c * context + q * pairs + 0.5), 1)
        steps += 1
        kept = 0
        for i in range(n):
            slot = running[i]
            if state[slot][2] > 0:
                state[slot][0] += state[slot][2]
                state[slot][2] = 0
                if state[slot][0] == prompts[slot]:
                    state[slot][1] += 1
            else:
                state[slot][1] += state[slot][0] == prompts[slot]
            if state[slot][1] == outputs[slot]:
                ends[slot] = now
                done += 1
            else:
                running[kept] = slot
                kept += 1
        n = kept
    return steps


compiled_loop = compiled(plain_loop)


def measure(count: int = 8000) -> dict[str, float]:
    """Serve the same requests three ways at each rate."""
    spec = dataclasses.replace(hardware.lookup(MODEL), request_overhead_ns=0, kv_tokens=100_000_000)
    found: dict[str, float] = {}
    for rate in RATES:
        requests = _requests(rate, count)
        _plant(spec, tuple(each[:50] for each in requests))  # compiles
        _loop(compiled_loop, spec, tuple(each[:50] for each in requests), lists=False)
        ours, ends = _plant(spec, requests)
        theirs, their_ends, steps = _loop(compiled_loop, spec, requests, lists=False)
        worst = float(np.abs(ends - their_ends).max()) / 1e9
        few = int(count * _STEADY)
        slow, _, _ = _loop(plain_loop, spec, tuple(each[:few] for each in requests), lists=True)
        at = f"{rate:g}"
        found[f"llm.vs_stepwise_{at}"] = slow / few / (ours / count)
        found[f"llm.vs_compiled_stepwise_{at}"] = theirs / ours
        found[f"llm.us_per_request_{at}"] = ours / count * 1e6
        found[f"llm.steps_per_request_{at}"] = steps / count
        found[f"llm.largest_difference_s_{at}"] = worst
    return found


_Requests = tuple[Any, Any, Any]


def _requests(rate: float, count: int) -> _Requests:
    """Poisson arrivals and exponential lengths around the trace's means."""
    drawn = []
    for purpose, mean in enumerate((1e9 / rate, MEAN_IN, MEAN_OUT)):
        values = np.zeros(count, np.int64)
        fill(law_table([Distribution("exponential", mean)]), mix(int(rate), purpose), values)
        drawn.append(values)
    gaps, prompts, outputs = drawn
    return np.cumsum(gaps) - gaps[0], prompts + 1, outputs + 1


def _plant(spec: Llm, requests: _Requests) -> tuple[float, Any]:
    source = Listed(*requests)
    start = time.process_time()
    rows = run_out(spec, source, len(requests[0]), lambda _done: None)
    spent = time.process_time() - start
    return spent, np.sort(rows[:, Served.LAST_TOKEN_AT])


def _loop(
    loop: Callable[..., int], spec: Llm, requests: _Requests, *, lists: bool
) -> tuple[float, Any, int]:
    count = len(requests[0])
    numbers = np.array(
        [
            spec.w_ms * 1e6, spec.s_us_per_token * 1e3, spec.p, spec.c_ns_per_kv_token,
            spec.q_ns_per_pair, (spec.o_ms + spec.head_ms) * 1e6, spec.r_us_per_sequence * 1e3,
        ]
    )  # fmt: skip
    limits = np.array([spec.max_num_seqs, spec.max_num_batched_tokens], np.int64)
    running, state = np.zeros(count, np.int64), np.zeros((count, 3), np.int64)
    ends = np.zeros(count, np.int64)
    given: list[Any] = [*requests, numbers, limits, running, state, ends]
    if lists:  # what plain Python is quickest with
        given = [each.tolist() for each in given]
    start = time.process_time()
    steps = loop(*given)
    return time.process_time() - start, np.sort(np.array(given[-1])), steps


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--requests", type=int, default=8000)
    chosen = parser.parse_args()
    figures = measure(chosen.requests)
    if chosen.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:36} {value:12.4g}")


if __name__ == "__main__":
    main()
