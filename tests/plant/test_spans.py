"""Calls of sampled requests leave a row each; nobody else's do, and nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.plant import layout as at
from simulator.plant.api import ReplicaKnob, Traced
from simulator.plant.plant import Plant
from simulator.plant.spans import FIRST_ROWS
from simulator.plant.spec import (
    Call,
    ClassSpec,
    EdgeSpec,
    Llm,
    Parallel,
    PlantSpec,
    PoolSpec,
    Workers,
)
from tests.plant.systems import MS, Times, fixed, poisson, run_until


def _chain(
    edge: EdgeSpec, *, share: float = 1.0, back_workers: int = 1, back_ms: float = 50.0
) -> PlantSpec:
    front = PoolSpec("front", Workers(8), 1, default_handler=(fixed(5.0), Call("back")))
    back = PoolSpec("back", Workers(back_workers), 1, default_handler=(fixed(back_ms),))
    users = EdgeSpec("users", "front")
    asked = ClassSpec("chat", "front", traced_share=share)
    return PlantSpec((front, back), (users, edge), (asked,))


def _rows(plant: Plant) -> np.ndarray:
    rows, lost = plant.drain_spans()
    assert lost == 0
    return rows


def test_each_call_of_a_sampled_request_leaves_one_row_that_names_its_parent() -> None:
    plant = Plant(_chain(EdgeSpec("front", "back", delay_ns=MS)), 1, {"chat": Times([0])})

    run_until(plant, 1.0)

    door, front, back = _rows(plant)
    assert [row[Traced.EDGE] for row in (door, front, back)] == [-1, 0, 1]
    assert back[Traced.PARENT_KEY] == front[Traced.KEY]
    assert front[Traced.PARENT_KEY] == door[Traced.KEY] == door[Traced.ROOT_KEY]
    assert [int(back[c]) // MS for c in (Traced.SENT_AT, Traced.ARRIVED_AT)] == [5, 6]
    assert [int(back[c]) // MS for c in (Traced.ENDED_AT, Traced.ANSWERED_AT)] == [56, 57]
    assert (front[Traced.TRY], back[Traced.TRY]) == (0, -1)


def test_a_queue_in_front_of_a_callee_is_told_apart_from_its_work() -> None:
    plant = Plant(_chain(EdgeSpec("front", "back")), 1, {"chat": Times([0, MS])})

    run_until(plant, 1.0)

    waits = [row[Traced.WAIT_NS] // MS for row in _rows(plant) if row[Traced.EDGE] == 1]
    assert waits == [0, 49]


def test_an_attempt_that_timed_out_and_its_retry_are_two_rows() -> None:
    edge = EdgeSpec("front", "back", timeout_ns=20 * MS, retries_max=1)
    plant = Plant(_chain(edge), 1, {"chat": Times([0])})

    run_until(plant, 1.0)

    tries = [row for row in _rows(plant) if row[Traced.EDGE] == 1]
    assert [row[Traced.ATTEMPT] for row in tries] == [0, 1]
    assert [row[Traced.ANSWER] for row in tries] == [at.TIMED_OUT, at.TIMED_OUT]
    assert [row[Traced.RESULT] for row in tries] == [at.LEFT, at.LEFT]
    assert len({int(row[Traced.KEY]) for row in tries}) == 2


def test_work_nobody_waits_for_any_more_ends_in_its_own_time() -> None:
    edge = EdgeSpec("front", "back", timeout_ns=20 * MS, on_timeout="leave")
    plant = Plant(_chain(edge), 1, {"chat": Times([0])})

    run_until(plant, 1.0)

    back = next(row for row in _rows(plant) if row[Traced.EDGE] == 1)
    assert (back[Traced.ANSWERED_AT] // MS, back[Traced.ENDED_AT] // MS) == (25, 55)
    assert (back[Traced.ANSWER], back[Traced.RESULT]) == (at.TIMED_OUT, at.OK)


def test_a_process_that_dies_takes_its_side_of_the_row_with_it() -> None:
    plant = Plant(_chain(EdgeSpec("front", "back")), 1, {"chat": Times([0])})
    run_until(plant, 0.02)

    plant.kill(1)
    run_until(plant, 1.0)

    back = next(row for row in _rows(plant) if row[Traced.EDGE] == 1)
    assert (back[Traced.ANSWER], back[Traced.ENDED_AT]) == (at.RESET, -1)
    assert back[Traced.ARRIVED_AT] == 5 * MS


def test_a_call_that_finds_nobody_or_no_connection_has_no_callees_side() -> None:
    plant = Plant(
        _chain(EdgeSpec("front", "back", connect_timeout_ns=MS)), 1, {"chat": Times([0, 500 * MS])}
    )
    plant.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    run_until(plant, 0.4)

    plant.set_ready(1, ready=False)
    run_until(plant, 1.0)

    tries = [row for row in _rows(plant) if row[Traced.EDGE] == 1]
    assert [row[Traced.ANSWER] for row in tries] == [at.NOT_CONNECTED, at.NOBODY]
    assert [row[Traced.ARRIVED_AT] for row in tries] == [-1, -1]


def test_calls_of_parallel_branches_name_the_handler_that_forked_them() -> None:
    both = Parallel(((Call("back"),), (Call("back"),)))
    front = PoolSpec("front", Workers(8), 1, default_handler=(both,))
    spec = _chain(EdgeSpec("front", "back"), back_workers=4)
    spec = replace(spec, pools=(front, spec.pools[1]))
    plant = Plant(spec, 1, {"chat": Times([0])})

    run_until(plant, 1.0)

    rows = _rows(plant)
    handler = next(row[Traced.KEY] for row in rows if row[Traced.EDGE] == 0)
    assert [row[Traced.PARENT_KEY] for row in rows if row[Traced.EDGE] == 1] == [handler, handler]


def test_a_model_server_says_how_long_a_call_waited_and_when_it_began_to_answer() -> None:
    served = Llm(
        w_ms=10.0, s_us_per_token=0.0, p=1.0, c_ns_per_kv_token=0.0, q_ns_per_pair=0.0, head_ms=0.0,
        o_ms=0.0, r_us_per_sequence=0.0, m0_ms=0.0, m_us_per_token=0.0, kv_tokens=1600,
        max_num_seqs=1, request_overhead_ns=0,
    )  # fmt: skip
    spec = PlantSpec(
        (PoolSpec("llm", served, 1),),
        (EdgeSpec("users", "llm"),),
        (ClassSpec("chat", "llm", traced_share=1.0),),
    )
    plant = Plant(spec, 1, {"chat": Times([0, 1], prompt=20, output=3)})

    run_until(plant, 1.0)

    calls = [row for row in _rows(plant) if row[Traced.EDGE] == 0]
    assert [row[Traced.WAIT_NS] // MS for row in calls] == [0, 29]
    assert [row[Traced.FIRST_AT] // MS for row in calls] == [10, 40]
    assert [(row[Traced.PROMPT], row[Traced.OUTPUT]) for row in calls] == [(20, 3), (20, 3)]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_about_the_share_of_requests_that_was_asked_for_is_sampled(share: float) -> None:
    spec = _chain(EdgeSpec("front", "back"), share=share, back_workers=50, back_ms=1.0)
    plant = Plant(spec, 1, {"chat": poisson(150.0, 4.0)}, capacity=64)

    run_until(plant, 5.0)

    sampled = len(np.unique(_rows(plant)[:, Traced.ROOT_KEY])) / plant.requests()
    assert sampled == pytest.approx(share, abs=0.06)


def test_sampling_changes_nothing_else() -> None:
    def outcome(share: float) -> tuple[list[int], int]:
        edge = EdgeSpec("front", "back", timeout_ns=200 * MS, retries_max=2, backoff_ns=10 * MS)
        spec = _chain(edge, share=share, back_workers=2)
        plant = Plant(spec, 5, {"chat": poisson(60.0, 10.0)}, capacity=64)
        run_until(plant, 30.0)
        plant.check_conservation()
        return plant.edge_row(1).tolist(), plant.events()

    assert outcome(1.0) == outcome(0.0)


def test_rows_that_find_no_room_are_counted_and_there_is_more_room_after() -> None:
    spec = _chain(EdgeSpec("front", "back"), back_workers=50, back_ms=1.0)
    plant = Plant(spec, 1, {"chat": poisson(1000.0, 3.0)}, capacity=64)

    run_until(plant, 2.0)
    first, lost = plant.drain_spans()
    run_until(plant, 3.0)
    second, none = plant.drain_spans()

    assert (0 < len(first) <= FIRST_ROWS, lost > 0, len(second) > 0, none) == (True, True, True, 0)


def test_what_is_under_way_is_read_once_it_is_over() -> None:
    spec = _chain(EdgeSpec("front", "back"))
    plant = Plant(spec, 1, {"chat": Times([0])})
    run_until(plant, 0.03)
    before = _rows(plant)

    run_until(plant, 1.0)

    assert (len(before), len(_rows(plant)), len(_rows(plant))) == (0, 3, 0)
