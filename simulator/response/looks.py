"""What a responder can look at: looking never changes the system, but takes time."""

from typing import ClassVar, Self

from pydantic import Field

from simulator.response.evidence import Changes, Logs, Patterns, Trace, Traces
from simulator.response.look import Look
from simulator.response.signals import Anomalies, Events, Exemplars, Tickets
from simulator.response.words import Expression, Name, one_line, span
from simulator.units import Duration


class Status(Look):
    """Shows every component on a line."""

    kind_name: ClassVar[str] = "status"
    syntax: ClassVar[str] = "status"
    effect: ClassVar[str] = "shows replicas, p99, errors and queue of every component"


class Alerts(Look):
    """Shows the alerts that are pending or firing."""

    kind_name: ClassVar[str] = "alerts"
    syntax: ClassVar[str] = "alerts"
    effect: ClassVar[str] = "shows alerts that are pending or firing"


class Silences(Look):
    """Shows the silences in force."""

    kind_name: ClassVar[str] = "silences"
    syntax: ClassVar[str] = "silences"
    effect: ClassVar[str] = "shows the silences in force: number, matchers, time left"


class Query(Look):
    """Evaluates PromQL on what has been scraped."""

    kind_name: ClassVar[str] = "query"
    syntax: ClassVar[str] = "query PROMQL"
    effect: ClassVar[str] = "evaluates PromQL on what has been scraped so far"
    shorthand: ClassVar[str] = "expr"

    expr: Expression = Field(
        description="PromQL; everything after the verb, as it stands.",
        examples=["max by (pod) (vllm:kv_cache_usage_perc)"],
    )

    @classmethod
    def read(cls, rest: str) -> Self:
        return cls.build({"expr": rest} if rest.strip() else {})

    def spoken(self) -> str:
        return str(one_line(self.expr))


class Topology(Look):
    """Shows who calls whom."""

    kind_name: ClassVar[str] = "topology"
    syntax: ClassVar[str] = "topology"
    effect: ClassVar[str] = "shows who calls whom"


class Pods(Look):
    """Shows pods as the API server has them."""

    kind_name: ClassVar[str] = "pods"
    syntax: ClassVar[str] = "pods [COMPONENT]"
    effect: ClassVar[str] = "shows pods as the API server has them: phase, node, restarts, age"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name | None = Field(
        default=None, description="Only this component's.", examples=["llm"]
    )


class Nodes(Look):
    """Shows nodes as the API server has them."""

    kind_name: ClassVar[str] = "nodes"
    syntax: ClassVar[str] = "nodes"
    effect: ClassVar[str] = "shows nodes as the API server has them: ready, cordoned, pods"


class Metrics(Look):
    """Lists a component's metrics with their newest values."""

    kind_name: ClassVar[str] = "metrics"
    syntax: ClassVar[str] = "metrics COMPONENT"
    effect: ClassVar[str] = "lists a component's metrics with their newest values"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name = Field(description="Component.", examples=["llm"])


class Dashboard(Look):
    """Draws a dashboard of what has been scraped."""

    kind_name: ClassVar[str] = "dashboard"
    syntax: ClassVar[str] = "dashboard [COMPONENT|users|objectives|business] [--since 15m]"
    effect: ClassVar[str] = "draws how users, objectives or a component have been doing"
    positional: ClassVar[tuple[str, ...]] = ("name",)
    shorthand: ClassVar[str] = "name"

    name: Name = Field(
        default="users", description="Component, users, objectives or business.", examples=["llm"]
    )
    since: Duration = Field(
        default=900_000_000_000, description="How far back.", examples=["15m"], gt=0
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)


class Budget(Look):
    """Shows every objective's error budget and how fast it burns."""

    kind_name: ClassVar[str] = "budget"
    syntax: ClassVar[str] = "budget"
    effect: ClassVar[str] = "shows how much error budget is left, and how fast it burns"


class Mechanisms(Look):
    """Lists the words a hypothesis is made of."""

    kind_name: ClassVar[str] = "mechanisms"
    syntax: ClassVar[str] = "mechanisms"
    effect: ClassVar[str] = "lists the words a hypothesis is made of, the same in every drill"
    takes_ns: ClassVar[int] = 0


class Brief(Look):
    """Shows again what the responder was told."""

    kind_name: ClassVar[str] = "brief"
    syntax: ClassVar[str] = "brief"
    effect: ClassVar[str] = "shows again what you were told at the start"
    takes_ns: ClassVar[int] = 0


LOOKS: dict[str, type[Look]] = {
    kind.kind_name: kind
    for kind in (
        Status, Alerts, Query, Logs, Changes, Topology, Pods, Nodes, Metrics, Mechanisms, Brief,
        Silences, Dashboard, Patterns, Budget, Traces,
        Trace, Events, Tickets, Anomalies, Exemplars,
    )
}  # fmt: skip
"""Every look by its verb."""
