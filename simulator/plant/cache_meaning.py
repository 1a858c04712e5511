"""Caches asked by meaning: the nearest entry by embedding answers, if it is near enough.

A request has a question (its cache key), asked in its own words, and a question has a topic. Two
wordings of one question are similar, two questions of one topic a little less: how similar each
pair is, is drawn by both their keys. The most similar entry answers where it reaches the threshold.
So hits and wrong hits follow from the threshold and from what is held: the two laws of similarity
overlap (Schroeder et al., vCache, arXiv 2502.03771), and more entries mean nearer ones. Questions
of different topics are never similar enough. Entries whose embedding another model made are at a
distance that says nothing: the nearest of all of them answers, if near enough, and wrongly.
"""

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant.cache_entries import bucket_of, enlist, insert, link_use, remove
from simulator.plant.cache_eviction import make_room, note_use
from simulator.plant.cache_freshness import faded, note_new
from simulator.plant.cache_tables import (
    F_QUESTION,
    F_VERSION,
    F_WORDING,
    O_ACROSS,
    O_ACROSS_SPREAD,
    O_OTHER,
    O_OTHER_SPREAD,
    O_SAME,
    O_SAME_SPREAD,
    O_SIMILARITY,
    O_TOPICS,
    O_VERSION,
    S_FIRST,
    S_FOREIGN,
)
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import then

_NOTHING = -2.0  # below any similarity
_SURE, _ALMOST_SURE = 1.0, 0.9999  # the very words, and the most that others can be


@internal
def _topic_of(s: State, r: int, question: int) -> int:
    topics = s.caches[s.replicas[r, at.R_POOL], O_TOPICS]
    return chance.mix(question, chance.TOPIC) % topics


@internal
def _likeness(mean: float, spread: float, u: float) -> float:
    return min(mean + spread * arithmetic.normal_quantile(u), _ALMOST_SURE)


@internal
def _foreign_entry(s: State, r: int, key: int) -> int:
    """Take any entry that another model embedded; there is one."""
    first, count = s.stores[r, S_FIRST], s.replicas[r, at.R_KEYS]
    version = s.caches[s.replicas[r, at.R_POOL], O_VERSION]
    place = chance.mix(key, 1) % count
    while s.facts[s.members[first + place], F_VERSION] == version:
        place = place + 1 if place + 1 < count else 0
    return s.members[first + place]


@internal
def _nearest(s: State, slot: int, question: int) -> int:
    """Find the entry most similar to what a call asks, -1 where none is similar enough.

    Expired ones it comes by are deleted.
    """
    call, now = s.slots[slot], s.head[at.NOW]
    r, asks = call[at.REPLICA], chance.mix(call[at.ROOT_KEY], chance.ALIKE)
    pool = s.replicas[r, at.R_POOL]
    floats, version = s.cache_floats[pool], s.caches[pool, O_VERSION]
    topic = _topic_of(s, r, question)
    best, other = -1, -1
    most, most_other = 0.0, 0.0
    entry = s.buckets[bucket_of(s.buckets, r, topic)]
    while entry >= 0:
        row, facts = s.keys[entry], s.facts[entry]
        following = row[at.K_CHAIN]
        if row[at.K_KEY] == topic and row[at.K_REPLICA] == r:
            if row[at.K_EXPIRES_AT] > 0 and row[at.K_EXPIRES_AT] <= now:
                s.replicas[r, at.R_EXPIRED] += 1
                remove(s, entry)
            elif facts[F_VERSION] == version:
                u = chance.uniform(chance.mix(asks, facts[F_WORDING]))
                if facts[F_WORDING] == call[at.ROOT_KEY]:
                    u = _SURE
                if facts[F_QUESTION] == question:
                    if u > most:
                        best, most = entry, u
                elif u > most_other:
                    other, most_other = entry, u
        entry = following
    near = _NOTHING
    if best >= 0:
        near = _SURE if most == _SURE else _likeness(floats[O_SAME], floats[O_SAME_SPREAD], most)
    if other >= 0:
        alike = _likeness(floats[O_OTHER], floats[O_OTHER_SPREAD], most_other)
        if alike > near:
            best, near = other, alike
    foreign = s.stores[r, S_FOREIGN]
    if foreign > 0:
        # The largest of n draws is one draw of the n-th root.
        key = chance.mix(call[at.ROOT_KEY], chance.ACROSS)
        u = arithmetic.power(chance.uniform(key), 1.0 / foreign)
        if u < 1.0:
            alike = _likeness(floats[O_ACROSS], floats[O_ACROSS_SPREAD], u)
            if alike > near:
                best, near = _foreign_entry(s, r, key), alike
    return best if near >= floats[O_SIMILARITY] else -1


@rare
def look_up_meaning(s: State, slot: int, question: int) -> int:
    """Answer with the nearest entry, right or wrong, or miss."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    entry = _nearest(s, slot, question)
    if entry < 0:
        s.replicas[r, at.R_MISSES] += 1
        call[at.MISS_0] = r
        call[at.RESULT] = at.MISSED
        return then(at.FINISH, slot)
    note_use(s, r, entry, call[at.KEY])
    s.replicas[r, at.R_HITS] += 1
    facts = s.facts[entry]
    quality = faded(s, entry, s.keys[entry, at.K_QUALITY])
    if facts[F_QUESTION] != question:
        quality = 0
    call[at.QUALITY] = (call[at.QUALITY] * quality) >> at.ONE_BITS
    call[at.RESULT] = at.OK
    return then(at.FINISH, slot)


@internal
def _held_wording(s: State, r: int, topic: int, wording: int, question: int) -> int:
    """Find an entry by its very words, or with wording 0 any that answers the question."""
    version = s.caches[s.replicas[r, at.R_POOL], O_VERSION]
    entry = s.buckets[bucket_of(s.buckets, r, topic)]
    while entry >= 0:
        row, facts = s.keys[entry], s.facts[entry]
        mine = row[at.K_KEY] == topic and row[at.K_REPLICA] == r and facts[F_VERSION] == version
        asked = facts[F_QUESTION] == question if wording == 0 else facts[F_WORDING] == wording
        if mine and asked:
            return entry
        entry = row[at.K_CHAIN]
    return -1


@compiled
def answers(s: State, r: int, question: int) -> bool:
    """Say whether a store holds an answer to a question, in whatever words."""
    return _held_wording(s, r, _topic_of(s, r, question), 0, question) >= 0


@compiled
def store_meaning(
    s: State, r: int, question: int, wording: int, quality: int, expires_at: int
) -> int:
    """Store an answer beside the words it was asked in; -1 where it finds no room."""
    replica = s.replicas[r]
    topic = _topic_of(s, r, question)
    entry = _held_wording(s, r, topic, wording, question)
    if entry < 0:
        if not make_room(s, r, chance.mix(wording, chance.EVICT)):
            return -1
        entry = insert(s, r, topic, 0)
        enlist(s, r, entry)
        note_new(s, entry)
        replica[at.R_KEYS] += 1
        link_use(replica, s.keys, entry)
        s.facts[entry, F_QUESTION] = question
        s.facts[entry, F_WORDING] = wording
    s.keys[entry, at.K_QUALITY] = quality
    s.keys[entry, at.K_EXPIRES_AT] = expires_at
    return entry
