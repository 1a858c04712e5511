"""What the parts of a system say about each other: unknown names, circles, missing steps.

Each model has been read by itself before; here they are read together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.errors import suggestion
from simulator.plant.spec import USERS
from simulator.system.topology.components._queue import Queueing
from simulator.system.topology.components.cache import Cache
from simulator.system.topology.components.llm import Llm
from simulator.system.topology.components.queue import Queue
from simulator.system.topology.components.relational import Relational
from simulator.system.topology.components.semantic_cache import SemanticCache
from simulator.system.topology.edge import Edge, edge_name, ends
from simulator.system.topology.graph import (
    calls,
    calls_of_class,
    classes_reaching,
    cycle,
    reached,
    steps_for,
)
from simulator.system.topology.parts import SystemParts
from simulator.system.topology.readers import consumers
from simulator.system.topology.steps import (
    ROUNDS_MAX,
    Call,
    Chance,
    Enqueue,
    Loop,
    Parallel,
    Step,
)

LOOPS_MAX = 2
Path = tuple[str | int, ...]
"""Keys and places from the top of the scenario."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit, at its path in the scenario."""

    path: Path
    code: str
    message: str
    is_warning: bool = False


def problems(parts: SystemParts) -> tuple[Problem, ...]:
    """Find everything that does not fit together."""
    found = [*_unknown_names(parts), *_prefills(parts), *_edges(parts), *_network(parts)]
    found += [Problem(*told) for told in consumers(parts)]
    if not found:
        found = [*_circles(parts), *_missing_steps(parts), *_adapters(parts)]
        found += [*_unreached(parts), *_alike(parts)]
    return tuple(found)


def _no_component(name: str, parts: SystemParts) -> str:
    known = ", ".join(sorted(parts.components)) or "none"
    return f"no component {name!r}{suggestion(name, parts.components)}; there is: {known}"


def _unknown_names(parts: SystemParts) -> Iterator[Problem]:
    for name, request_class in parts.classes.items():
        if request_class.arrives_at not in parts.components:
            path: Path = ("classes", name, "arrives_at")
            yield Problem(path, "unknown-target", _no_component(request_class.arrives_at, parts))
        elif (
            request_class.client.reads
            and not parts.components[request_class.arrives_at].takes_steps
        ):
            text = f"{request_class.arrives_at} has no steps, and so no stream to hold; leave reads"
            yield Problem(("classes", name, "client", "reads"), "no-stream", text)
    for name, component in parts.components.items():
        if name == USERS:
            text = f"{USERS!r} are the people outside; give the component another name"
            yield Problem(("components", name), "reserved-name", text)
        for of, steps in component.handles.items():
            path = ("components", name, "handles", of)
            if of not in parts.classes:
                known = ", ".join(sorted(parts.classes)) or "none"
                near = suggestion(of, parts.classes)
                yield Problem(path, "unknown-class", f"no class {of!r}{near}; there is: {known}")
            yield from _calls(parts, steps, path)
            yield from _rounds(steps, path)


def _rounds(steps: Sequence[Step], path: Path) -> Iterator[Problem]:
    """Find handlers whose loops may take too many rounds, or are nested too deep."""
    deepest, rounds = _loops(steps)
    if deepest > LOOPS_MAX or rounds > ROUNDS_MAX:
        text = (
            f"loops nested {deepest} deep, with {rounds} rounds in all at most; "
            f"write at most {LOOPS_MAX} within each other, and smaller max, {ROUNDS_MAX} in all"
        )
        yield Problem(path, "rounds", text)


def _loops(steps: Sequence[Step], around: int = 1) -> tuple[int, int]:
    """Say how deep loops are nested, and how many rounds they take in all at most."""
    deepest = rounds = 0
    for step in steps:
        own = step.loop.max if isinstance(step, Loop) else 1
        rounds += own * around if isinstance(step, Loop) else 0
        for _, inner in _inside(step):
            below, more = _loops(inner, around * own)
            deepest, rounds = max(deepest, below + isinstance(step, Loop)), rounds + more
    return deepest, rounds


def _calls(parts: SystemParts, steps: Sequence[Step], path: Path) -> Iterator[Problem]:
    for place, step in enumerate(steps):
        here = (*path, place)
        if isinstance(step, Call):
            yield from _callee(parts, step, here)
        if isinstance(step, Enqueue):
            yield from _queue(parts, step, here)
        for key, inner in _inside(step):
            yield from _calls(parts, inner, (*here, *key))


def _callee(parts: SystemParts, step: Call, path: Path) -> Iterator[Problem]:
    callee = parts.components.get(step.call)
    if callee is None:
        yield Problem((*path, "call"), "unknown-target", _no_component(step.call, parts))
    elif isinstance(callee, Queue):
        text = f"{step.call!r} is a queue; write enqueue: {step.call}"
        yield Problem((*path, "call"), "not-a-queue", text)
    elif step.on_miss and not isinstance(callee, Cache | SemanticCache):
        text = f"on_miss needs a cache; {step.call!r} is of kind {callee.kind}"
        yield Problem((*path, "on_miss"), "not-a-cache", text)
    elif step.write and not isinstance(callee, Relational):
        text = f"write needs a relational store; {step.call!r} is of kind {callee.kind}"
        yield Problem((*path, "write"), "not-a-store", text)


def _queue(parts: SystemParts, step: Enqueue, path: Path) -> Iterator[Problem]:
    queue = parts.components.get(step.enqueue)
    if queue is None:
        yield Problem((*path, "enqueue"), "unknown-target", _no_component(step.enqueue, parts))
    elif not isinstance(queue, Queue):
        text = f"enqueue needs a queue; {step.enqueue!r} is of kind {queue.kind}"
        yield Problem((*path, "enqueue"), "not-a-queue", text)


def _inside(step: Step) -> Iterator[tuple[Path, Sequence[Step]]]:
    if isinstance(step, Call):
        yield ("on_miss",), step.on_miss
        yield ("on_failure",), step.on_failure
    elif isinstance(step, Enqueue):
        yield ("on_failure",), step.on_failure
    elif isinstance(step, Parallel):
        for place, branch in enumerate(step.parallel):
            yield ("parallel", place), branch
    elif isinstance(step, Chance):
        yield ("then",), step.then
        yield ("else",), step.otherwise
    elif isinstance(step, Loop):
        yield ("loop", "steps"), step.loop.steps


def _edges(parts: SystemParts) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for text, edge in parts.edges.items():
        path: Path = ("edges", text)
        try:
            pair = ends(text)
        except ValueError as error:
            yield Problem(path, "edge", str(error))
            continue
        if pair in seen:
            yield Problem(path, "duplicate-key", f"{edge_name(*pair)} is written twice")
        seen.add(pair)
        for name in pair:
            if name not in parts.components and (name, pair[0]) != (USERS, USERS):
                yield Problem(path, "unknown-target", _no_component(name, parts))
        if pair[0] == pair[1]:
            yield Problem(path, "cycle", f"{pair[0]} calls itself; calls would never finish")
        yield from _settings(parts, pair, edge, path)


def _settings(
    parts: SystemParts, pair: tuple[str, str], edge: Edge, path: Path
) -> Iterator[Problem]:
    if edge.pool is not None and pair[0] == USERS:
        text = f"users keep no pool of connections to {pair[1]}; leave pool out"
        yield Problem((*path, "pool"), "invalid-value", text)
    if edge.split is not None:
        yield from _split(parts, pair, edge.split.to, (*path, "split", "to"))


def _network(parts: SystemParts) -> Iterator[Problem]:
    if parts.network is None:
        return
    outside = [name for name, component in parts.components.items() if component.is_outside]
    for path, text in parts.network.unknown(parts.zones, list(parts.classes), outside):
        yield Problem(("network", *path), "unknown-target", text)


def _split(parts: SystemParts, pair: tuple[str, str], to: str, path: Path) -> Iterator[Problem]:
    if to not in parts.components:
        yield Problem(path, "unknown-target", _no_component(to, parts))
    elif to in pair:
        text = f"{edge_name(*pair)} cannot give a share to {to}; write another component"
        yield Problem(path, "cycle", text)


def _circles(parts: SystemParts) -> Iterator[Problem]:
    told: set[tuple[str, ...]] = set()
    for name in parts.classes:
        way = cycle(calls_of_class(parts, name))
        if way and tuple(sorted(way[1:])) not in told:
            told.add(tuple(sorted(way[1:])))
            text = f"{' → '.join(way)} is a cycle; calls would never finish"
            yield Problem(("components", way[0], "handles", name), "cycle", text)


def _missing_steps(parts: SystemParts) -> Iterator[Problem]:
    for of in parts.classes:
        for name in reached(parts, of):
            component = parts.components[name]
            if component.takes_steps and not steps_for(component, of):
                text = (
                    f"{of} requests reach {name}, which has no steps for them; "
                    f"write handles: {{{of}: [work: 2ms]}} or service: 2ms"
                )
                yield Problem(("components", name), "no-steps", text)


def _alike(parts: SystemParts) -> Iterator[Problem]:
    for name, component in parts.components.items():
        if not (isinstance(component, Queueing) and component.by_priority):
            continue
        found = {parts.classes[of].priority for of in classes_reaching(parts, name)}
        if len(found) == 1:
            text = f"all classes that reach {name} have priority {found.pop()}: no one is first"
            path: Path = ("components", name, "by_priority")
            yield Problem(path, "same-priority", text, is_warning=True)


def _prefills(parts: SystemParts) -> Iterator[Problem]:
    for name, component in parts.components.items():
        if isinstance(component, Llm) and component.prefill is not None:
            yield from _prefill(parts, name, component.prefill.component)


def _prefill(parts: SystemParts, name: str, callee: str) -> Iterator[Problem]:
    path: Path = ("components", name, "prefill", "component")
    found = parts.components.get(callee)
    if found is None:
        yield Problem(path, "unknown-target", _no_component(callee, parts))
    elif not isinstance(found, Llm) or found.prefill is not None or callee == name:
        text = f"{callee} computes no prompts for {name}; write another llm that computes its own"
        yield Problem(path, "not-a-prefill", text)
    for text, edge in parts.edges.items():
        pair = tuple(part.strip() for part in text.partition("->")[::2])
        if pair == (name, callee) and (edge.hedge is not None or edge.split is not None):
            said = f"a KV cache comes from one replica of {callee}; leave hedge and split out"
            yield Problem(("edges", text), "not-a-prefill", said)


def _adapters(parts: SystemParts) -> Iterator[Problem]:
    for name, request_class in parts.classes.items():
        servers = [parts.components[of] for of in reached(parts, name)]
        serve = any(isinstance(each, Llm) and each.adapters for each in servers)
        if request_class.adapter is not None and not serve:
            text = (
                f"no model server that {name} requests reach serves adapters; write "
                "adapters: {max_loras: 1} on one of them"
            )
            yield Problem(("classes", name, "adapter"), "no-adapters", text)


def _unreached(parts: SystemParts) -> Iterator[Problem]:
    called = set(calls(parts))
    for name in parts.components:
        if not classes_reaching(parts, name):
            text = f"no request ever reaches {name!r}"
            yield Problem(("components", name), "unreached", text, is_warning=True)
    for text in parts.edges:
        caller, callee = ends(text)
        if (caller, callee) not in called:
            text_ = f"{caller} never calls {callee}; the edge only matters if a route is switched"
            yield Problem(("edges", text), "unused-edge", text_, is_warning=True)
