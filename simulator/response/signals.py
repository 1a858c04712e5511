"""Looks at what else tells how it is going: events, tickets, lines that moved, exemplars."""

from typing import ClassVar

from pydantic import Field

from simulator.response.look import Look
from simulator.response.words import Name, span
from simulator.units import Duration


class Events(Look):
    """Lists Kubernetes events."""

    kind_name: ClassVar[str] = "events"
    syntax: ClassVar[str] = "events [COMPONENT] [--since 1h] [--warnings]"
    effect: ClassVar[str] = "lists Kubernetes events, repeats counted, the newest last"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name | None = Field(
        default=None, description="Only this component's, pod's or node's.", examples=["llm"]
    )
    since: Duration = Field(
        default=3_600_000_000_000, description="How far back.", examples=["1h"], gt=0
    )
    warnings: bool = Field(default=False, description="Only warnings.", examples=[True])

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)


class Tickets(Look):
    """Lists what users have written to support."""

    kind_name: ClassVar[str] = "tickets"
    syntax: ClassVar[str] = "tickets [ROUTE] [--since 30m]"
    effect: ClassVar[str] = "shows what users wrote to support, late and in their own words"
    positional: ClassVar[tuple[str, ...]] = ("route",)
    shorthand: ClassVar[str] = "route"

    route: Name | None = Field(
        default=None, description="Only about this request class.", examples=["chat"]
    )
    since: Duration = Field(
        default=1_800_000_000_000, description="How far back.", examples=["30m"], gt=0
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)


class Anomalies(Look):
    """Lists lines that have left their usual range."""

    kind_name: ClassVar[str] = "anomalies"
    syntax: ClassVar[str] = "anomalies [COMPONENT] [--since 5m] [--all]"
    effect: ClassVar[str] = "compares every charted line's last minutes with all before"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name | None = Field(
        default=None, description="Only this component's, or route's.", examples=["llm"]
    )
    since: Duration = Field(
        default=300_000_000_000, description="The window that is compared.", examples=["5m"], gt=0
    )
    all_: bool = Field(
        default=False, alias="all", description="Also what is as usual.", examples=[True]
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)


class Exemplars(Look):
    """Lists sampled requests by the bucket of the latency histogram they fell into."""

    kind_name: ClassVar[str] = "exemplars"
    syntax: ClassVar[str] = "exemplars [ROUTE] [--since 15m]"
    effect: ClassVar[str] = "shows the newest trace in each bucket of request durations"
    positional: ClassVar[tuple[str, ...]] = ("route",)
    shorthand: ClassVar[str] = "route"

    route: Name | None = Field(
        default=None, description="Only this request class.", examples=["chat"]
    )
    since: Duration = Field(
        default=900_000_000_000, description="How far back.", examples=["15m"], gt=0
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)
