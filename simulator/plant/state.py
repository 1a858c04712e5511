"""Every table of the plant, by name."""

from typing import Any, ClassVar

from simulator.plant.batch import BatchTables
from simulator.plant.handle import (
    FLOATS_1,
    FLOATS_2,
    INTS_1,
    INTS_2,
    INTS_3,
    Floats,
    Handle,
    Ints,
    at_address,
)
from simulator.plant.llm_tables import LlmTables


class State(Handle):
    """Everything the plant is."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "head": INTS_1, "prog": INTS_2, "laws": FLOATS_2, "slots": INTS_2, "heap": INTS_2,
        "lanes": INTS_3, "lane_heads": INTS_2, "work": INTS_2, "replicas": INTS_2,
        "replica_floats": FLOATS_2, "pools": INTS_2, "pool_floats": FLOATS_2, "edges": INTS_2,
        "edge_floats": FLOATS_2, "classes": INTS_2, "class_floats": FLOATS_2, "bounds": INTS_2,
        "bins": INTS_3, "signals": INTS_2, "arrivals": INTS_2, "keys": INTS_2, "buckets": INTS_1,
        "popularity": FLOATS_2, "targets": INTS_2, "scrapes": INTS_2, "finished": INTS_2,
        "batch_pools": FLOATS_2, "guards": INTS_2, "guard_floats": FLOATS_2, "outliers": INTS_3,
        "adaptive": INTS_2, "adaptive_floats": FLOATS_2, "latencies": INTS_2, "sheds": FLOATS_2,
        "net": FLOATS_2, "wires": FLOATS_2, "impairments": FLOATS_2, "records": INTS_2,
        "routes": INTS_2, "route_floats": FLOATS_2, "ready": INTS_2, "trees": FLOATS_2,
        "views": FLOATS_2, "cells": INTS_2, "spans": INTS_2, "span_of": INTS_1, "tracing": INTS_1,
        "levels": INTS_2, "limits": FLOATS_2, "uses": FLOATS_2, "providers": FLOATS_2,
        "provider_hours": FLOATS_2, "provider_rows": INTS_2, "manners": INTS_2,
        "manner_floats": FLOATS_2, "users": INTS_2, "loops": INTS_2, "tenants": INTS_2,
        "tenant_floats": FLOATS_2, "cpu_ints": INTS_2, "cpu_floats": FLOATS_2, "cpu_jobs": INTS_2,
        "cpu_ends": FLOATS_1, "caches": INTS_2, "cache_floats": FLOATS_2, "stores": INTS_2,
        "members": INTS_1, "facts": INTS_2, "indexes": FLOATS_2, "pooled": INTS_2,
        "conns": INTS_2, "databases": INTS_2, "replays": INTS_2, "commits": INTS_2,
        "queues": INTS_2, "messages": INTS_2, "objects": FLOATS_2, "prefixes": FLOATS_2,
        "transfers": INTS_2,
    }  # fmt: skip
    WIDTHS: ClassVar[dict[str, int]] = {}
    LINED: ClassVar[tuple[str, ...]] = ("slots",)
    PARTS: ClassVar[dict[str, type[Handle]]] = {"llm": LlmTables, "batch": BatchTables}

    llm: LlmTables
    batch: BatchTables
    head: Ints
    prog: Ints
    laws: Floats
    slots: Ints
    heap: Ints
    lanes: Ints
    lane_heads: Ints
    work: Ints
    replicas: Ints
    replica_floats: Floats
    pools: Ints
    pool_floats: Floats
    edges: Ints
    edge_floats: Floats
    classes: Ints
    class_floats: Floats
    bounds: Ints
    bins: Ints
    signals: Ints
    arrivals: Ints
    keys: Ints
    buckets: Ints
    popularity: Floats
    targets: Ints
    scrapes: Ints
    finished: Ints
    batch_pools: Floats
    guards: Ints
    guard_floats: Floats
    outliers: Ints
    adaptive: Ints
    adaptive_floats: Floats
    latencies: Ints
    sheds: Floats
    net: Floats
    wires: Floats
    impairments: Floats
    records: Ints
    routes: Ints
    route_floats: Floats
    ready: Ints
    trees: Floats
    views: Floats
    cells: Ints
    limits: Floats
    uses: Floats
    providers: Floats
    provider_hours: Floats
    provider_rows: Ints
    spans: Ints
    span_of: Ints
    tracing: Ints
    levels: Ints
    manners: Ints
    manner_floats: Floats
    users: Ints
    loops: Ints
    tenants: Ints
    tenant_floats: Floats
    cpu_ints: Ints
    cpu_floats: Floats
    cpu_jobs: Ints
    cpu_ends: Floats
    caches: Ints
    cache_floats: Floats
    stores: Ints
    members: Ints
    facts: Ints
    indexes: Floats
    pooled: Ints
    conns: Ints
    databases: Ints
    replays: Ints
    commits: Ints
    queues: Ints
    messages: Ints
    objects: Floats
    prefixes: Floats
    transfers: Ints


state_at = at_address(State)
