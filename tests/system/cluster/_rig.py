"""A cluster on a clock with a plant that only takes notes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.clock import Clock
from simulator.plant.spec import Distribution
from simulator.system.cluster.cluster import Cluster
from simulator.system.cluster.model import Deployment, NodePool
from simulator.units import SECOND

NOTHING = Distribution("fixed", 0.0)
PULL, LOAD, WARM = 60, 33, 49


def fixed(seconds: float) -> Distribution:
    return Distribution("fixed", seconds * SECOND)


@dataclass
class NotedReplicas:
    """The port to the plant, as a fake: gives rows, keeps what it was told."""

    told: list[tuple[str, int]] = field(default_factory=list)
    ready: set[int] = field(default_factory=set)
    alive: set[int] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)

    def add(self, component: str, ordinal: int, pod: str, node: str | None, revision: str) -> int:
        assert node is not None
        assert pod == f"{component}-{ordinal}"
        assert revision
        row = len(self.rows)
        self.rows[pod] = row
        self.alive.add(row)
        self.told.append(("add", row))
        return row

    def set_ready(self, row: int, *, ready: bool) -> None:
        assert row in self.alive
        (self.ready.add if ready else self.ready.discard)(row)
        self.told.append(("ready" if ready else "not ready", row))

    def set_reachable(self, row: int, *, reachable: bool) -> None:
        self.told.append(("reachable" if reachable else "unreachable", row))

    def drain(self, row: int) -> None:
        self.told.append(("drain", row))

    def kill(self, row: int) -> None:
        self.told.append(("kill", row))

    def revive(self, row: int) -> None:
        self.told.append(("revive", row))

    def remove(self, row: int) -> None:
        self.alive.remove(row)
        self.ready.discard(row)
        self.told.append(("remove", row))


class Rig:
    """A cluster with everything it did, in order."""

    def __init__(
        self, deployments: Iterable[Deployment], pools: dict[str, NodePool] | None = None
    ) -> None:
        self.clock = Clock()
        self.plant = NotedReplicas()
        self.events: list[tuple[int, str, str, str]] = []
        self.drawn: list[str] = []
        self.cluster = Cluster(
            self.clock,
            self.plant,
            list(deployments),
            pools or {},
            self._draw,
            lambda *event: self.events.append(event),
        )

    def run(self, until_s: float) -> None:
        """Let time pass up to and including an instant."""
        until = int(until_s * SECOND)
        while self.clock.peek() <= until:
            self.clock.step()
        self.clock.at(until, 9, "end")  # type: ignore[arg-type]  # only to move the clock there
        self.clock.step()

    def at(self, reason: str, subject: str | None = None) -> list[float]:
        """Seconds at which something happened."""
        return [
            at / SECOND for at, why, who, _ in self.events
            if why == reason and subject in (None, who)
        ]  # fmt: skip

    def messages(self, reason: str) -> list[str]:
        return [text for _, why, _, text in self.events if why == reason]

    def names(self, component: str = "llm", *, ready: bool | None = None) -> list[str]:
        pods = self.cluster.pods(component)
        return [pod.name for pod in pods if ready is None or pod.is_ready == ready]

    def _draw(self, name: str, law: Distribution) -> int:
        self.drawn.append(name)
        return int(law.a)


def llm(replicas: int = 4, **changes: object) -> Deployment:
    settings: dict[str, object] = {
        "name": "llm", "kind": "llm", "replicas": replicas, "revision": "v1", "gpus": 1,
        "image_pull": fixed(PULL), "weights_load": fixed(LOAD), "warm_up": fixed(WARM),
    }  # fmt: skip
    return Deployment(**{**settings, **changes})  # type: ignore[arg-type]


def gateway(replicas: int = 3, **changes: object) -> Deployment:
    settings: dict[str, object] = {
        "name": "gateway", "kind": "workers", "replicas": replicas, "revision": "v1",
        "cpu_milli": 1000, "image_pull": fixed(5), "weights_load": NOTHING, "warm_up": fixed(2),
    }  # fmt: skip
    return Deployment(**{**settings, **changes})  # type: ignore[arg-type]


def gpu_pool(count: int = 4, **changes: object) -> NodePool:
    settings: dict[str, object] = {
        "count": count,
        "gpus": 1,
        "price_per_hour": 2.5,
        "ready_in": "5m",
    }
    return NodePool.model_validate({**settings, **changes})
