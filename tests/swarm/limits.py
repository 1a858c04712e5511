"""Limits that replicas of random systems run into."""

from tests.swarm.draws import Draws


def limits(draws: Draws) -> dict[str, object]:
    """Limits that some replicas run into within a minute or so."""
    if draws.happens("unlimited", 0.6):
        return {}
    made: dict[str, object] = {
        "memory": {
            "max": "1Gi",
            "base": draws.pick("base", ["100Mi", "900Mi"]),
            "per_call": "4Mi",
            "grows": {
                "per_call": draws.pick("leak", ["0", "200Ki"]),
                "per_second": draws.pick("seep", ["0", "10Mi"]),
            },
        },
        "threads": {},
    }
    if draws.happens("files", 0.5):
        made["fds"] = {"max": 64, "base": 10, "grows": {"per_call": draws.pick("fd", [0, 0.1])}}
    if draws.happens("volume", 0.5):
        made["disk"] = {
            "max": "1Gi",
            "base": "900Mi",
            "grows": {"per_call": "300Ki"},
            "when_full": draws.pick("full", ["fail", "crash"]),
        }
    if draws.happens("crowd", 0.3):
        made["connections"] = draws.pick("connections", [1, 30])
    return {"limits": made}
