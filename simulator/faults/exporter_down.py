"""Scrapes of one component's or pod's exporter fail."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.world import Home, Knob


class ExporterDown(Fault):
    """Has a process serve its users and answer no scrape, as a deadlocked metrics endpoint does.

    Symptom: panels go blank, gauges at once and rates within their window; alerts over them fall
    silent or resolve; `up` is 0. Evidence: callers' own counters and logs go on as before. Right:
    say that users are well, restart the pods whose exporter hangs. Tempting: fail over or scale a
    component that works.
    """

    kind_name: ClassVar[str] = "exporter_down"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "telemetry_gap"
    trigger: ClassVar[str] = "unknown"
    home: ClassVar[Home] = Home.PROCESS
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component", "pod")

    kind: Literal["exporter_down"]
    exporter: Literal["process", "proxy"] = Field(
        default="process",
        description="Whose: the process's own, or the proxy's that counts routes and calls out.",
        examples=["process", "proxy"],
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        knob = Knob.SCRAPE_FAILURE if self.exporter == "process" else Knob.PROXY_FAILURE
        world.afflict(cause, self.home, self.place, knob, 1.0)
