"""What every action is: typed, checked against what exists, carried out through the levers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar, Protocol

from simulator.edits import MONITORING
from simulator.errors import NotFound, UsageError
from simulator.response.spoken import Spoken
from simulator.units import SECOND
from simulator.world import Levers, Looks, Place


class ActionWorld(Looks, Levers, Protocol):
    """What an action may see and do."""


class Action(Spoken, ABC):
    """A step that changes the system; it takes time, can be refused, and can hurt.

    `check` finds a bad target before any time passes; `perform` may still be refused, having
    changed nothing.
    """

    takes_ns: ClassVar[int] = 5 * SECOND
    mutates: ClassVar[bool] = True
    component_kinds: ClassVar[tuple[str, ...]] = ()
    """Which kinds of component it works on; empty: any."""

    @abstractmethod
    def places(self) -> tuple[Place, ...]:
        """Name everything it touches."""

    @abstractmethod
    def perform(self, world: ActionWorld) -> str:
        """Do it, and answer in the tool's words; ActionRefused if it cannot be done now."""

    def check(self, looks: Looks) -> None:
        """Raise NotFound for a place that is not there, UsageError for one of the wrong kind."""
        for place in self.places():
            check_place(looks, place)
            if place.kind == "component" and self.component_kinds:
                self._check_kind(looks, place.name)

    def _check_kind(self, looks: Looks, name: str) -> None:
        kind = looks.component(name).kind
        if kind not in self.component_kinds:
            fitting = [c.name for c in looks.components() if c.kind in self.component_kinds]
            there = ", ".join(fitting) or "none here"
            wanted = " or ".join(self.component_kinds)
            raise UsageError(f"{self.kind_name} works on a {wanted} ({there}); {name} is a {kind}")


def check_place(looks: Looks, place: Place) -> None:
    """Raise NotFound, with the nearest name, unless the place exists."""
    known = list(names_of(looks, place))
    if place.name not in known:
        raise NotFound(place.kind.replace("_", " "), place.name, known)


def names_of(looks: Looks, place: Place) -> Iterable[str]:
    """Every name that exists of a place's kind."""
    ways: dict[str, Callable[[], Iterable[str]]] = {
        "component": lambda: [component.name for component in looks.components()],
        "pod": lambda: [pod.name for pod in looks.pods()],
        "node": lambda: [node.name for node in looks.nodes()],
        "node_pool": looks.node_pools,
        "edge": looks.edges,
        "class": looks.classes,
        "autoscaler": looks.autoscalers,
        "zone": lambda: (),  # nothing is done to a zone as such
        "monitoring": lambda: MONITORING,
    }
    return ways[place.kind]()


def bare(target: str) -> str:
    """Drop the `kind/` of a target whose kind is known."""
    return target.partition("/")[2] or target


def either(looks: Looks, target: str, other: Place) -> Place:
    """Read a target that may be a pod or something else by what exists under that name."""
    name = bare(target)
    is_pod = any(pod.name == name for pod in looks.pods())
    if target.startswith("pod/") or (is_pod and target == name):
        return Place("pod", name)
    return other
