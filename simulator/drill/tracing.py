"""Tracing of a drill: which requests, who the processes behind the plant's numbers are."""

from collections.abc import Mapping
from dataclasses import replace

from simulator.drill.effects import Effects
from simulator.drill.names import Names
from simulator.instruments.telemetry.spans import Process, System
from simulator.instruments.telemetry.tracing import SpanExport
from simulator.instruments.traces.store import Policy
from simulator.plant.api import PlantPort
from simulator.plant.spec import PlantSpec
from simulator.scenario.model import Scenario
from simulator.units import SECOND

SLOW_NS = 10 * SECOND
"""From which duration on a trace is slow where nothing says so."""


def traced(spec: PlantSpec, scenario: Scenario) -> PlantSpec:
    """Say of each class which share of its requests is recorded."""
    tracing = scenario.tracing
    shares = {each.name: tracing.by_class.get(each.name, tracing.share) for each in spec.classes}
    return replace(
        spec,
        classes=tuple(replace(each, traced_share=shares[each.name]) for each in spec.classes),
    )


def policy_of(scenario: Scenario) -> Policy:
    """What the collector keeps; an objective on the whole answer says what is slow."""
    tracing = scenario.tracing
    limits = {
        o.request_class: o.below
        for o in scenario.objectives
        if o.of == "e2e" and o.below is not None
    }
    return Policy(
        ordinary_share=tracing.ordinary,
        slow_ns=tracing.slow or SLOW_NS,
        slow_ns_by_route={} if tracing.slow else limits,
        wait_ns=tracing.wait,
    )


def span_export(
    plant: PlantPort, names: Names, kinds: Mapping[str, str], effects: Effects
) -> SpanExport:
    """Make the export of what the plant keeps, under the names of pods and nodes."""
    spec = names.spec
    system = System(
        kinds,
        tuple((edge.caller, edge.callee) for edge in spec.edges),
        tuple((each.name, each.entry) for each in spec.classes),
    )

    def processes() -> Mapping[int, Process]:
        return {
            row.number: Process(row.component, row.pod, row.node or "", row.revision)
            for row in effects.rows.values()
        }

    return SpanExport(plant, system, processes)
