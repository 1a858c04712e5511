"""Who calls whom, how far apart components are, and whether calls go round in circles.

Names of components that do not exist are kept: `checks` reports them.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from simulator.plant.spec import USERS, Step
from simulator.system.topology.components._base import Component
from simulator.system.topology.parts import SystemParts
from simulator.system.topology.steps import callees, program

Edges = tuple[tuple[str, str], ...]
"""(caller, callee) pairs, each once, in a fixed order."""


def steps_for(component: Component, request_class: str) -> tuple[Step, ...]:
    """Say what a component does for a class."""
    if request_class in component.handles:
        return program(component.handles[request_class])
    return component.own_work()


def calls_of_class(parts: SystemParts, request_class: str) -> Edges:
    """Say who may call whom for one class, from the users on, breadth first."""
    entry = parts.classes[request_class].arrives_at
    splits = _splits(parts)
    entries = _and_split(splits, USERS, (entry,))
    found = dict.fromkeys((USERS, name) for name in entries)
    seen, waiting = set(entries), deque(entries)
    while waiting:
        caller = waiting.popleft()
        if (component := parts.components.get(caller)) is None:
            continue
        called = (*callees(steps_for(component, request_class)), *component.hands_to())
        for callee in _and_split(splits, caller, called):
            found.setdefault((caller, callee))
            if callee not in seen:
                seen.add(callee)
                waiting.append(callee)
    return tuple(found)


def _splits(parts: SystemParts) -> dict[tuple[str, str], str]:
    """Say which calls go to another component in part, and to which; `checks` reports bad names."""
    written = {text.partition("->")[::2]: edge.split for text, edge in parts.edges.items()}
    return {
        (caller.strip(), callee.strip()): split.to
        for (caller, callee), split in written.items()
        if split is not None
    }


def _and_split(
    splits: Mapping[tuple[str, str], str], caller: str, names: Iterable[str]
) -> tuple[str, ...]:
    """List callees, each followed by the one that takes a share of its calls."""
    found: dict[str, None] = {}
    for name in names:
        found.setdefault(name)
        if (caller, name) in splits:
            found.setdefault(splits[caller, name])
    return tuple(found)


def calls(parts: SystemParts) -> Edges:
    """Say who may call whom for any class: users first, then callers as components are written."""
    found: dict[tuple[str, str], None] = {}
    for name in parts.classes:
        found.update(dict.fromkeys(calls_of_class(parts, name)))
    place = {name: at for at, name in enumerate((USERS, *parts.components))}
    return tuple(sorted(found, key=lambda edge: place.get(edge[0], len(place))))


def reached(parts: SystemParts, request_class: str) -> tuple[str, ...]:
    """Say which components a class's requests may reach, in order of distance."""
    return tuple(dict.fromkeys(callee for _, callee in calls_of_class(parts, request_class)))


def classes_reaching(parts: SystemParts, component: str) -> tuple[str, ...]:
    """Say which classes' requests may reach a component."""
    return tuple(name for name in parts.classes if component in reached(parts, name))


def cycle(edges: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Say one way round in circles, its first name repeated at the end; empty if there is none."""
    before: dict[str, list[str]] = {}
    for caller, callee in edges:
        before.setdefault(callee, []).append(caller)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def hops(edges: Sequence[tuple[str, str]], start: str) -> Mapping[str, int]:
    """Count calls between a component and every other, in whichever direction they go."""
    near: dict[str, list[str]] = {}
    for caller, callee in edges:
        near.setdefault(caller, []).append(callee)
        near.setdefault(callee, []).append(caller)
    distance, waiting = {start: 0}, deque([start])
    while waiting:
        name = waiting.popleft()
        for other in near.get(name, ()):
            if other not in distance:
                distance[other] = distance[name] + 1
                waiting.append(other)
    return distance


def layers(edges: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Group names by their longest way from the users; the graph must have no cycle."""
    depth: dict[str, int] = {}
    before: dict[str, list[str]] = {}
    for caller, callee in edges:
        before.setdefault(caller, [])
        before.setdefault(callee, []).append(caller)
    for name in TopologicalSorter(before).static_order():
        depth[name] = max((depth[caller] + 1 for caller in before[name]), default=0)
    return tuple(
        tuple(name for name in before if depth[name] == level)
        for level in range(max(depth.values(), default=-1) + 1)
    )
