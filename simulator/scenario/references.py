"""The second pass: names that nothing has, circles of calls, targets a fault cannot have.

It reads plain values, not models, so that one wrong field does not hide a wrong name elsewhere.
"""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from pydantic import ValidationError

from simulator.edits import MONITORING
from simulator.errors import suggestion
from simulator.faults._base import Fault
from simulator.scenario.kind import OfKind
from simulator.scenario.yaml import Document, YamlPath
from simulator.world import Place

_NAMED_IN = (
    ("classes", ("*", "arrives_at"), "components"),
    ("components", ("*", "node_pool"), "nodes"),
    ("workload", ("*", "class"), "classes"),
    ("objectives", ("*", "class"), "classes"),
    ("innocent_changes", ("*", "component"), "components"),
    ("twins", ("noisy", "innocent_changes", "*", "component"), "components"),
    ("autoscalers", ("*", "target"), "components"),
)
"""Section, path below it (`*`: every key or item), and the section whose names are meant."""

_ONE = {"components": "component", "classes": "class", "nodes": "node pool"}
_CODE = {"components": "unknown-target", "classes": "unknown-class", "nodes": "unknown-target"}
_FAULT_LISTS: tuple[YamlPath, ...] = (("faults",), ("twins", "noisy", "blips"))

Calls = dict[str, dict[str, YamlPath]]
"""Caller to callee to the place where the call is written."""


def check(document: Document) -> None:
    """Add everything wrong between the sections of a scenario to its mistakes."""
    for section, below, named in _NAMED_IN:
        for path, name in reach(document.value, (section, *below)):
            known(document, path, name, named)
    for path, name in reach(document.value, ("components", "*", "handles")):
        _handles(document, path, name)
    for name in _get_keys(document, ("tracing", "by_class")):
        known(document, ("tracing", "by_class", name), name, "classes", at_key=True)
    _edges(document)
    _circles(document)
    _people(document)
    for base in _FAULT_LISTS:
        for path, fault in reach(document.value, (*base, "*")):
            _fault(document, path, fault)


def names(document: Document, section: str) -> list[str]:
    """List the names a section declares, in the scenario a document belongs to."""
    found = _get((document.scope or document).value, (section,))
    return list(found) if isinstance(found, dict) else []


def call_graph(document: Document, request_class: str) -> Calls:
    """Say who calls whom for a class, as far as it is written."""
    graph: Calls = {}
    for path, steps in reach(document.value, ("components", "*", "handles", request_class)):
        callees = graph.setdefault(str(path[1]), {})
        for place, callee in _calls(steps, path):
            callees.setdefault(callee, place)
    return graph


def _get_keys(document: Document, path: Sequence[str | int]) -> list[str]:
    found = _get(document.value, path)
    return [str(key) for key in found] if isinstance(found, dict) else []


def _get(value: object, path: Sequence[str | int]) -> object:
    return next((found for _, found in reach(value, path)), None)


def reach(
    value: object, path: Sequence[str | int], base: YamlPath = ()
) -> Iterator[tuple[YamlPath, object]]:
    """Yield every value a path leads to, with its place; `*` stands for every key or item."""
    if not path:
        yield base, value
        return
    step, *rest = path
    keys: Sequence[str | int] = ()
    if isinstance(value, dict):
        keys = list(value) if step == "*" else [step] if step in value else []
    elif isinstance(value, list) and step == "*":
        keys = range(len(value))
    for key in keys:
        inner = value[key]  # type: ignore[index]  # a mapping with its keys, a list with places
        yield from reach(inner, rest, (*base, key))


def known(
    document: Document, path: YamlPath, name: object, section: str, *, at_key: bool = False
) -> bool:
    """Whether a section declares that name; if not, the mistake is noted."""
    declared = names(document, section)
    if not isinstance(name, str) or name in declared:
        return isinstance(name, str)
    if not declared and section in ("components", "classes"):
        return False  # a section that is missing or no mapping is told of already
    there = ", ".join(sorted(declared)) or "none"
    text = f"no {_ONE[section]} {name!r} in this scenario{suggestion(name, declared)}"
    document.mistake(path, _CODE[section], f"{text}; there is: {there}", at_key=at_key)
    return False


def _handles(document: Document, path: YamlPath, handles: object) -> None:
    if not isinstance(handles, dict):
        return
    for request_class, steps in handles.items():
        known(document, (*path, request_class), request_class, "classes", at_key=True)
        for place, callee in _calls(steps, (*path, request_class)):
            known(document, place, callee, "components")


def _calls(steps: object, path: YamlPath) -> Iterator[tuple[YamlPath, str]]:
    """Find every `call:` in a list of steps, however deep."""
    if isinstance(steps, list):
        for at, step in enumerate(steps):
            yield from _calls(step, (*path, at))
    elif isinstance(steps, dict):
        for key, inner in steps.items():
            if key == "call" and isinstance(inner, str):
                yield (*path, key), inner
            else:
                yield from _calls(inner, (*path, key))


def _edges(document: Document) -> None:
    for text in names(document, "edges"):
        ends = [end.strip() for end in text.split("->")]
        if len(ends) != 2 or not all(ends):  # noqa: PLR2004  caller and callee
            message = f"{text!r} is not an edge; write caller -> callee"
            document.mistake(("edges", text), "edge", message, at_key=True)
            continue
        for at, end in enumerate(ends):
            if not (at == 0 and end == "users"):
                known(document, ("edges", text), end, "components", at_key=True)


def _people(document: Document) -> None:
    """Check that people who stay have something to do."""
    for path, entry in reach(document.value, ("workload", "*")):
        if isinstance(entry, dict) and "users" in entry:
            name = entry.get("class")
            written = _get((document.scope or document).value, ("classes", str(name)))
            if isinstance(written, dict) and "session" not in written:
                text = f"users stay, and need sessions; write classes: {{{name}: {{session: ...}}}}"
                document.mistake((*path, "users"), "no-session", text)


def _circles(document: Document) -> None:
    told: set[tuple[str, ...]] = set()
    for request_class in names(document, "classes"):
        graph = call_graph(document, request_class)
        try:
            # graphlib wants what comes before each; callees come before their callers.
            TopologicalSorter(
                {caller: list(callees) for caller, callees in graph.items()}
            ).prepare()
        except CycleError as error:
            way = list(reversed(error.args[1]))[:-1]
            first = min(range(len(way)), key=lambda at: list(graph).index(way[at]))
            way = [*way[first:], *way[: first + 1]]
            if tuple(sorted(way)) not in told:
                told.add(tuple(sorted(way)))
                text = f"{' → '.join(way)} is a cycle; calls would never finish"
                document.mistake(graph[way[-2]][way[-1]], "cycle", text)


def _fault(document: Document, path: YamlPath, fault: object) -> None:
    target = fault.get("target") if isinstance(fault, dict) else None
    if not isinstance(fault, dict) or not isinstance(target, str):
        return
    place = Place.read(target)
    at = (*path, "target")
    if isinstance(located := fault.get("located_at"), str):
        known(document, (*path, "located_at"), located, "components")
    if not exists(document, at, place):
        return
    try:
        model = OfKind("faults").model(fault)
    except ValidationError:
        return
    if issubclass(model, Fault):
        _fits(document, at, place, model)
        if model.located_kinds and "located_at" not in fault:
            _has_one_of(document, path, model)


def _has_one_of(document: Document, path: YamlPath, model: type[Fault]) -> None:
    """Check that a fault which puts the trouble at a kind of component finds one."""
    whole = (document.scope or document).value
    kinds = [_get(whole, ("components", name, "kind")) for name in names(document, "components")]
    if not any(kind in model.located_kinds for kind in kinds):
        wanted = " or ".join(model.located_kinds)
        text = f"fault {model.kind_name} is located at a component of kind {wanted}"
        document.mistake(path, "unlocated", f"{text}; there is none, so write located_at")


def _fits(document: Document, path: YamlPath, place: Place, model: type[Fault]) -> None:
    if place.kind not in model.target_kinds:
        wanted = " or ".join(k.replace("_", " ") for k in model.target_kinds)
        text = f"fault {model.kind_name} targets a {wanted}, not the {place.kind} {place.name!r}"
        document.mistake(path, "wrong-target", text)
    elif place.kind == "component" and model.component_kinds:
        kind = _get(document.value, ("components", place.name, "kind"))
        if isinstance(kind, str) and kind not in model.component_kinds:
            wanted = " or ".join(model.component_kinds)
            text = f"fault {model.kind_name} targets a {wanted}; {place.name!r} is of kind {kind}"
            document.mistake(path, "wrong-target", text)
            return
    if place.kind != "component" or not model.needs:
        return
    if _get(document.value, ("components", place.name, *model.needs)) is None:
        text = f"fault {model.kind_name} needs {'.'.join(model.needs)}; {place.name!r} has none"
        document.mistake(path, "wrong-target", text)


def exists(document: Document, path: YamlPath, place: Place) -> bool:
    """Whether a place is there at the start; if not, the mistake is noted."""
    if place.kind == "component":
        return known(document, path, place.name, "components")
    if place.kind == "class":
        return known(document, path, place.name, "classes")
    if place.kind == "node_pool":
        return known(document, path, place.name, "nodes")
    if place.kind == "edge":
        ends = place.name.split(" -> ")
        unknown = [end for end in ends if not known(document, path, end, "components")]
        return not unknown
    if place.kind == "monitoring" and place.name not in MONITORING:
        text = f"no {place}{suggestion(place.name, MONITORING)}; there is: {', '.join(MONITORING)}"
        document.mistake(path, "unknown-target", text)
        return False
    if place.kind in ("pod", "node"):
        return _numbered(document, path, place)
    return place.kind != "zone" or _is_zone(document, path, place.name)


def _is_zone(document: Document, path: YamlPath, name: str) -> bool:
    whole = (document.scope or document).value
    lists = [*reach(whole, ("nodes", "*", "zones")), *reach(whole, ("network", "regions", "*"))]
    zones = [zone for _, found in lists if isinstance(found, list) for zone in found]
    if name in zones:
        return True
    text = f"no zone {name!r} in this scenario; there is: {', '.join(sorted({*map(str, zones)}))}"
    document.mistake(path, "unknown-target", text if zones else f"{text}none")
    return False


def _numbered(document: Document, path: YamlPath, place: Place) -> bool:
    """Check `llm-2` and `gpu-1`: a name and how manieth, counted from 0."""
    section, count = ("components", "replicas") if place.kind == "pod" else ("nodes", "count")
    name, _, number = place.name.rpartition("-")
    if not number.isdigit() or not name:
        text = f"{place.name!r} is not a {place.kind}; write its {_ONE[section]} and a number"
        document.mistake(path, "unknown-target", f"{text}, such as {place.kind}/NAME-0")
        return False
    # A pool that is there without being declared.
    if place.kind == "node" and name == "general" and "general" not in names(document, "nodes"):
        return True
    if not known(document, path, name, section):
        return False
    there = _get((document.scope or document).value, (section, name, count))
    if isinstance(there, int) and int(number) >= there > 0:
        text = f"{place.name!r} is not there at the start; {name} has 0 to {there - 1}"
        document.mistake(path, "unknown-target", text)
        return False
    return True
