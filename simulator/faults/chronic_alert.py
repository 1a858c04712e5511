"""An alert that has been firing for as long as anybody remembers."""

import json
from typing import ClassVar, Literal

from pydantic import Field

from simulator.edits import RuleEdit
from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import Duration
from simulator.world import Home


class ChronicAlert(Fault):
    """Has a rule that always fires, from before the drill begins.

    Symptom: one more line among the alerts, paged again and again. Evidence: it fired long before
    the trouble and does not follow it. Right: silence it with a comment, and look at the others.
    Tempting: start with it, or stop reading alerts.
    """

    kind_name: ClassVar[str] = "chronic_alert"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "alert_noise"
    trigger: ClassVar[str] = "unknown"
    home: ClassVar[Home] = Home.RELEASE
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("monitoring",)
    is_there_before: ClassVar[bool] = True

    kind: Literal["chronic_alert"]
    at: Duration = Field(
        default=0,
        description="Not asked for: it is there before the responder is.",
        examples=["0s"],
        ge=0,
        le=0,
    )
    target: Literal["monitoring/rules"] = Field(
        default="monitoring/rules", description="Where.", examples=["monitoring/rules"]
    )
    alert: str = Field(
        description="Name of the alert.",
        examples=["CertificateExpiresSoon"],
        pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$",
    )
    expr: str = Field(
        default="vector(1)",
        description="PromQL that always holds.",
        examples=['up{job="gateway"} >= 0'],
        min_length=1,
    )
    severity: str = Field(default="page", description="Its label.", examples=["page"])
    summary: str = Field(
        default="Something is wrong",
        description="What it says.",
        examples=["A certificate expires in 20 days"],
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        rule = {
            "alert": self.alert,
            "expr": self.expr,
            "labels": {"severity": self.severity},
            "annotations": {"summary": self.summary},
        }
        # A rule file is YAML, and JSON is.
        text = json.dumps({"groups": [{"name": self.alert, "interval": "30s", "rules": [rule]}]})
        world.edit_rules(cause, RuleEdit(adds=text), "")
