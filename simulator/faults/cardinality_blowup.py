"""A release puts a label with very many values on its request counter."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.world import Home, Knob, Place


class CardinalityBlowup(Fault):
    """Rolls out a revision whose exporter counts requests by user: a series for every one.

    Series grow with traffic up to `values` per pod and status. Symptom: rates of that counter fall
    (a series' first request is never part of a rate), queries get slow, and where the monitoring
    has a `sample_limit` whole scrapes fail; a Prometheus that is small enough falls behind.
    Evidence: `scrape_samples_scraped`, `prometheus_tsdb_head_series`, the change log. Right: roll
    that component back. Tempting: take the falling rate for falling traffic.
    """

    kind_name: ClassVar[str] = "cardinality_blowup"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "label_explosion"
    trigger: ClassVar[str] = "release"
    home: ClassVar[Home] = Home.RELEASE
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component",)
    component_kinds: ClassVar[tuple[str, ...]] = ("workers",)

    kind: Literal["cardinality_blowup"]
    revision: str = Field(
        description="Name of the new revision, as the change log shows it.",
        examples=["1.9.0"],
        min_length=1,
    )
    values: int = Field(
        default=20_000, description="Values the new label can have.", examples=[20_000], gt=1
    )
    note: str = Field(
        description="What the change log says about it; a responder reads this.",
        examples=["gateway 1.9.0: usage per customer"],
        min_length=1,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        place = Place("revision", f"{self.place.name}@{self.revision}")
        world.afflict(cause, self.home, place, Knob.LABEL_VALUES, float(self.values))
        world.release(self.place.name, self.revision, None, self.note)

    def lift(self, world: FaultWorld, cause: str) -> None:
        super().lift(world, cause)
        if world.component(self.place.name).revision == self.revision:
            world.restore_release(self.place.name)
