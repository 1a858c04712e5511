"""A panel of a dashboard shows something else than its title says."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.edits import PanelEdit
from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.world import Home


class WrongDashboard(Fault):
    """Releases a dashboard with one panel that asks for the wrong thing, or says the wrong unit.

    Symptom: a panel contradicts the others, or is calm in a storm. Evidence: `query` with the
    expression one means, the change log. Right: roll the dashboards back, work from queries.
    Tempting: believe the picture.
    """

    kind_name: ClassVar[str] = "wrong_dashboard"
    family: ClassVar[Family] = Family.OBSERVABILITY
    mechanism: ClassVar[str] = "misleading_signal"
    trigger: ClassVar[str] = "config_change"
    home: ClassVar[Home] = Home.RELEASE
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("monitoring",)

    kind: Literal["wrong_dashboard"]
    target: Literal["monitoring/dashboards"] = Field(
        default="monitoring/dashboards", description="Where.", examples=["monitoring/dashboards"]
    )
    dashboard: str = Field(
        description="Whose: a component's, `users` or `objectives`.", examples=["llm"]
    )
    panel: str = Field(description="Title of the panel.", examples=["Running and waiting"])
    shows: str = Field(
        default="", description="Component it shows instead of its own.", examples=["embed"]
    )
    expr: str = Field(
        default="",
        description="PromQL it asks instead.",
        examples=["sum(vllm:num_requests_running)"],
    )
    unit: str = Field(default="", description="Unit it claims, in Grafana's word.", examples=["ms"])
    note: str = Field(
        default="dashboards: tidy up",
        description="What the change log says about it; a responder reads this.",
        examples=["dashboards: tidy up"],
        min_length=1,
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.shows or self.expr or self.unit):
            raise ValueError("a wrong panel needs shows, expr or unit")
        return self

    def strike(self, world: FaultWorld, cause: str) -> None:
        edit = PanelEdit(self.dashboard, self.panel, self.shows, self.expr, self.unit)
        world.edit_panel(cause, edit, self.note)
