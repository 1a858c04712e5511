"""What components hold: keys of caches, answers by meaning, vectors of an index."""

from dataclasses import dataclass
from typing import Literal

Evicts = Literal["lru", "sampled_lru", "lfu", "random", "none"]
EVICTS: tuple[Evicts, ...] = ("lru", "sampled_lru", "lfu", "random", "none")
"""Which key goes for another: the least recently used, Redis's approximations of that and of the
least frequently used, any, or none: then what does not fit is not stored."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosine similarities of pairs of texts: normal, cut at 1."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Meaning:
    """A cache that is asked by meaning: the most similar entry answers, if it is similar enough.

    A request's key is its question; the keys fall into so many topics. `same` are two wordings of
    one question, `others` different questions of one topic, `versions` any two texts embedded by
    different models. What answers another question is wrong.
    """

    topics: int
    similarity_min: float
    same: Likeness
    others: Likeness
    versions: Likeness


@dataclass(frozen=True, slots=True)
class Cache:
    """Real keys; a miss is an answer, not a failure."""

    keys_max: int
    ttl_ns: int = 0  # 0: never expires
    single_flight: bool = False  # concurrent misses of one key wait for the first one's fill
    evicts: Evicts = "lru"
    samples: int = 5  # keys that sampled_lru and lfu look at, for each that goes
    ttl_jitter: float = 0.0  # a value's own time to live is drawn from ttl x (1 +- this)
    stale_ns: int = 0  # after that it is served so long still, while one fetch renews it
    negative_ttl_ns: int = 0  # failed fetches are remembered so long; 0: not at all
    early_refresh: float = 0.0  # beta of XFetch; 0: values are fetched when they have expired
    changes_every_ns: int = 0  # mean time until what a value says is no longer so; 0: never
    meaning: Meaning | None = None  # asked by meaning, not by key; without flights and failures

    @property
    def has_options(self) -> bool:
        """Whether it is more than LRU with a time to live."""
        return self != Cache(self.keys_max, self.ttl_ns, self.single_flight, samples=self.samples)


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """HNSW-like search: time and recall follow from ef, size and dimensions (plant.md §4)."""

    vectors: int
    dimensions: int
    ef: int
    memory_bytes: int = 0  # of a replica, for vectors; 0: as much as they need
    disk_read_ns: int = 100_000  # of a page, where they do not fit
    inserts_per_s: float = 0.0
    deletes_per_s: float = 0.0
    unindexed: int = 0  # of the vectors, at the start
    indexes_per_s: float = 1000.0  # vectors the optimizer writes; 0: it stands still
    indexes_from: int = 0  # unindexed vectors at which it begins; 0: Qdrant's 10,000 kB of them
    vacuum_above: float = 0.2  # share of deleted points at which it writes a segment anew
    optimizer_cores: int = 2  # taken while it runs
    shards: int = 1
    copies: int = 1  # of each shard, on as many replicas
    partial: Literal["allow", "fail"] = "allow"  # an answer without a missing shard, or none

    @property
    def has_options(self) -> bool:
        """Whether it is more than a graph that never changes and fits into memory."""
        return self != VectorIndex(self.vectors, self.dimensions, self.ef)
