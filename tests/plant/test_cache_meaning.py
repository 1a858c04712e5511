"""Semantic caches: hits and wrong hits follow from the threshold and from what is held."""

from typing import Any

import numpy as np
import pytest

from simulator.plant import arithmetic, chance
from simulator.plant.api import Outcome, PoolKnob
from simulator.plant.cache_entries import key_of
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe as R
from simulator.plant.spec import Cache, Call, Likeness, Meaning
from tests.plant.systems import SECOND, Times, fixed, outcomes, plant, poisson, pool, run_until

GOOD, WRONG = int(Outcome.GOOD), int(Outcome.WRONG)
FAR = Likeness(0.0, 0.05)


def _meaning(similarity_min: float = 0.93, **options: Any) -> Meaning:
    found: dict[str, Any] = {
        "topics": 20,
        "same": Likeness(0.925, 0.035),
        "others": Likeness(0.78, 0.05),
    }
    return Meaning(similarity_min=similarity_min, **(found | {"versions": FAR} | options))


def _cached(meaning: Meaning, source: Times, keys_max: int = 200, **options: Any) -> Plant:
    cache = Cache(keys_max, meaning=meaning, **options.pop("cache", {}))
    pools = [
        pool("a", 999, Call("cache", on_miss=(Call("llm"),))),
        pool("cache", 99, fixed(0), content=cache),
        pool("llm", 999, fixed(0)),
    ]
    options = {"keys": 300, "key_zipf": 0.8} | options
    system = plant(pools, source, **options)
    system.flush_cache(1)
    return system


def _seen(system: Plant) -> tuple[int, int, int]:
    row = system.replica_row(1)
    return int(row[R.HITS]), int(row[R.MISSES]), outcomes(system)[WRONG]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nearest_entry_answers_as_in_plain_python(seed: int) -> None:
    meaning = _meaning(0.88)
    system = _cached(meaning, poisson(20, 40), keys_max=1 << 20, seed=seed)
    held: list[tuple[int, int]] = []
    hits = wrong = 0
    rows = system._feed.load(0)  # noqa: SLF001  the keys the requests will have
    system._feed.minute = -1  # noqa: SLF001
    for root in (int(row[2]) for row in rows):
        question = int(key_of(system._s, 0, root))  # noqa: SLF001
        topic = chance.mix(question, chance.TOPIC) % meaning.topics
        nearest, answered = -2.0, -1
        for other, wording in held:
            if chance.mix(other, chance.TOPIC) % meaning.topics != topic:
                continue
            law = meaning.same if other == question else meaning.others
            u = chance.uniform(chance.mix(chance.mix(root, chance.ALIKE), wording))
            alike = min(law.mean + law.deviation * arithmetic.normal_quantile(u), 0.9999)
            if alike > nearest:
                nearest, answered = alike, other
        if nearest >= meaning.similarity_min:
            hits += 1
            wrong += answered != question
        else:
            held.append((question, root))

    run_until(system, 60)

    assert _seen(system) == (hits, len(held), wrong)
    assert hits > wrong > 0


def test_lower_threshold_means_more_hits_and_more_of_them_wrong() -> None:
    shares = []
    for similarity_min in (0.97, 0.93, 0.88):
        system = _cached(_meaning(similarity_min), poisson(100, 30))
        run_until(system, 32)
        hits, misses, wrong = _seen(system)
        shares.append((hits / (hits + misses), wrong / hits))

    assert shares == sorted(shares)
    assert shares[0][1] < 0.01
    assert shares[2][1] > 0.05


def test_requests_of_their_own_kind_are_never_answered() -> None:
    system = _cached(_meaning(0.93, others=Likeness(0.5, 0.05)), poisson(100, 10), keys=0)

    run_until(system, 12)

    assert _seen(system)[0] == 0


def test_new_embedding_model_makes_hits_vanish_until_new_answers_have_come() -> None:
    system = _cached(_meaning(0.9), poisson(200, 60), keys_max=1 << 20)
    run_until(system, 30)
    before = _seen(system)

    system.turn_pool(1, PoolKnob.EMBEDDING_VERSION, 1)
    run_until(system, 31)
    at_once = _seen(system)
    run_until(system, 59)
    after = _seen(system)
    run_until(system, 60)
    later = _seen(system)

    assert before[0] > before[1]
    assert at_once[0] - before[0] < at_once[1] - before[1]
    assert later[0] - after[0] > later[1] - after[1]


def test_model_whose_embeddings_are_all_alike_answers_everything_wrongly() -> None:
    alike = Likeness(0.85, 0.05)
    system = _cached(_meaning(0.9, versions=alike), poisson(200, 40), keys_max=1 << 20)
    run_until(system, 30)
    hits, misses, wrong = _seen(system)

    system.turn_pool(1, PoolKnob.EMBEDDING_VERSION, 1)
    run_until(system, 42)

    new_hits, new_misses, new_wrong = np.subtract(_seen(system), (hits, misses, wrong))
    assert new_misses == 0
    assert new_wrong > 0.9 * new_hits
    system.turn_pool(1, PoolKnob.EMBEDDING_VERSION, 0)  # and back, nothing is lost
    assert int(system.replica_row(1)[R.KEYS]) == misses


def test_threshold_turned_holds_from_the_next_search_on() -> None:
    system = _cached(_meaning(0.93), poisson(100, 20))
    run_until(system, 10)
    hits = _seen(system)[0]

    system.turn_pool(1, PoolKnob.SIMILARITY_MIN, 1.0)
    run_until(system, 22)

    assert hits > 0
    assert _seen(system)[0] == hits  # nobody asks in the very words of another


def test_store_stays_within_its_bounds_and_answers_expire() -> None:
    cache = {"ttl_ns": 2 * SECOND, "evicts": "lfu"}
    system = _cached(_meaning(0.9), poisson(200, 20), keys_max=60, cache=cache)

    run_until(system, 22)

    row = system.replica_row(1)
    assert int(row[R.KEYS]) <= 60
    assert int(row[R.EVICTED]) > 0
    assert int(row[R.EXPIRED]) > 0


def test_warm_cache_holds_the_most_asked_questions_once_each() -> None:
    system = _cached(_meaning(0.9), poisson(1, 1), keys_max=100)

    added = system.warm_cache(1, 0.5)
    again = system.warm_cache(1, 1.0)

    assert (added, again) == (50, 50)
    assert int(system.replica_row(1)[R.KEYS]) == 100
    assert system.flush_cache(1) == 100
