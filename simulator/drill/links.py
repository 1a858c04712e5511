"""Trouble on the network as the plant knows it: what all causes make of edges, pods and zones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from simulator.plant.api import Impairment, PlantPort
from simulator.world import Knob, Place

KNOBS = (Knob.LOSS, Knob.JITTER, Knob.BLOCKED, Knob.REQUESTS_BLOCKED, Knob.ANSWERS_BLOCKED)
"""What is done to messages; added delay of an edge is its own knob."""


@dataclass(slots=True)
class Links:
    """The impairments in force, by the place they are put at."""

    plant: PlantPort
    edges: Mapping[str, int]
    zones: Mapping[str, int]  # as the plant numbers them, from 1
    _held: dict[Place, list[int]] = field(default_factory=dict)

    def apply(self, place: Place, values: Mapping[Knob, float], row: int | None) -> None:
        """Put what all causes make of a place in the place of what was there.

        `row` is a pod's replica, None while it has none.
        """
        for number in self._held.pop(place, []):
            self.plant.repair(number)
        if not any(values.values()):
            return
        if place.kind == "edge":
            numbers = self._begin(values, Impairment(edge=self.edges[place.name]))
        elif place.kind == "zone":
            numbers = self._around(values, self.zones[place.name])
        elif row is None:
            return
        else:
            # A pod's network is that of the calls to it and of those it makes.
            numbers = self._begin(values, Impairment(callee=row))
            numbers += self._begin(values, Impairment(caller=row))
        self._held[place] = numbers

    def _around(self, values: Mapping[Knob, float], zone: int) -> list[int]:
        """Put trouble between a zone and all others, and what stands in none."""
        numbers = []
        for other in (0, *self.zones.values()):
            if other != zone:
                numbers += self._begin(values, Impairment(from_zone=zone, to_zone=other))
                numbers += self._begin(values, Impairment(from_zone=other, to_zone=zone))
        return numbers

    def _begin(self, values: Mapping[Knob, float], ends: Impairment) -> list[int]:
        both = replace(
            ends,
            blocked=values[Knob.BLOCKED],
            loss=values[Knob.LOSS],
            jitter_ns=round(values[Knob.JITTER]),
        )
        requests = replace(ends, answers=False, blocked=values[Knob.REQUESTS_BLOCKED])
        answers = replace(ends, requests=False, blocked=values[Knob.ANSWERS_BLOCKED])
        wanted = [both] if both != ends else []
        wanted += [each for each in (requests, answers) if each.blocked > 0.0]
        return [self.plant.impair(each) for each in wanted]
