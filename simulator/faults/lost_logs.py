"""Log lines are lost on their way."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import Share
from simulator.world import Home, Knob


class LostLogs(Fault):
    """Drops a share of log lines without a word, or limits how fast each stream may write.

    Symptom: logs are thin, and thinnest where it matters; counts of patterns mislead. Evidence:
    `fluentbit_output_dropped_records_total`, lines that say how many the rate limit dropped,
    metrics that do not agree with logs. Right: restart the collector, count by metrics. Tempting:
    take "no lines" for "no errors".
    """

    kind_name: ClassVar[str] = "lost_logs"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "telemetry_gap"
    trigger: ClassVar[str] = "unknown"
    home: ClassVar[Home] = Home.PROCESS
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("monitoring",)

    kind: Literal["lost_logs"]
    target: Literal["monitoring/log-collector"] = Field(
        default="monitoring/log-collector",
        description="Where.",
        examples=["monitoring/log-collector"],
    )
    share: Share = Field(
        default=0.9, description="Share of lines that never arrive.", examples=["90%"]
    )
    lines_per_second: int | None = Field(
        default=None,
        description="Lines a second that one pod's stream may write; what is above is counted.",
        examples=[1],
        ge=0,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.LOG_LOSS, self.share)
        if self.lines_per_second is not None:
            rate = float(self.lines_per_second)
            world.afflict(cause, self.home, self.place, Knob.LOG_RATE, rate)
