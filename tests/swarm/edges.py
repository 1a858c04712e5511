"""Random edges and networks of the swarm, and the faults that strike them."""

from collections.abc import Callable, Mapping

from tests.swarm.draws import Draws, Plain
from tests.swarm.pieces import Faults

_SOMETIMES: Mapping[str, tuple[float, Callable[[Draws], Plain]]] = {
    "pooled": (0.3, lambda draws: {
        "pool": {
            "max": draws.pick("connections", [1, 5, 100]),
            "timeout": draws.pick("patience", ["20ms", "3s"]),
        },
    }),
    "breaks": (0.2, lambda _: {
        "breaker": {"window": 40, "calls_min": 10, "open_for": "5s", "probes": 3}
    }),
    "ejects": (0.2, lambda _: {
        "outliers": {"consecutive": 3, "interval": "5s", "ejected_for": "5s"}
    }),
    "hedges": (0.2, lambda draws: {
        "hedge": {"after": draws.pick("after", ["5ms", "200ms"]), "max": 2}
    }),
    "deadline": (0.4, lambda draws: {"deadline": draws.pick("kind", ["propagate", "check"])}),
    "adapts": (0.2, lambda _: {"adaptive": {"measured_every": "10s", "measured_over": 10}}),
    "lossy": (0.2, lambda draws: {
        "loss": draws.pick("loss", ["1%", "30%"]), "jitter": "5ms"
    }),
}  # fmt: skip
"""What an edge has now and then, and how often."""


def edge(draws: Draws) -> Plain:
    """How one component calls another."""
    made: Plain = {
        "delay": draws.pick("delay", ["0ms", "0.3ms", "20ms"]),
        "balance": draws.pick(
            "balance",
            [
                "round_robin",
                "least_request",
                "least_loaded",
                "random",
                "consistent_hash",
                "prefix_aware",
                {"policy": "least_loaded", "refresh": "5s"},
            ],
        ),
        "on_timeout": draws.pick("on_timeout", ["cancel", "leave"]),
    }
    if draws.happens("timed", 0.7):
        made["timeout"] = draws.pick("timeout", ["50ms", "1s", "10s"])
    if draws.happens("retries", 0.6):
        made["retries"] = {
            "max": draws.whole("max", 1, 3),
            "backoff": draws.pick("backoff", ["1ms", "100ms"]),
            "jitter": draws.pick("jitter", ["none", "full"]),
            "on_429": draws.happens("429", 0.5),
            "on": draws.pick("on", [["connect"], ["reset", "timeout", "5xx"]]),
            "retry_after": draws.pick("told", ["ignore", "honour"]),
            **({"budget": "20%"} if draws.happens("budget", 0.5) else {}),
        }
    for name, (share, piece) in _SOMETIMES.items():
        if draws.happens(name, share):
            made |= piece(draws)
    if draws.happens("limited", 0.3):
        made["concurrency_max"] = draws.pick("concurrency", [1, 20, 500])
    return made


ZONES = ["east", "west"]


def network(draws: Draws) -> Plain:
    """How far apart zones are, in half of the systems."""
    if draws.happens("none", 0.5):
        return {}
    lossy = {"loss": {"east -> west": "2%"}} if draws.happens("lossy", 0.5) else {}
    users = {"places": {"users": "west"}} if draws.happens("placed", 0.5) else {}
    return {"network": {"cross_zone": draws.pick("far", ["1ms", "50ms"]), **lossy, **users}}


ON_EDGE: Faults = {
    "lossy_link": lambda draws, _: {"share": draws.pick("share", ["2%", "70%"])},
    "slow_link": lambda draws, _: {"delay": draws.pick("delay", ["5ms", "2s"]), "jitter": "5ms"},
    "network_partition": lambda draws, _: {
        "lost": draws.pick("lost", ["both", "requests", "answers"]),
        "share": draws.pick("share", ["40%", "100%"]),
    },
}
