"""Prometheus falls behind: scrapes come late or not at all, rules miss their turns."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.world import Home, Knob


class ScrapeLag(Fault):
    """Has everything Prometheus does take longer, as a runaway query of another team does.

    With `busy` 40 % it keeps up to a slowdown of about 2.5; at 8 a scrape lasts three intervals,
    and two of three are missed. Symptom: charts lag and look coarse, alerts come late or not at
    all. Evidence: `scrape_duration_seconds`, `prometheus_rule_group_iterations_missed_total`.
    Right: restart Prometheus, and trust logs and traces meanwhile. Tempting: read a flat line as
    calm.
    """

    kind_name: ClassVar[str] = "scrape_lag"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "telemetry_gap"
    trigger: ClassVar[str] = "demand_change"
    home: ClassVar[Home] = Home.PROCESS
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("monitoring",)

    kind: Literal["scrape_lag"]
    target: Literal["monitoring/prometheus"] = Field(
        default="monitoring/prometheus", description="Where.", examples=["monitoring/prometheus"]
    )
    slowdown: float = Field(
        default=8.0,
        description="Times longer each sample takes to bring in or read.",
        examples=[8],
        gt=1.0,
        le=100.0,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.SLOWDOWN, self.slowdown)
