"""A release of alerting rules makes them fire far too easily."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.edits import RuleEdit
from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import Duration
from simulator.world import Home


class OversensitiveRules(Fault):
    """Releases rules whose thresholds are reached sooner, at once, and once for every pod.

    The rules are evaluated as ever; what floods the pager is what they find. Symptom: page upon
    page, about everything. Evidence: users are well, the change log. Right: roll the rules back;
    silence what hides the true alert. Tempting: silence everything.
    """

    kind_name: ClassVar[str] = "oversensitive_rules"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "alert_storm"
    trigger: ClassVar[str] = "config_change"
    home: ClassVar[Home] = Home.RELEASE
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("monitoring",)

    kind: Literal["oversensitive_rules"]
    target: Literal["monitoring/rules"] = Field(
        default="monitoring/rules", description="Where.", examples=["monitoring/rules"]
    )
    alerts: tuple[str, ...] = Field(
        default=(), description="Which alerts; none means all.", examples=[["TimeToFirstTokenHigh"]]
    )
    sensitivity: float = Field(
        default=10.0,
        description="Times sooner every threshold is reached: > 5 becomes > 0.5.",
        examples=[10],
        gt=0.0,
    )
    for_: Duration | None = Field(
        default=0,
        alias="for",
        description="How long a condition must hold from now on; null leaves it.",
        examples=["0s"],
    )
    splits_by: str = Field(
        default="", description="Label that every `by (...)` gets besides.", examples=["pod"]
    )
    note: str = Field(
        default="rules: thresholds reviewed",
        description="What the change log says about it; a responder reads this.",
        examples=["rules: thresholds reviewed"],
        min_length=1,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        edit = RuleEdit(
            self.alerts, sensitivity=self.sensitivity, for_ns=self.for_, splits_by=self.splits_by
        )
        world.edit_rules(cause, edit, self.note)
