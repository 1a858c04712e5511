import dataclasses
import importlib.util
import math

import pytest

from simulator.evaluation.serving.prefixes import segments_of
from simulator.evaluation.serving.replay import serve
from simulator.evaluation.serving.requests import Request
from simulator.plant import hardware
from simulator.plant.spec import Llm
from tests.instruments.development_data import DATA
from tests.plant.reference_llm import PlainServer

RUN = DATA / "serving/RTXPRO6000_Qwen3-32B/requests.jsonl"
SPEC = dataclasses.replace(
    hardware.lookup("llama-3.1-8b/h100/tp1/bf16"), kv_tokens=6400, max_num_seqs=16
)


def requests(count: int) -> list[Request]:
    return [
        Request(str(i), (i * 37 % 100) * 0.01 + i * 1e-6, 50 + i * 97 % 900, 1 + i * 53 % 200)
        for i in range(count)
    ]


def test_a_lone_request_takes_the_steps_of_the_formula() -> None:
    spec = Llm(
        w_ms=10.0, s_us_per_token=100.0, p=1.0, c_ns_per_kv_token=0.0, q_ns_per_pair=0.0,
        head_ms=0.0, o_ms=1.0, r_us_per_sequence=0.0, m0_ms=0.0, m_us_per_token=0.0,
        kv_tokens=10_000, request_overhead_ns=5_000_000,
    )  # fmt: skip

    (served,) = serve([Request("a", 1.0, 100, 11)], spec, stream_ns_per_token=1_000_000)

    assert served.queued_s == 0.0
    assert served.ttft_s == pytest.approx(0.005 + 0.021 + 0.001)
    assert served.tpot_s == pytest.approx(0.0111 + 0.001)
    assert served.e2e_s == pytest.approx(served.ttft_s + 10 * served.tpot_s)


def test_answers_come_in_the_order_of_the_requests_whatever_order_they_arrive_in() -> None:
    listed = requests(40)

    forward, backward = serve(listed, SPEC), serve(listed[::-1], SPEC)

    assert [each.id for each in forward] == [each.id for each in listed]
    # Requests of one instant are queued as they are listed, so only the total is the same.
    assert sum(e.e2e_s > 0 for e in backward) == len(listed)


def test_times_are_ordered_and_a_starved_cache_preempts() -> None:
    served = serve(requests(200), SPEC)

    assert sum(each.preemptions for each in served) > 0
    for each in served:
        assert 0.0 <= each.queued_s < each.ttft_s <= each.e2e_s


@pytest.mark.parametrize("documents", [0, 5])
def test_equal_to_the_plain_step_loop(documents: int) -> None:
    listed = [
        dataclasses.replace(each, prefix=(("start", 100), (f"doc-{i % documents}", 400)))
        if documents
        else each
        for i, each in enumerate(requests(120))
    ]

    served = serve(listed, SPEC)

    found = [(e.ttft_s, e.e2e_s, e.preemptions, e.cached_tokens) for e in served]
    assert found == _stepwise(listed)
    assert any(e.cached_tokens for e in served) is (documents > 0)


def test_what_cannot_fit_is_refused_and_says_why() -> None:
    served = serve([Request("a", 0.0, 7000, 10), Request("b", 0.0, 10, 10)], SPEC)

    assert served[0].refused == "longer than 6400 tokens"
    assert math.isnan(served[0].e2e_s)
    assert served[0].cells()[2:] == ("", "", "", "", "0", "0")
    assert served[1].refused == ""


@pytest.mark.skipif(not RUN.exists(), reason="the real run's data are not on this machine")
def test_errors_against_the_real_run_are_within_what_is_asked() -> None:
    module = importlib.util.spec_from_file_location("calibration", "benchmarks/calibration.py")
    assert module is not None
    assert module.loader is not None
    calibration = importlib.util.module_from_spec(module)
    module.loader.exec_module(calibration)

    errors = calibration.compared(RUN, calibration.SERVER)

    assert errors.tpot <= 0.10
    assert errors.e2e <= 0.10
    assert errors.ttft_unsaturated <= 0.20
    assert errors.ttft_saturated <= 0.30


def _stepwise(listed: list[Request]) -> list[tuple[float, float, int, int]]:
    """The same through the tests' own server, a step at a time."""
    order = sorted(range(len(listed)), key=lambda i: listed[i].arrival_s)
    arrivals = {
        slot: round(listed[index].arrival_s * 1e9) + SPEC.request_overhead_ns
        for slot, index in enumerate(order)
    }
    server = PlainServer(SPEC, 0)
    waiting, due, last = list(arrivals), -1, {}
    while waiting or due >= 0:
        if waiting and (due < 0 or arrivals[waiting[0]] < due):
            now = arrivals[waiting[0]]
            while waiting and arrivals[waiting[0]] == now:
                slot = waiting.pop(0)
                request = listed[order[slot]]
                rows = segments_of([request.prefix])[0].rows.tolist()
                shared = [(key, end) for key, end in rows]
                server.arrive(slot, request.input_tokens, request.output_tokens, now, shared)
        else:
            now, due = due, -1
            for slot, bits in server.end(now):
                if bits & 2:
                    last[slot] = now
        if due < 0:
            due = server.start(now)
    found: list[tuple[float, float, int, int]] = [(0.0, 0.0, 0, 0)] * len(listed)
    for slot, index in enumerate(order):
        arrived = arrivals[slot] - SPEC.request_overhead_ns
        _, _, first, preempted, cached = server.call(slot)
        found[index] = ((first - arrived) / 1e9, (last[slot] - arrived) / 1e9, preempted, cached)
    return found
