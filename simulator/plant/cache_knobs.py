"""Turning a cache's knobs: what it holds stays, and follows the new rule from now on."""

import numpy as np

from simulator.plant import layout as at
from simulator.plant.api import PoolKnob
from simulator.plant.cache_tables import (
    O_CHANGES_NS,
    O_EARLY,
    O_EVICTS,
    O_JITTER,
    O_NEGATIVE_NS,
    O_SIMILARITY,
    O_STALE_NS,
    O_TOPICS,
    begin_options,
    give_room,
    set_version,
)
from simulator.plant.layout import State

_COLUMNS = {PoolKnob.KEYS_MAX: at.P_KEYS_MAX, PoolKnob.TTL_NS: at.P_TTL_NS}
_OPTIONS = {
    PoolKnob.EVICTS: O_EVICTS,
    PoolKnob.STALE_NS: O_STALE_NS,
    PoolKnob.NEGATIVE_TTL_NS: O_NEGATIVE_NS,
}
_FRACTIONS = {
    PoolKnob.TTL_JITTER: O_JITTER,
    PoolKnob.EARLY_REFRESH: O_EARLY,
    PoolKnob.CHANGES_EVERY_NS: O_CHANGES_NS,
    PoolKnob.SIMILARITY_MIN: O_SIMILARITY,
}
CACHE_KNOBS = {*_COLUMNS, *_OPTIONS, *_FRACTIONS, PoolKnob.EMBEDDING_VERSION}
"""Those that a cache has."""


def turn_cache(s: State, pool: int, knob: PoolKnob, value: float, replicas: int, now: int) -> None:
    """Turn one of CACHE_KNOBS; one that a plain LRU cache lacks makes it a cache with options."""
    if knob in _COLUMNS:
        s.pools[pool, _COLUMNS[knob]] = int(value)
        if knob is PoolKnob.KEYS_MAX and s.pools[pool, at.P_OPTIONS]:
            for replica in np.flatnonzero(s.replicas[:replicas, at.R_POOL] == pool):
                give_room(s, int(replica))
        return
    begin_options(s, pool, replicas, now)
    if knob is PoolKnob.EMBEDDING_VERSION and s.caches[pool, O_TOPICS] > 0:
        set_version(s, pool, int(value), replicas)
    elif knob in _OPTIONS:
        s.caches[pool, _OPTIONS[knob]] = int(value)
    elif knob in _FRACTIONS:
        s.cache_floats[pool, _FRACTIONS[knob]] = value
