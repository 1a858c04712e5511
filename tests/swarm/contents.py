"""Random components that hold something: caches by key and by meaning, vector indexes."""

from tests.swarm.draws import Draws, Plain


def cache(draws: Draws) -> Plain:
    return {
        "kind": "cache",
        "replicas": draws.whole("replicas", 1, 2),
        "keys_max": draws.pick("keys", [1, 50, 5000]),
        "service": "0.3ms",
        "single_flight": draws.happens("flight", 0.5),
        "evicts": draws.pick("evicts", ["lru", "sampled_lru", "lfu", "random", "none"]),
        **({"negative_ttl": "3s"} if draws.happens("negative", 0.4) else {}),
        **({"changes_every": "1m"} if draws.happens("changes", 0.3) else {}),
        **(_times_to_live(draws) if draws.happens("ttl", 0.6) else {}),
    }


def _times_to_live(draws: Draws) -> Plain:
    return {
        "ttl": draws.pick("for", ["2s", "20s"]),
        "ttl_jitter": draws.pick("jitter", ["0%", "20%"]),
        "early_refresh": draws.pick("early", [0.0, 1.0, 20.0]),
        **({"stale_for": "10s"} if draws.happens("stale", 0.5) else {}),
    }


def semantic_cache(draws: Draws) -> Plain:
    return {
        "kind": "semantic_cache",
        "replicas": draws.whole("replicas", 1, 2),
        "keys_max": draws.pick("keys", [1, 30, 3000]),
        "topics": draws.pick("topics", [1, 50]),
        "similarity_min": draws.pick("threshold", [0.8, 0.93, 1.0]),
        "evicts": draws.pick("evicts", ["lru", "lfu", "random", "none"]),
        **({"ttl": "10s"} if draws.happens("ttl", 0.5) else {}),
    }


def vectors(draws: Draws) -> Plain:
    return {
        "kind": "vector_index",
        "replicas": draws.whole("replicas", 1, 2),
        "vectors": 1_000_000,
        "dimensions": 768,
        "ef": draws.pick("ef", [32, 128]),
        "cores": draws.whole("cores", 1, 8),
        "shards": draws.pick("shards", [1, 1, 3]),
        "partial": draws.pick("partial", ["allow", "fail"]),
        **({"memory": "3Gi"} if draws.happens("tight", 0.3) else {}),
        **({"writes": _writes(draws)} if draws.happens("writes", 0.5) else {}),
        "optimizer": {"speed": draws.pick("speed", ["0/s", "500/s", "20k/s"]), "begins_at": 300},
    }


def _writes(draws: Draws) -> Plain:
    return {
        "inserts": draws.pick("inserts", ["0/s", "40/s", "2k/s"]),
        "deletes": draws.pick("deletes", ["0/s", "5k/s"]),
    }
