"""Stores and queues of the swarm."""

from tests.swarm.draws import Draws


def relational(draws: Draws) -> dict[str, object]:
    """A primary and its replicas."""
    return {
        "kind": "relational",
        "replicas": draws.whole("replicas", 1, 3),
        "workers": draws.pick("workers", [1, 8]),
        "max_connections": draws.pick("connections", [1, 10, 200]),
        "service": {"read": {"exponential": draws.pick("read", ["1ms", "40ms"])}, "write": "5ms"},
        "reads_from": draws.pick("reads", ["replicas", "primary"]),
        "replication": {"delay": "20ms", "replay": draws.pick("replay", ["0.1ms", "100ms"])},
        "promotion": draws.pick("promotion", ["3s", {"uniform": ["5s", "20s"]}]),
        "start": {"weights_load": "2s", "warm_up": "1s"},
        **({"lock_timeout": "200ms"} if draws.happens("timeout", 0.5) else {}),
    }


def message_queue(draws: Draws) -> dict[str, object]:
    """A queue; its reader is drawn apart."""
    return {
        "kind": "queue",
        "prefetch": draws.pick("prefetch", [1, 5, 50]),
        "visibility_timeout": draws.pick("visible", ["200ms", "5s", "60s"]),
        "max_receives": draws.pick("receives", [1, 3, 10]),
        "max_depth": draws.pick("depth", [3, 50, 10_000]),
        "rebalance": draws.pick("rebalance", ["0s", "3s"]),
        "poison": draws.pick("poison", ["0%", "20%"]),
        **({"retry_after": "100ms"} if draws.happens("retries", 0.5) else {}),
        "start": {"weights_load": "1s", "warm_up": "1s"},
    }


def object_store(draws: Draws) -> dict[str, object]:
    """A store whose line, or whose prefixes, may be narrow."""
    return {
        "kind": "object_store",
        "replicas": draws.whole("replicas", 1, 2),
        "size": {"quantiles": {"50%": 100_000, "99%": 5_000_000}},
        "bandwidth": draws.pick("bandwidth", ["1M", "100M"]),
        "prefixes": draws.pick("prefixes", [1, 8]),
        "prefix_requests": draws.pick("rate", ["2/s", "100/s"]),
        "start": {"weights_load": "1s", "warm_up": "1s"},
    }
