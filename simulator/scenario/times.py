"""Times and sizes that cannot be, or that are probably not meant."""

from collections.abc import Iterator

from simulator.faults.bad_release import BadRelease
from simulator.faults.cardinality_blowup import CardinalityBlowup
from simulator.scenario.model import ScenarioModel
from simulator.scenario.parts import AnyFault, InnocentChange
from simulator.scenario.yaml import Document, YamlPath
from simulator.units import format_duration


def check(document: Document, scenario: ScenarioModel) -> None:
    """Add impossible times and pods that cannot fit to a scenario's mistakes."""
    for path, fault in _faults(scenario):
        _fault(document, path, fault, scenario.lasts)
    for path, change in _changes(scenario):
        if change.at >= scenario.lasts:
            text = f"changed at {format_duration(change.at)}, after the scenario"
            _late(document, (*path, "at"), text, scenario.lasts)
    _releases(document, scenario)
    within = scenario.pass_marks.recovered_within
    if within is not None and within > scenario.lasts:
        text = f"recovery within {format_duration(within)} is longer than the scenario"
        _late(document, ("pass", "recovered_within"), text, scenario.lasts, warns=True)
    _room(document, scenario)


def _faults(scenario: ScenarioModel) -> Iterator[tuple[YamlPath, AnyFault]]:
    for at, fault in enumerate(scenario.faults):
        yield ("faults", at), fault
    for at, fault in enumerate(scenario.twins.noisy.blips):
        yield ("twins", "noisy", "blips", at), fault


def _changes(scenario: ScenarioModel) -> Iterator[tuple[YamlPath, InnocentChange]]:
    for at, change in enumerate(scenario.innocent_changes):
        yield ("innocent_changes", at), change
    for at, change in enumerate(scenario.twins.noisy.innocent_changes):
        yield ("twins", "noisy", "innocent_changes", at), change


def _fault(document: Document, path: YamlPath, fault: AnyFault, horizon: int) -> None:
    if fault.at >= horizon:
        text = f"fault {fault.kind!r} strikes at {format_duration(fault.at)}, after the scenario"
        _late(document, (*path, "at"), text, horizon)
    elif fault.lifts_at is not None and fault.lifts_at > horizon:
        text = f"fault {fault.kind!r} ends at {format_duration(fault.lifts_at)}, after the scenario"
        _late(document, (*path, "lasts"), text, horizon, warns=True)
    if path[0] == "twins" and fault.lifts_at is None:
        text = "a blip passes by itself; write how long it lasts, such as lasts: 1m"
        document.mistake(path, "blip", text)


def _late(
    document: Document, path: YamlPath, text: str, horizon: int, *, warns: bool = False
) -> None:
    message = f"{text} ({format_duration(horizon)})"
    document.mistake(path, "out-of-range", message, warns=warns)


def _releases(document: Document, scenario: ScenarioModel) -> None:
    """Find revisions that cannot be rolled out, because they run already."""
    known = {(name, component.release.name) for name, component in scenario.components.items()}
    for path, fault in _faults(scenario):
        if not isinstance(fault, BadRelease | CardinalityBlowup):
            continue
        if (fault.target, fault.revision) in known:
            text = f"{fault.target} has had revision {fault.revision!r} already; name a new one"
            document.mistake((*path, "revision"), "same-release", text)
        known.add((fault.target, fault.revision))


def _room(document: Document, scenario: ScenarioModel) -> None:
    """Warn of more GPUs asked for at the start than the nodes at the start have."""
    there = sum(pool.count * pool.gpus for pool in scenario.nodes.values())
    asked = {
        name: component.replicas * component.requests.gpus
        for name, component in scenario.components.items()
        if component.requests.gpus
    }
    if sum(asked.values()) <= there:
        return
    for name, gpus in asked.items():
        text = (
            f"component {name!r} asks for {gpus} GPUs at the start, all components for "
            f"{sum(asked.values())}; the nodes have {there}, so pods stay Pending"
        )
        document.mistake(("components", name, "replicas"), "no-room", text, warns=True)
