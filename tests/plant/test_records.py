"""What became of single calls at model servers can be kept and read."""

import numpy as np
import pytest

from simulator.errors import InvariantViolated
from simulator.plant.api import ScrapeKind, Served
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaHistogram, ReplicaProbe
from simulator.plant.spec import ClassSpec, EdgeSpec, Llm, PlantSpec, PoolSpec
from tests.plant.systems import SECOND, Times, run_until

_SERVER = Llm(
    w_ms=10.0, s_us_per_token=0.0, p=1.0, c_ns_per_kv_token=0.0, q_ns_per_pair=0.0, head_ms=0.0,
    o_ms=0.0, r_us_per_sequence=0.0, m0_ms=0.0, m_us_per_token=0.0, kv_tokens=160,
    request_overhead_ns=1_000_000,
)  # fmt: skip


def _plant(times: Times, per_token_bounds_s: tuple[float, ...] = ()) -> Plant:
    server = PoolSpec("llm", _SERVER, 1, per_token_bounds_s=per_token_bounds_s)
    spec = PlantSpec((server,), (EdgeSpec("users", "llm"),), (ClassSpec("chat", "llm"),))
    return Plant(spec, 1, {"chat": times}, capacity=16)


def test_a_kept_call_says_when_it_was_queued_scheduled_begun_and_ended() -> None:
    plant = _plant(Times([0], prompt=20, output=3))
    plant.keep_served(1)

    run_until(plant, 1.0)

    row = plant.served()[0]
    ms = [int(row[column]) // 1_000_000 for column in (1, 2, 3, 4)]
    assert ms == [1, 1, 11, 31]
    assert row[Served.PREEMPTIONS] == 0


def test_preemptions_are_counted_per_call() -> None:
    plant = _plant(Times([0, 1000], prompt=70, output=30))
    plant.keep_served(2)

    run_until(plant, 5.0)

    assert sorted(plant.served()[:, Served.PREEMPTIONS].tolist()) == [0, 1]


def test_nothing_is_kept_unless_asked_for() -> None:
    plant = _plant(Times([0], prompt=20, output=3))

    run_until(plant, 1.0)

    assert plant.served().shape == (0, len(Served))


def test_more_answers_than_room_are_not_lost_in_silence() -> None:
    plant = _plant(Times([0, SECOND], prompt=20, output=3))
    plant.keep_served(1)
    run_until(plant, 3.0)

    with pytest.raises(InvariantViolated, match="2 answers, room for 1"):
        plant.served()


def test_keeping_changes_nothing() -> None:
    kept, other = (_plant(Times([0, 1000, SECOND], prompt=70, output=30)) for _ in range(2))
    kept.keep_served(3)

    for plant in (kept, other):
        run_until(plant, 5.0)

    assert np.array_equal(kept.replica_row(0), other.replica_row(0))


def test_a_server_may_count_what_answers_took_for_each_token() -> None:
    plant = _plant(Times([0, SECOND], prompt=20, output=3), per_token_bounds_s=(0.009, 0.011))
    plant.scrape_every(ScrapeKind.REPLICA, 0, SECOND, 0)

    run_until(plant, 3.0)

    # Three tokens in three steps of 10 ms each; the first is part of the mean.
    last = plant.drain_scrapes()[-1]
    sizes = [len(b) + 1 if b else 0 for b in plant.histogram_bounds(ScrapeKind.REPLICA, 0)]
    first = sum(sizes[: ReplicaHistogram.INTER_TOKEN])
    assert last.histograms[first : first + 3].tolist() == [0, 2, 0]
    assert last.values[ReplicaProbe.INTER_TOKEN_NS] == 2 * 10_000_000
