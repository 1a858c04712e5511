"""Writes logs and the change log as JSON lines, a line an entry, for jq, Loki or a notebook."""

import json
from collections.abc import Callable, Iterable, Iterator

from simulator.instruments.series.changes import ChangeEntry
from simulator.instruments.series.logs import LogEntry

Stamp = Callable[[int], str]
"""Writes a drill's nanoseconds as an ISO 8601 instant."""


def log_lines(entries: Iterable[LogEntry], stamp: Stamp) -> Iterator[str]:
    """Write log entries; fields of their own stand under `fields`."""
    for entry in entries:
        yield _json(
            time=stamp(entry.t_ns),
            severity=entry.severity.name,
            component=entry.component,
            pod=entry.pod,
            trace_id=entry.trace_id,
            message=entry.message,
            fields=dict(entry.fields),
        )


def change_lines(entries: Iterable[ChangeEntry], stamp: Stamp) -> Iterator[str]:
    """Write the change log."""
    for entry in entries:
        yield _json(
            time=stamp(entry.t_ns),
            kind=entry.kind,
            component=entry.component,
            text=entry.text,
        )


def _json(**fields: object) -> str:
    return json.dumps({k: v for k, v in fields.items() if v not in ("", {})}, ensure_ascii=False)
