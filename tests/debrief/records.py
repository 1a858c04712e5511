"""Records as a drill would leave them, made of shares; long because they tell one incident whole.

`lived()` is a model server that runs out of KV cache under long prompts at 20 minutes and is
rescued by a limit; the other builders are its counterfactuals.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.debrief.grading import Variants
from simulator.record.model import (
    OUTCOMES,
    Cause,
    Entry,
    EntryKind,
    Header,
    Json,
    Objective,
    Record,
    Series,
)
from simulator.units import DAY, MINUTE, SECOND

BIN = 5 * SECOND
WARM_UP, STRIKE, HORIZON = 10 * MINUTE, 20 * MINUTE, 45 * MINUTE
BUCKETS = 120

Shares = dict[str, float]
Counts = NDArray[np.int64]
Story = Callable[[int], Shares]

CAUSE = Cause(
    name="long-contexts",
    kind="prompt_mix_shift",
    family="traffic",
    mechanism="kv_exhaustion",
    component="llm",
    target="class/chat",
    home="traffic",
    trigger="mix_shift",
    at=STRIKE,
    until=None,
)

HEADER = Header(
    scenario="tuesday-slow-answers",
    title="Slow answers on a Tuesday",
    brief="You are on call for askdocs, a RAG assistant. Users write that answers crawl.",
    scenario_digest="5b1c9a2e7f40",
    version="0.1.0",
    seed=7,
    twin="fault",
    responder="person",
    is_practice=False,
    hints=0,
    clock="2026-03-03T09:00:00Z",
    warm_up_ns=WARM_UP,
    strike_at_ns=STRIKE,
    horizon_ns=HORIZON,
    ended_at_ns=HORIZON + MINUTE,
    classes=("chat", "search"),
    weights=(1.0, 0.2),
    bin_ns=BIN,
    objectives=(
        Objective("first-token", "chat", "ttft", 2 * SECOND, 0.99, 30 * DAY),
        Objective("answered", "chat", "outcome", None, 0.995, 30 * DAY),
    ),
    severities={"SEV-1": 0.5, "SEV-2": 0.1, "SEV-3": 0.01},
    causes=(CAUSE,),
    components=("gateway", "passages", "embed", "vectors", "llm", "provider"),
    calls=(
        ("users", "gateway"),
        ("gateway", "passages"),
        ("gateway", "embed"),
        ("gateway", "vectors"),
        ("gateway", "llm"),
        ("gateway", "provider"),
    ),
    mechanisms={
        "kv_exhaustion": "capacity",
        "prompt_mix_shift": "traffic",
        "load_spike": "traffic",
        "slow_gpu": "hardware",
    },
    pass_marks={"score_min": 60, "recovered_within_ns": 20 * MINUTE},
    gpu_cost=7.44,
    command="brownout play tuesday-slow-answers --seed 7",
    budgets={"first-token": 0.71, "answered": 0.64},
)


def steady(_: int) -> Shares:
    return {}


def outage(start: int, end: int, worst: Shares, ramp: int = 2 * MINUTE) -> Story:
    """Bad shares that grow from `start`, stand, and fall again within a minute before `end`."""

    def story(at: int) -> Shares:
        if not start <= at < end:
            return {}
        level = min(1.0, (at - start + BIN) / ramp, (end - at) / MINUTE)
        return {name: share * level for name, share in worst.items()}

    return story


def make(
    story: Story = steady,
    entries: tuple[Entry, ...] = (),
    header: Header = HEADER,
    series: tuple[Series, ...] = (),
) -> Record:
    """Build a record whose outcomes follow a story."""
    bins = -(-header.ended_at_ns // header.bin_ns)
    outcomes = np.zeros((bins, len(header.classes), len(OUTCOMES)), dtype=np.int64)
    ttft = np.zeros((bins, len(header.classes), BUCKETS), dtype=np.int64)
    for n in range(-(-header.horizon_ns // header.bin_ns)):
        shares = story(n * header.bin_ns)
        whole = int(200 + 14 * math.sin(n / 9.0) + 7 * math.sin(n * 2.4))
        for column in range(len(header.classes)):
            offered = whole // (1 + 3 * column)
            counts = [int(shares.get(name, 0.0) * offered) for name in OUTCOMES[:-1]]
            outcomes[n, column] = [*counts, offered - sum(counts)]
    _first_tokens(ttft, outcomes)
    return Record(
        header=header,
        entries=entries,
        outcomes=outcomes,
        ttft=ttft,
        series=series,
        journal=tuple(
            {"at": e.at - header.warm_up_ns, "text": e.detail.get("text", e.subject)}
            for e in entries
            if e.kind in {"acted", "looked", "acknowledged", "declared", "hypothesised", "closed"}
        ),
        digest="9f2d61c3b7aa",
    )


def _first_tokens(ttft: Counts, outcomes: Counts) -> None:
    """Good answers begin near 0.4 s, late ones at 4 and 9 s."""
    good, late = outcomes[:, :, -1], outcomes[:, :, OUTCOMES.index("late")]
    bins = np.arange(len(ttft))
    middle = 50 + np.round(2 * np.sin(bins / 7.0)).astype(np.int64)
    for offset in (-4, 0, 4):
        ttft[bins, :, middle + offset] += good // 4
    ttft[bins, :, middle + 8] += good - 3 * (good // 4)
    ttft[:, :, 72] += late // 2
    ttft[:, :, 79] += late - late // 2


def entries(*said: tuple[int, EntryKind, str, dict[str, Json]]) -> tuple[Entry, ...]:
    """Number entries in the order given."""
    return tuple(
        Entry(n, at, kind, subject, detail) for n, (at, kind, subject, detail) in enumerate(said)
    )


def act(at: int, text: str) -> tuple[int, EntryKind, str, dict[str, Json]]:
    verb, _, rest = text.partition(" ")
    return (
        at,
        "acted",
        verb,
        {"text": text, "target": rest.split(" ")[0], "answer": "in effect", "mutates": True},
    )


def look(at: int, text: str, answer: str) -> tuple[int, EntryKind, str, dict[str, Json]]:
    return (at, "looked", text.split(" ", maxsplit=1)[0], {"text": text, "answer": answer})


S, M = SECOND, MINUTE
HPA: dict[str, Json] = {
    "component": "llm",
    "current": 4,
    "desired": 4,
    "reason": "cpu 61 % of 70 %: within tolerance",
    "conditions": ["ScalingActive"],
}
FIRED: dict[str, Json] = {
    "labels": {"alertname": "TimeToFirstTokenHigh", "class": "chat", "component": "gateway"},
    "annotations": {"summary": "p99 first token above 2 s"},
    "value": 6.1,
    "severity": "page",
}
STRUCK: dict[str, Json] = {
    "kind": "prompt_mix_shift",
    "target": "class/chat",
    "home": "traffic",
    "mechanism": "kv_exhaustion",
    "component": "llm",
}
CLAIM: dict[str, Json] = {
    "component": "llm",
    "mechanism": "kv_exhaustion",
    "trigger": "mix_shift",
    "confidence": 0.8,
    "note": "",
}
PAGED: dict[str, Json] = {
    "receiver": "pager",
    "channel": "pager",
    "firing": ["TimeToFirstTokenHigh"],
    "resolved": [],
    "text": "p99 6.1 s > 2 s for 2m, class chat",
}
PENDING: dict[str, Json] = {"state": "Pending", "node": None, "reason": "no gpu left"}
KV_NAME = "KV cache in use, fullest pod"
KV_QUERY = "query max by (pod) (vllm:kv_cache_usage_perc)"

RESCUE = entries(
    (17 * M, "changed", "embed", {"text": "embed 1.14.2: log level", "by": "deploy"}),
    (STRIKE, "struck", "long-contexts", STRUCK),
    (21 * M + 36 * S, "pending", "TimeToFirstTokenHigh", {}),
    (23 * M, "decided", "llm", HPA),
    (23 * M + 36 * S, "fired", "TimeToFirstTokenHigh", FIRED),
    (23 * M + 36 * S, "paged", "TimeToFirstTokenHigh", PAGED),
    (23 * M + 41 * S, "acknowledged", "ack", {}),
    look(23 * M + 46 * S, "status", "gateway 3/3, llm 4/4, queue 143"),
    look(23 * M + 51 * S, KV_QUERY, "llm-0 0.99, llm-1 1.00, llm-2 0.99, llm-3 1.00"),
    (24 * M, "declared", "declare", {"severity": "SEV-2"}),
    (24 * M + 5 * S, "hypothesised", "hypothesis", CLAIM),
    act(24 * M + 10 * S, "scale llm 6"),
    (24 * M + 12 * S, "scaled", "llm", {"reason": "Scaling", "text": "scaled from 4 to 6"}),
    (24 * M + 13 * S, "pod", "llm-4", PENDING),
    act(24 * M + 30 * S, "limit class/chat prompt_tokens 8000"),
    act(25 * M + 5 * S, "restart embed"),
    (25 * M + 40 * S, "decided", "llm", {**HPA, "current": 6, "desired": 6}),
    (27 * M + 36 * S, "resolved", "TimeToFirstTokenHigh", {}),
    (29 * M, "node", "gpu-5", {"state": "Ready", "reason": "joined"}),
    (30 * M + 30 * S, "pod", "llm-4", {"state": "Ready", "node": "gpu-5", "reason": ""}),
    look(31 * M, "query p99 first token", "0.4 s"),
    (31 * M + 5 * S, "checked", "check", {"expr": "p99 < 2", "answer": "pass"}),
    (31 * M + 10 * S, "updated", "update", {"text": "answers are fast again"}),
    (31 * M + 20 * S, "closed", "resolve", {}),
)  # fmt: skip

SCALE, LIMIT, RESTART = (e.seq for e in RESCUE if e.kind == "acted")


def curve(level: Callable[[float], float], name: str, unit: str, component: str) -> Series:
    times = np.arange(0, HORIZON + 1, 15 * SECOND, dtype=np.int64)
    values = np.array([level(t / MINUTE) for t in times.tolist()], dtype=np.float64)
    values[60:63] = np.nan
    return Series(name, unit, component, times, values)


def hump(t: float, base: float, top: float, start: float, end: float) -> float:
    rise = min(max((t - start) / 2.0, 0.0), 1.0)
    fall = min(max((t - end) / 2.0, 0.0), 1.0)
    return base + (top - base) * (rise - fall) + base * 0.04 * math.sin(t * 2.1)


def series(end: float = 25.0, extra: int = 2) -> tuple[Series, ...]:
    """What the scrapes of a drill that is mended at minute `end` show."""
    return (
        curve(lambda t: hump(t, 0.45, 6.1, 20.5, end), "first token p99", "s", "chat"),
        curve(lambda t: hump(t, 3, 143, 20.5, end), "waiting", "requests", "llm"),
        curve(lambda t: hump(t, 88, 190, 20.5, end), "running", "requests", "llm"),
        curve(lambda t: min(hump(t, 0.52, 1.0, 20.2, end), 1), KV_NAME, "share", "llm"),
        curve(lambda t: 4 + (extra if t > 30.5 else 0), "replicas ready", "replicas", "llm"),
        curve(lambda _: 3, "replicas ready", "replicas", "gateway"),
        curve(lambda t: 2 - (1 if 25.1 < t < 25.9 else 0), "replicas ready", "replicas", "embed"),
        curve(lambda t: hump(t, 0.024, 0.05, 20.5, end), "p99 as callers see it", "s", "embed"),
    )  # fmt: skip


BAD: Shares = {"late": 0.52, "abandoned": 0.14, "failed": 0.06}


@cache
def lived() -> Record:
    return make(outage(STRIKE + 20 * S, 26 * M + 30 * S, BAD), RESCUE, series=series())


@cache
def do_nothing() -> Record:
    quiet = tuple(e for e in RESCUE if e.seq <= 5)
    header = replace(HEADER, responder="none", gpu_cost=6.2)
    return make(outage(STRIKE + 20 * S, 2 * HORIZON, BAD), quiet, header, series(60.0, 0))


@cache
def reference() -> Record:
    header = replace(HEADER, responder="reference", gpu_cost=6.2)
    return make(outage(STRIKE + 20 * S, 24 * M + 50 * S, BAD), RESCUE, header, series(23.5, 0))


@cache
def without_act(seq: int) -> Record:
    ends = {SCALE: 26 * M + 30 * S, LIMIT: 34 * M, RESTART: 26 * M}
    kept = tuple(e for e in RESCUE if e.seq != seq)
    return make(outage(STRIKE + 20 * S, ends[seq], BAD), kept, series=series())


@cache
def variants() -> Variants:
    runs = {seq: without_act(seq) for seq in (SCALE, LIMIT, RESTART)}
    return Variants(do_nothing(), reference(), runs)


def healthy(said: tuple[Entry, ...] = ()) -> Record:
    return make(steady, said, replace(HEADER, twin="healthy", causes=()))
