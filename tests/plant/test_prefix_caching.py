"""Prefix caching in a running system: who is spared what, what is shown of it, and the law."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.plant.hardware import lookup
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import (
    USERS,
    ClassSpec,
    Distribution,
    EdgeSpec,
    Llm,
    PlantSpec,
    PoolSpec,
    SharedPrompt,
)
from tests.plant.systems import SECOND, Times, poisson

H100 = lookup("llama-3.1-8b/h100/tp1/bf16")
HITS, MISSES = ReplicaProbe.HITS, ReplicaProbe.MISSES


def served(
    spec: Llm, *shared: SharedPrompt, per_second: float = 5.0, seconds: int = 60, prompt: int = 1600
) -> Plant:
    chat = ClassSpec(
        "chat",
        "llm",
        Distribution("fixed", prompt),
        Distribution("fixed", 20),
        shared_prompt=shared,
    )
    system = PlantSpec((PoolSpec("llm", spec, 1),), (EdgeSpec(USERS, "llm"),), (chat,))
    plant = Plant(system, 1, {"chat": poisson(per_second, seconds)})
    plant.advance(seconds * SECOND, inclusive=True)
    plant.check_conservation()
    return plant


def hit_ratio(plant: Plant) -> float:
    row = plant.replica_row(0)
    return float(row[HITS] / (row[HITS] + row[MISSES]))


def test_a_system_prompt_is_computed_once() -> None:
    plant = served(H100, SharedPrompt(800))

    assert hit_ratio(plant) == pytest.approx(0.5, abs=0.01)


def test_without_prefix_caching_nothing_is_counted() -> None:
    plant = served(replace(H100, prefix_caching=False), SharedPrompt(800))

    assert plant.replica_row(0)[HITS] == plant.replica_row(0)[MISSES] == 0


def test_caching_shortens_the_wait_for_the_first_token() -> None:
    def first_token_ns(*, caches: bool) -> float:
        row = served(replace(H100, prefix_caching=caches), SharedPrompt(1500)).class_row(0)
        return float(row[ClassProbe.TTFT_NS] / row[ClassProbe.ANSWERED_2XX])

    assert first_token_ns(caches=True) < 0.75 * first_token_ns(caches=False)


def test_documents_are_found_as_often_as_least_recently_used_ones_are() -> None:
    """Requests one at a time for documents of 64 blocks: the cache is an LRU list of documents.

    Its hit ratio is that of Che, Tung and Wang (2002) for as many documents as fit beside the one
    in use; every request also frees blocks of its own, which take their share of the cache.
    """
    documents, room = 200, 40
    spec = replace(H100, kv_tokens=(room * 67 + 3) * 16)
    plant = served(
        spec,
        SharedPrompt(1024, documents, 0.9),
        per_second=0.8,
        seconds=4000,
        prompt=1024 + 16,
    )

    popularity = np.arange(1, documents + 1, dtype=np.float64) ** -0.9
    popularity /= popularity.sum()
    low, high = 0.0, 1e6
    for _ in range(80):
        middle = (low + high) / 2
        if (1 - np.exp(-popularity * middle)).sum() < room:
            low = middle
        else:
            high = middle
    che = float((popularity * (1 - np.exp(-popularity * low))).sum())
    whole = 1024 / 1040

    assert hit_ratio(plant) / whole == pytest.approx(che, abs=0.05)


def test_a_restarted_server_has_forgotten_everything() -> None:
    class_ = ClassSpec(
        "chat", "llm", Distribution("fixed", 1600), Distribution("fixed", 20),
        shared_prompt=(SharedPrompt(800),),
    )  # fmt: skip
    system = PlantSpec((PoolSpec("llm", H100, 1),), (EdgeSpec(USERS, "llm"),), (class_,))
    plant = Plant(system, 1, {"chat": Times([SECOND, 2 * SECOND, 4 * SECOND])})
    plant.advance(3 * SECOND, inclusive=True)
    assert plant.replica_row(0)[HITS] == 800

    plant.kill(0)
    plant.revive(0)
    plant.set_ready(0, ready=True)
    plant.advance(5 * SECOND, inclusive=True)

    assert plant.replica_row(0)[HITS] == 800
    assert plant.replica_row(0)[ReplicaProbe.FINISHED_STOP] == 3
