"""Spans and traces, with OpenTelemetry's meanings: a trace is what one request set off."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

Value = str | int | float | bool
Attributes = tuple[tuple[str, Value], ...]


class SpanKind(IntEnum):
    """Whose view a span is; the numbers are OTLP's."""

    SERVER = 2
    CLIENT = 3


class Status(IntEnum):
    """What a span says of its own end; the numbers are OTLP's."""

    UNSET = 0
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Span:
    """One side of one call, as the process that wrote it saw it; times are drill ns.

    `resource` is the process: service, version, pod, node. `wait_ns` is the part of the span its
    process says was spent in its own queue, for drawing; the attributes say it too.
    """

    trace_id: str
    span_id: str
    parent_id: str  # "": a root
    name: str
    kind: SpanKind
    start_ns: int
    end_ns: int
    status: Status
    resource: Attributes
    attributes: Attributes
    message: str = ""
    wait_ns: int = 0

    @property
    def service(self) -> str:
        """The component that wrote it."""
        return str(_value(self.resource, "service.name"))

    @property
    def pod(self) -> str:
        """The pod that wrote it; empty for a proxy's own."""
        return str(_value(self.resource, "k8s.pod.name"))

    @property
    def lasted_ns(self) -> int:
        """From its start to its end."""
        return self.end_ns - self.start_ns

    @property
    def is_error(self) -> bool:
        """Whether it says it failed."""
        return self.status is Status.ERROR

    def attribute(self, name: str) -> Value:
        """Look an attribute up; empty where there is none."""
        return _value(self.attributes, name)


@dataclass(frozen=True)
class Trace:
    """The spans of one request that have ended, oldest first."""

    trace_id: str
    spans: tuple[Span, ...]

    @cached_property
    def roots(self) -> tuple[Span, ...]:
        """Spans without a parent: one for each of the user's tries."""
        return tuple(span for span in self.spans if not span.parent_id)

    @property
    def route(self) -> str:
        """What was asked for, as the first root names it."""
        return str(self.roots[0].attribute("http.route")).removeprefix("/") if self.roots else ""

    @property
    def start_ns(self) -> int:
        """When its first span began."""
        return min(span.start_ns for span in self.spans)

    @property
    def lasted_ns(self) -> int:
        """From its first span's start to its last one's end."""
        return max(span.end_ns for span in self.spans) - self.start_ns

    @cached_property
    def has_error(self) -> bool:
        """Whether any span says it failed."""
        return any(span.is_error for span in self.spans)


def _value(attributes: Attributes, name: str) -> Value:
    return next((value for key, value in attributes if key == name), "")
