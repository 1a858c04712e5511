"""What holds for every run: the books, sameness, and when a retry storm outlives its cause."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant.api import EdgeKnob, Outcome, ReplicaKnob, ScrapeKind
from simulator.plant.cache_entries import key_of
from simulator.plant.layout import R_PRESENT
from simulator.plant.limits_spec import Limits, Use
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.provider_spec import Terms
from simulator.plant.spec import (
    Batch,
    Cache,
    Call,
    ClassSpec,
    Cpu,
    Distribution,
    EdgeSpec,
    External,
    Llm,
    Parallel,
    PlantSpec,
    PoolSpec,
    VectorIndex,
    Verdict,
    Work,
    Workers,
)
from tests.plant.systems import MS, SECOND, exponential, fixed, plant, poisson, pool, run_until


def everything() -> PlantSpec:
    """A small system with one of each discipline, timeouts, retries, branches and a cache."""
    model = Llm(5.5, 17.4, 2.8, 45, 1.2, 0.45, 1.0, 4, 0, 0, 8_000, max_num_seqs=8)
    tokenize = Work(Distribution("fixed", MS), per_prompt_token_ns=20_000, per_output_token_ns=7)
    lengths = Distribution("uniform", 5, 300)
    terms = Terms(
        input_tokens_per_minute=40_000,
        output_tokens_per_minute=3000,
        counts_at_end=True,
        max_tokens=90,
        price_input=2.0,
        price_output=8.0,
        budget=5.0,
        streams_max=20,
        others=0.9,
        swing=0.2,
        swing_ns=SECOND,
        slower_when_full=2.0,
        cut_share=0.1,
        slower_at=tuple(1.0 + hour / 24 for hour in range(24)),
    )
    limits = Limits(
        memory=Use(600.0, 100.0, 5.0, 0.1, 20.0),
        fds=Use(40.0, 10.0, 2.0, 0.02),
        disk=Use(200.0, 50.0, leak_per_call=0.6),
        connections_max=25,
        threads_per_call=1,
    )
    work = (
        Call("guard", on_error="open"),
        exponential(3),
        Call("tokenizer"),
        Parallel(((Call("embedder"),), (Call("index", on_failure=(fixed(1),)),))),
        Call("cache", on_miss=(Call("database"),)),
        Call("model", on_failure=(Call("provider"),)),
    )
    return PlantSpec(
        pools=(
            PoolSpec("gateway", Workers(8), 2, default_handler=work, limits=limits),
            PoolSpec(
                "embedder",
                Batch(8, 5 * MS, 5 * MS, MS, per_token_ns=900.0, pads=True, tokens_max=900,
                      items=2, item_tokens=lengths, item_tokens_max=256),
                1,
            ),
            PoolSpec("index", Workers(2, content=VectorIndex(250_000, 1536, 40)), 1),
            PoolSpec(
                "cache",
                Workers(4, content=Cache(50, 5 * SECOND, single_flight=True)),
                1,
                default_handler=(fixed(1),),
            ),
            PoolSpec(
                "database", Workers(1, queue_max=20), 1, default_handler=(exponential(30),)
            ),
            PoolSpec("model", model, 2),
            PoolSpec(
                "tokenizer",
                Cpu(2.0, 0.3, threads_max=6, queue_max=9, contention=0.1, coherency=0.01),
                1,
                default_handler=(tokenize, Parallel(((exponential(1),), (exponential(2),)))),
            ),
            PoolSpec(
                "provider", External(Distribution("fixed", 300 * MS), 80.0, 60, terms=terms), 1
            ),
            PoolSpec("guard", Batch(4, MS, MS, 0, verdict=Verdict(0.8, 0.05)), 1),
        ),
        edges=(
            EdgeSpec("users", "gateway", timeout_ns=4 * SECOND, retries_max=1, backoff_ns=MS),
            EdgeSpec("gateway", "database", MS, 400 * MS, retries_max=2, backoff_ns=10 * MS,
                     jitter="full", retry_budget=0.5, on_timeout="leave"),
            EdgeSpec("gateway", "model", MS, 2 * SECOND, balance="least_request"),
        ),
        classes=(
            ClassSpec("chat", "gateway", Distribution("lognormal", 400, 0.8),
                      Distribution("exponential", 60), 1.0, 500, patience_ns=6 * SECOND,
                      client_retries_max=1, late_ttft_ns=SECOND, evaluated_share=0.3,
                      judge_error_share=0.1, thumbs_down_share_wrong=0.3, unsafe_share=0.1),
        ),
    )  # fmt: skip


def trouble(capacity: int, seed: int = 5, seconds: int = 12) -> Plant:
    """Run it through a slow model, a lost replica, a flushed cache and a broken database."""
    source = poisson(25, seconds)
    system = Plant(everything(), seed, {"chat": source}, capacity=capacity)
    for row in range(10):
        system.scrape_every(ScrapeKind.REPLICA, row, 500 * MS, 7 * MS * row)
    run_until(system, 2)
    system.turn_replica(6, ReplicaKnob.SLOWDOWN, 4.0)
    system.flush_cache(3)
    run_until(system, 4)
    system.turn_replica(5, ReplicaKnob.REACHABLE, 0.0)
    system.turn_replica(5, ReplicaKnob.ERROR_SHARE, 0.3)
    system.turn_replica(9, ReplicaKnob.CORES, 1.5)
    system.turn_replica(9, ReplicaKnob.CPU_LIMIT, 0.2)
    run_until(system, 5.5)
    system.turn_replica(5, ReplicaKnob.REACHABLE, 1.0)
    system.kill(7)
    system.kill(9)
    system.revive(9)
    system.set_ready(9, ready=True)
    run_until(system, 7)
    system.turn_replica(9, ReplicaKnob.REACHABLE, 0.0)
    system.revive(7)
    system.set_ready(7, ready=True)
    system.turn_replica(9, ReplicaKnob.REACHABLE, 1.0)
    system.turn_edge(2, EdgeKnob.TIMEOUT_NS, 1500 * MS)
    system.set_ready(system.add_replica(5, 2), ready=True)
    system.drain(6)
    run_until(system, seconds + 20)
    return system


def digest(system: Plant) -> str:
    """Sum up everything that can be read of a run."""
    found = hashlib.sha256()
    for replica in range(12):
        found.update(system.replica_row(replica).tobytes())
    for edge in range(9):
        found.update(system.edge_row(edge).tobytes() + system.provider_row(edge).tobytes())
    found.update(system.class_row(0).tobytes() + system.outcomes().tobytes())
    found.update(system.ttft_bins().tobytes())
    for scrape in system.drain_scrapes():
        found.update(scrape.values.tobytes() + scrape.histograms.tobytes())
    found.update(repr(system.drain_signals()).encode())
    return found.hexdigest()


def test_room_at_the_start_changes_nothing() -> None:
    assert digest(trouble(16)) == digest(trouble(65_536))


def test_another_seed_is_another_run() -> None:
    assert digest(trouble(4096)) != digest(trouble(4096, seed=6))


def test_interpreted_run_is_the_same_run() -> None:
    source = "from tests.plant.test_promises import *; print(digest(trouble(64, seconds=8)))"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": "."}

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    )

    assert ran.stdout.strip() == digest(trouble(64, seconds=8))


def test_every_intent_ends_and_every_kind_of_end_happens() -> None:
    system = trouble(4096)

    ends = system.outcomes().sum(axis=(0, 1))
    assert system.in_flight() == 0
    assert int(ends.sum()) == system.requests()
    assert all(ends[kind] > 0 for kind in (Outcome.WRONG, Outcome.LATE, Outcome.GOOD))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 1 << 62),
    rate=st.floats(5, 400),
    timeout_ms=st.integers(0, 60),
    retries=st.integers(0, 3),
    workers=st.integers(1, 6),
    holds=st.booleans(),
    cancels=st.booleans(),
    kills_at_ms=st.integers(0, 3000),
)
def test_books_balance_whatever_happens(
    seed: int, rate: float, timeout_ms: int, retries: int, workers: int,
    holds: bool, cancels: bool, kills_at_ms: int,  # noqa: FBT001  drawn
) -> None:  # fmt: skip
    edge = EdgeSpec(
        "a", "b", 2 * MS, timeout_ms * MS, retries_max=retries, backoff_ns=5 * MS, jitter="full",
        on_timeout="cancel" if cancels else "leave", balance="least_loaded",
    )  # fmt: skip
    pools = [
        pool("a", workers, exponential(2), Call("b"), holds_worker=holds, queue_max=30),
        pool("b", 2, exponential(10), replicas=3, queue_max=10, queue_timeout_ns=40 * MS),
    ]
    system = plant(pools, poisson(rate, 4), edges=[EdgeSpec("users", "a"), edge], seed=seed,
                   capacity=16, patience_ns=90 * MS, client_retries_max=1)  # fmt: skip

    run_until(system, kills_at_ms / 1000)
    system.kill(1)
    run_until(system, kills_at_ms / 1000 + 0.3)
    system.turn_replica(2, ReplicaKnob.REACHABLE, 0.0)
    run_until(system, 3.6)
    system.turn_replica(2, ReplicaKnob.REACHABLE, 1.0)
    run_until(system, 30)

    assert system.in_flight() == 0
    present = sum(int(system._s.replicas[r, R_PRESENT]) for r in range(4))  # noqa: SLF001
    assert present == 0


class _SlowLru:
    """An LRU as anyone would write it."""

    def __init__(self, size: int) -> None:
        self.keys: list[int] = []
        self.size = size
        self.hits = 0

    def ask(self, key: int) -> None:
        if key in self.keys:
            self.hits += 1
            self.keys.remove(key)
        self.keys = [key, *self.keys][: self.size]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1 << 40), size=st.integers(1, 12), keys=st.integers(2, 40))
def test_cache_hits_what_a_plain_lru_would(seed: int, size: int, keys: int) -> None:
    pools = [
        pool("a", 9, Call("c", on_miss=(Call("d"),))),
        pool("c", 9, fixed(0), content=Cache(size)),
        pool("d", 9, fixed(0)),
    ]
    system = plant(pools, poisson(30, 10), seed=seed, keys=keys, key_zipf=0.9)
    system.flush_cache(1)
    plain = _SlowLru(size)
    for root in system._feed.load(0)[:, 2]:  # noqa: SLF001  the keys the requests will have
        plain.ask(int(key_of(system._s, 0, int(root))))  # noqa: SLF001
    system._feed.minute = -1  # noqa: SLF001

    run_until(system, 20)

    assert int(system.replica_row(1)[ReplicaProbe.HITS]) == plain.hits


def _goodput_after(rate: float, **edge: object) -> float:
    """Lose 90 % of 100/s for ten seconds; the share answered well two minutes later."""
    users = EdgeSpec("users", "a", timeout_ns=SECOND, **edge)  # type: ignore[arg-type]  # a table
    # Ten servers of 100 ms: capacity can fall to a tenth.
    servers = pool("a", 10, exponential(100), queue_max=1 << 40)
    system = plant([servers], poisson(rate, 180), edges=[users], late_e2e_ns=SECOND)
    run_until(system, 30)
    system.turn_replica(0, ReplicaKnob.WORKERS, 1)
    run_until(system, 40)
    system.turn_replica(0, ReplicaKnob.WORKERS, 10)
    run_until(system, 200)
    late = system.outcomes()[16:18].sum(axis=(0, 1))
    return float(late[Outcome.GOOD] / late.sum())


@pytest.mark.parametrize(
    ("rate", "edge", "recovers"),
    [
        pytest.param(28, {"retries_max": 2, "on_timeout": "leave"}, True, id="below mu / 3"),
        pytest.param(40, {"retries_max": 2, "on_timeout": "leave"}, False, id="above mu / 3"),
        pytest.param(90, {"on_timeout": "leave"}, True, id="no retries"),
        pytest.param(80, {"retries_max": 2}, True, id="cancelled work"),
        pytest.param(
            80, {"retries_max": 2, "on_timeout": "leave", "retry_budget": 0.1}, True, id="budget"
        ),
    ],
)
def test_retry_storm_outlives_its_cause_only_above_its_threshold(
    rate: float,
    edge: dict[str, object],
    recovers: bool,  # noqa: FBT001
) -> None:
    good = _goodput_after(rate, **edge)

    assert good > 0.8 if recovers else good < 0.05
