"""The rule that would have paged is gone, or asks for a metric that nobody exports any more."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.edits import RuleEdit
from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.world import Home


class MissingAlert(Fault):
    """Releases rules without some alerts, or with a metric's name that matches nothing.

    Symptom: users suffer and nobody is paged, or a firing alert falls silent. Evidence: the metric
    itself, the change log, `ALERTS`. Right: roll the rules back and watch by hand. Tempting: wait
    for the pager.
    """

    kind_name: ClassVar[str] = "missing_alert"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "alert_gap"
    trigger: ClassVar[str] = "config_change"
    home: ClassVar[Home] = Home.RELEASE
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("monitoring",)

    kind: Literal["missing_alert"]
    target: Literal["monitoring/rules"] = Field(
        default="monitoring/rules", description="Where.", examples=["monitoring/rules"]
    )
    alerts: tuple[str, ...] = Field(
        description="Which alerts.", examples=[["TimeToFirstTokenHigh"]], min_length=1
    )
    renames: dict[str, str] = Field(
        default_factory=dict,
        description="Metric names to write instead; without any, the alerts are deleted.",
        examples=[{"vllm:num_preemptions_total": "vllm:num_preemptions"}],
    )
    note: str = Field(
        default="rules: unused ones removed",
        description="What the change log says about it; a responder reads this. Empty: long ago.",
        examples=["rules: unused ones removed"],
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        renames = tuple(sorted(self.renames.items()))
        edit = RuleEdit(self.alerts, deletes=not renames, renames=renames)
        world.edit_rules(cause, edit, self.note)
