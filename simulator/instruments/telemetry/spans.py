"""Spans as the real instrumentations write them, from what the plant keeps of sampled calls.

Who writes what, as in production: a proxy beside each caller writes a CLIENT span per attempt
(Envoy's `router CLUSTER egress`, with its response flags); services and model servers write a
SERVER span per request they took in. Caches, indexes and providers outside write none: their
callers' client libraries do. No span says what is wrong, only what its own process saw.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.instruments.telemetry.span_words import CODES, FLAGS, MESSAGES, served_attributes
from simulator.instruments.traces.model import Attributes, Span, SpanKind, Status
from simulator.plant import layout as at
from simulator.plant.api import Traced
from simulator.plant.chance import mix
from simulator.plant.spec import USERS

Rows = NDArray[np.int64]
_SERVED, _TRY = 1, 2
_SERVER_ERROR = 500
_CLIENT_ERROR = 400
_GONE = 499  # nobody waits any more: no failure of whoever was asked
# Kinds whose servers write no spans of their own, and what their clients write instead.
CLIENT_ONLY = {
    "cache": ("redis", "GET"),
    "semantic_cache": ("redis", "FT.SEARCH"),
    "vector_index": ("qdrant", "search"),
}
OUTSIDE = "external"


@dataclass(frozen=True, slots=True)
class Process:
    """Who answered: what a process knows of itself."""

    component: str
    pod: str = ""
    node: str = ""
    revision: str = ""


@lru_cache(maxsize=4096)  # few processes write many spans
def resource_of(process: Process) -> Attributes:
    """A process's resource attributes, as OpenTelemetry names them."""
    named = (
        ("service.name", process.component),
        ("service.version", process.revision),
        ("service.instance.id", process.pod),
        ("k8s.pod.name", process.pod),
        ("k8s.node.name", process.node),
    )
    return tuple((name, value) for name, value in named if value)


@dataclass(frozen=True, slots=True)
class System:
    """The names behind the plant's numbers."""

    kinds: Mapping[str, str]  # component to kind
    edges: Sequence[tuple[str, str]]  # caller, callee
    classes: Sequence[tuple[str, str]]  # name, entry component


def trace_id(root_key: int) -> str:
    """Name the trace of a user's request: 32 hex digits, the last 16 its key."""
    return f"{mix(root_key, 1):016x}{root_key:016x}"


def spans_of(rows: Rows, system: System, processes: Mapping[int, Process]) -> Iterator[Span]:
    """Write the spans of some rows of `drain_spans`; `processes` says who each replica was."""
    for row in rows.tolist():
        if row[Traced.EDGE] < 0:
            yield _try_span(row, system)
            continue
        caller, callee = system.edges[row[Traced.EDGE]]
        if caller == USERS:
            caller = system.classes[row[Traced.REQUEST_CLASS]][1]
        route = system.classes[row[Traced.REQUEST_CLASS]][0]
        yield _client_span(row, caller, callee, system.kinds[callee])
        is_served = row[Traced.ARRIVED_AT] >= 0 and row[Traced.ENDED_AT] >= 0
        kind = system.kinds[callee]
        if is_served and kind not in CLIENT_ONLY and kind != OUTSIDE:
            process = processes.get(row[Traced.REPLICA], Process(callee))
            yield _server_span(row, route, kind, process)


def _parent_id(row: list[int]) -> str:
    if row[Traced.EDGE] < 0:
        return ""
    if row[Traced.TRY] >= 0:
        return _hex(_try_key(row[Traced.PARENT_KEY], row[Traced.TRY]))
    return _hex(mix(row[Traced.PARENT_KEY], _SERVED))


def _try_key(root_key: int, number: int) -> int:
    return int(mix(root_key, (number << 8) + _TRY))


def _hex(key: int) -> str:
    return f"{key:016x}"


def _try_span(row: list[int], system: System) -> Span:
    """One try of a user, as the entry's proxy saw it."""
    route, entry = system.classes[row[Traced.REQUEST_CLASS]]
    answer = row[Traced.ANSWER]
    code = CODES[answer]
    attributes: list[tuple[str, str | int]] = [
        ("http.request.method", "POST"),
        ("http.route", f"/{route}"),
        ("http.response.status_code", code),
    ]
    if answer == at.LEFT:
        attributes.append(("response_flags", FLAGS[answer]))
    if row[Traced.TRY] > 0:
        attributes.append(("http.request.resend_count", row[Traced.TRY]))
    failed = code >= _SERVER_ERROR
    return Span(
        trace_id(row[Traced.ROOT_KEY]),
        _hex(_try_key(row[Traced.ROOT_KEY], row[Traced.TRY])),
        "",
        f"POST /{route}",
        SpanKind.SERVER,
        row[Traced.SENT_AT],
        row[Traced.ANSWERED_AT],
        Status.ERROR if failed else Status.UNSET,
        resource_of(Process(entry)),
        tuple(attributes),
        MESSAGES.get(answer, "") if failed else "",
    )


def _client_span(row: list[int], caller: str, callee: str, kind: str) -> Span:
    """One attempt, as its caller's proxy or client library saw it."""
    answer = row[Traced.ANSWER]
    name, attributes = _client_words(row, callee, kind, CODES[answer])
    if row[Traced.ATTEMPT] > 0:
        attributes.append(("http.request.resend_count", row[Traced.ATTEMPT]))
    # What its callee answered by itself in time is no decision of the proxy.
    is_callees = (
        row[Traced.RESULT] == answer and 0 <= row[Traced.ENDED_AT] <= row[Traced.ANSWERED_AT]
    )
    if answer in FLAGS and not is_callees:
        attributes.append(("response_flags", FLAGS[answer]))
    failed = CODES[answer] >= _CLIENT_ERROR and CODES[answer] != _GONE
    return Span(
        trace_id(row[Traced.ROOT_KEY]),
        _hex(row[Traced.KEY]),
        _parent_id(row),
        name,
        SpanKind.CLIENT,
        row[Traced.SENT_AT],
        row[Traced.ANSWERED_AT],
        Status.ERROR if failed else Status.UNSET,
        resource_of(Process(caller)),
        tuple(attributes),
        MESSAGES.get(answer, "") if failed else "",
    )


def _client_words(
    row: list[int], callee: str, kind: str, code: int
) -> tuple[str, list[tuple[str, str | int]]]:
    """Name the span and say what the caller's library writes of a call to such a server."""
    answered = row[Traced.ANSWER] in {at.OK, at.MISSED, at.RENEW, at.NEGATIVE}
    if kind in CLIENT_ONLY:
        system, operation = CLIENT_ONLY[kind]
        found: list[tuple[str, str | int]] = [
            ("db.system.name", system),
            ("db.operation.name", operation),
            ("server.address", callee),
        ]
        if answered and kind in {"cache", "semantic_cache"}:
            found.append(("db.response.returned_rows", int(row[Traced.ANSWER] != at.MISSED)))
        return f"{operation} {callee}", found
    if kind == OUTSIDE:
        found = [
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", callee),
            ("server.address", callee),
            ("http.response.status_code", code),
        ]
        if answered:
            found += [
                ("gen_ai.usage.input_tokens", row[Traced.PROMPT]),
                ("gen_ai.usage.output_tokens", row[Traced.OUTPUT]),
            ]
        return f"chat {callee}", found
    return f"router {callee} egress", [
        ("component", "proxy"),
        ("upstream_cluster", callee),
        ("http.response.status_code", code),
    ]


def _server_span(row: list[int], route: str, kind: str, process: Process) -> Span:
    """One request a service took in, as the service itself saw it."""
    result = row[Traced.RESULT]
    name, attributes = served_attributes(row, route, kind, process.revision)
    failed = CODES[result] >= _SERVER_ERROR
    return Span(
        trace_id(row[Traced.ROOT_KEY]),
        _hex(int(mix(row[Traced.KEY], _SERVED))),
        _hex(row[Traced.KEY]),
        name,
        SpanKind.SERVER,
        row[Traced.ARRIVED_AT],
        row[Traced.ENDED_AT],
        Status.ERROR if failed else Status.UNSET,
        resource_of(process),
        attributes,
        MESSAGES.get(result, "") if failed else "",
        wait_ns=row[Traced.WAIT_NS],
    )
