"""Looks at what was written down: logs, traces, the change log."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.response.look import Look
from simulator.response.words import Line, Name, span
from simulator.units import Duration


class Logs(Look):
    """Shows a component's newest log lines."""

    kind_name: ClassVar[str] = "logs"
    syntax: ClassVar[str] = "logs COMPONENT [--since 5m] [--grep TEXT] [--level error] [--json]"
    effect: ClassVar[str] = "shows a component's newest log lines"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name = Field(description="Component or pod.", examples=["llm", "llm-2"])
    since: Duration = Field(
        default=300_000_000_000, description="How far back.", examples=["5m"], gt=0
    )
    grep: Line | None = Field(
        default=None,
        description="Only lines with this text in them, whatever the case.",
        examples=["429"],
        min_length=1,
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Lines of this level and above.", examples=["error"]
    )
    json_: bool = Field(
        default=False, alias="json", description="As JSON, a line an entry.", examples=[True]
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)


class Patterns(Look):
    """Counts log lines by template."""

    kind_name: ClassVar[str] = "patterns"
    syntax: ClassVar[str] = "patterns [COMPONENT] [--since 5m] [--new]"
    effect: ClassVar[str] = "counts log lines by template; marks what is new or far more frequent"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name | None = Field(
        default=None, description="Only this component's.", examples=["gateway"]
    )
    since: Duration = Field(
        default=300_000_000_000, description="Compared with all before.", examples=["5m"], gt=0
    )
    new: bool = Field(
        default=False, description="Only what was never written before that.", examples=[True]
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)


class Traces(Look):
    """Lists traces of sampled requests."""

    kind_name: ClassVar[str] = "traces"
    syntax: ClassVar[str] = "traces [COMPONENT] [--slow] [--errors] [--since 5m] [--json]"
    effect: ClassVar[str] = "lists traces of sampled requests, the newest last"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name | None = Field(
        default=None, description="Only those that reached it, or a pod.", examples=["llm"]
    )
    slow: bool = Field(default=False, description="Those that lasted long.", examples=[True])
    errors: bool = Field(default=False, description="Those with a failed span.", examples=[True])
    since: Duration = Field(
        default=300_000_000_000, description="How far back.", examples=["5m"], gt=0
    )
    json_: bool = Field(
        default=False, alias="json", description="As JSON, a line a trace.", examples=[True]
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" else super()._text(name)


class Trace(Look):
    """Draws one trace as a waterfall."""

    kind_name: ClassVar[str] = "trace"
    syntax: ClassVar[str] = "trace ID"
    effect: ClassVar[str] = "draws a trace: who called whom, how long each took and waited"
    positional: ClassVar[tuple[str, ...]] = ("id",)
    shorthand: ClassVar[str] = "id"

    id: Line = Field(
        description="Trace id, or an end of it, as logs, exemplars and traces show it.",
        examples=["4bf92f3577b34da6a3ce929d0e0e4736"],
        min_length=4,
    )


class Changes(Look):
    """Shows the change log."""

    kind_name: ClassVar[str] = "changes"
    syntax: ClassVar[str] = "changes [COMPONENT] [--since 1h] [--json]"
    effect: ClassVar[str] = "shows what was changed, when and by whom"
    positional: ClassVar[tuple[str, ...]] = ("component",)
    shorthand: ClassVar[str] = "component"

    component: Name | None = Field(
        default=None, description="Only this component's.", examples=["gateway"]
    )
    since: Duration | None = Field(
        default=None, description="How far back; else all.", examples=["1h"], gt=0
    )
    json_: bool = Field(
        default=False, alias="json", description="As JSON, a line a change.", examples=[True]
    )

    def _text(self, name: str) -> str:
        return span(self.since) if name == "since" and self.since else super()._text(name)
