"""Which knobs stand where: the causes that changed them, combined, and what the plant is told.

Trouble has a home. Each affliction names the place it was put; this module works out for every
replica, edge, class and pool what all living causes together make of each knob.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from simulator.drill.links import KNOBS, Links
from simulator.drill.providers import PROVIDER_KNOBS, apply_trouble
from simulator.plant.api import ClassKnob, EdgeKnob, PlantPort, ReplicaKnob
from simulator.plant.spec import External
from simulator.system.topology.weights import Weights
from simulator.world import Home, Knob, Place

_SHARES = {
    Knob.ERROR_SHARE,
    Knob.PROVIDER_CUTS,
    Knob.LOSS,
    Knob.LOG_LOSS,
    Knob.BLOCKED,
    Knob.REQUESTS_BLOCKED,
    Knob.ANSWERS_BLOCKED,
}
_LEAKS: Mapping[Knob, ReplicaKnob] = {
    Knob.MEMORY_LEAK: ReplicaKnob.MEMORY_LEAK,
    Knob.FD_LEAK: ReplicaKnob.FD_LEAK,
    Knob.DISK_LEAK: ReplicaKnob.DISK_LEAK,
    Knob.GPU_MEMORY_LEAK: ReplicaKnob.GPU_MEMORY_LEAK,
}
_LARGEST = {
    Knob.MIX,
    Knob.HOT_TENANT,
    Knob.SCRAPE_FAILURE,
    Knob.PROXY_FAILURE,
    Knob.LABEL_VALUES,
}
_OF_INSTRUMENTS = frozenset(
    {Knob.SCRAPE_FAILURE, Knob.PROXY_FAILURE, Knob.LABEL_VALUES, Knob.LOG_LOSS, Knob.LOG_RATE}
)
"""Knobs the plant has not: the instruments ask for them when they look."""


_OF_REPLICAS = {
    Knob.SLOWDOWN, Knob.ERROR_SHARE, Knob.WORKERS, Knob.CORES, Knob.CPU_LIMIT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Affliction:
    """One cause's hold on one knob at one place."""

    cause: str
    home: Home
    place: Place
    knob: Knob
    value: float


@dataclass(slots=True)
class Row:
    """One replica row of the plant and the pod behind it."""

    number: int
    component: str
    ordinal: int
    pod: str
    node: str | None
    revision: str
    is_reachable: bool = True
    is_alive: bool = True


def combined(knob: Knob, values: Sequence[float]) -> float:
    """What several causes make of one knob; the rule for each stands in `world.Knob`."""
    if knob in _SHARES:
        return 1.0 - math.prod(1.0 - value for value in values)
    if knob in {Knob.DELAY, Knob.JITTER, *_LEAKS}:
        return math.fsum(values)
    if knob in _LARGEST:
        return max(values, default=0.0)
    if knob is Knob.LOG_RATE:
        return min(values, default=math.inf)
    return math.prod(values)


class Effects:
    """Every affliction that holds, and the rows of the plant they reach."""

    def __init__(
        self,
        plant: PlantPort,
        pools: Mapping[str, int],
        edges: Mapping[str, int],
        classes: Mapping[str, int],
        quality_of: Callable[[str, str], float],
        base: "BaseValues",
        zones: Mapping[str, int] | None = None,
        memory_leak_of: Callable[[str, str], float] = lambda _component, _revision: 0.0,
    ) -> None:
        self._plant, self._pools, self._edges, self._classes = plant, pools, edges, classes
        self._quality_of, self.base = quality_of, base
        self._links = Links(plant, edges, zones or {})
        self._memory_leak_of = memory_leak_of
        self._held: list[Affliction] = []
        self.rows: dict[int, Row] = {}

    def held(self) -> tuple[Affliction, ...]:
        """Every affliction in force, in the order of cause, place and knob."""
        return tuple(self._held)

    def afflict(self, affliction: Affliction) -> None:
        """Add one affliction, in the place of the same cause's earlier hold on the same knob."""
        self._held = [a for a in self._held if _slot(a) != _slot(affliction)]
        # Multiply in name order: float products depend on order.
        self._held = sorted([*self._held, affliction], key=_slot)
        self._apply(affliction)

    def relieve(self, cause: str) -> None:
        """Drop everything a cause holds."""
        self._drop([a for a in self._held if a.cause == cause])

    def renew(self, home: Home, place: Place) -> None:
        """Drop what lived at a home that has been replaced: a process, a host, a release."""
        self._drop([a for a in self._held if a.home is home and a.place == place])

    def attach(self, row: Row) -> None:
        """Take a new row in and tell the plant what already holds for it."""
        self.rows[row.number] = row
        self.refresh(row)
        self._apply_links(Place("pod", row.pod))

    def detach(self, number: int) -> None:
        """Forget a row that is gone."""
        pod = self.rows.pop(number).pod
        self._apply_links(Place("pod", pod))

    def refresh(self, row: Row) -> None:
        """Tell the plant every replica knob of one row."""
        turn = self._plant.turn_replica
        turn(row.number, ReplicaKnob.SLOWDOWN, self._for_row(row, Knob.SLOWDOWN))
        turn(row.number, ReplicaKnob.ERROR_SHARE, self._for_row(row, Knob.ERROR_SHARE))
        turn(row.number, ReplicaKnob.REACHABLE, float(row.is_reachable))
        turn(row.number, ReplicaKnob.QUALITY, self._quality_of(row.component, row.revision))
        if row.component in self.base.limited:
            self._leak(row)
        workers = self.base.workers.get(row.component)
        if workers is not None:
            share = self._for_row(row, Knob.WORKERS)
            turn(row.number, ReplicaKnob.WORKERS, float(max(1, math.floor(workers * share))))
        cores = self.base.cores.get(row.component)
        if cores is not None:
            turn(row.number, ReplicaKnob.CORES, cores * self._for_row(row, Knob.CORES))
        limit = self.base.cpu_limits.get(row.component)
        if limit is not None:
            turn(row.number, ReplicaKnob.CPU_LIMIT, limit * self._for_row(row, Knob.CPU_LIMIT))
        weights = self.base.weights.get(row.component)
        if weights is not None:
            turn(row.number, ReplicaKnob.WEIGHT, weights.of(row.ordinal, row.revision))
        sequences = self.base.max_num_seqs.get(row.component)
        if sequences is not None:
            turn(row.number, ReplicaKnob.MAX_NUM_SEQS, sequences)

    def _leak(self, row: Row) -> None:
        own = {Knob.MEMORY_LEAK: self._memory_leak_of(row.component, row.revision)}
        for knob, turned in _LEAKS.items():
            leak = self._for_row(row, knob) + own.get(knob, 0.0)
            self._plant.turn_replica(row.number, turned, leak)

    def host_slowdown(self, node: str) -> float:
        """How much slower a host's hardware runs, as its own sensors would show."""
        place = Place("node", node)
        values = [a.value for a in self._held if a.place == place and a.knob is Knob.SLOWDOWN]
        return combined(Knob.SLOWDOWN, values)

    def at_place(self, place: Place, knob: Knob) -> float:
        """What all causes together make of a knob of an edge, class or component."""
        return combined(knob, [a.value for a in self._held if a.place == place and a.knob is knob])

    def for_row(self, number: int, knob: Knob) -> float:
        """What all causes together make of a knob of one replica, wherever they were put."""
        return self._for_row(self.rows[number], knob)

    def holds(self, knob: Knob) -> bool:
        """Whether any cause holds a knob anywhere."""
        return any(a.knob is knob for a in self._held)

    def _for_row(self, row: Row, knob: Knob) -> float:
        if not self._held:
            return combined(knob, ())
        places = [
            Place("component", row.component),
            Place("pod", row.pod),
            Place("revision", f"{row.component}@{row.revision}"),
        ]
        if row.node is not None:
            places.append(Place("node", row.node))
        return combined(knob, [a.value for a in self._held if a.knob is knob and a.place in places])

    def _drop(self, dropped: list[Affliction]) -> None:
        self._held = [a for a in self._held if a not in dropped]
        for affliction in dropped:
            self._apply(affliction)

    def _apply(self, affliction: Affliction) -> None:
        """Tell whoever follows this affliction's knob what it is worth now."""
        of_instruments = affliction.place.kind == "monitoring"
        if not of_instruments and affliction.knob not in _OF_INSTRUMENTS:
            self._tell(affliction)

    def _tell(self, affliction: Affliction) -> None:
        """Tell the plant what this affliction's knob is worth now, wherever it reaches."""
        place, knob = affliction.place, affliction.knob
        if knob in _OF_REPLICAS or knob in _LEAKS:
            for row in self.rows.values():
                if place.name in {row.component, row.pod, row.node}:
                    self.refresh(row)
        elif knob in PROVIDER_KNOBS:
            pool, provider = self._pools[place.name], self.base.providers[place.name]
            apply_trouble(self._plant, pool, provider, knob, partial(self.at_place, place))
        elif knob in KNOBS:
            self._apply_links(place)
        elif knob is Knob.DELAY:
            edge = self._edges[place.name]
            base = self.base.delay_ns[place.name]
            delay = base + self.at_place(place, knob)
            self._plant.turn_edge(edge, EdgeKnob.DELAY_NS, delay)
        elif knob is Knob.ARRIVALS:
            value = self.at_place(place, knob)
            self._plant.set_arrival_multiplier(self._classes[place.name], value)
        else:
            turned = ClassKnob.MIX_SHARE if knob is Knob.MIX else ClassKnob.HOT_TENANT_SHARE
            value = self.at_place(place, knob)
            self._plant.turn_class(self._classes[place.name], turned, value)

    def _apply_links(self, place: Place) -> None:
        """Tell the plant what all causes make of the network of an edge or pod."""
        values = {knob: self.at_place(place, knob) for knob in KNOBS}
        pods = {row.pod: row.number for row in self.rows.values()} if place.kind == "pod" else {}
        self._links.apply(place, values, pods.get(place.name))


@dataclass(slots=True)
class BaseValues:
    """What stands when nothing is wrong; `configure` changes it."""

    workers: dict[str, int]  # or threads
    max_num_seqs: dict[str, float]
    providers: dict[str, External]
    delay_ns: dict[str, float]
    weights: dict[str, Weights]
    cores: dict[str, float] = field(default_factory=dict)
    cpu_limits: dict[str, float] = field(default_factory=dict)  # in cores, of those that have one
    limited: frozenset[str] = frozenset()  # components whose replicas may run out of something


def _slot(affliction: Affliction) -> tuple[str, Place, Knob]:
    return (affliction.cause, affliction.place, affliction.knob)
