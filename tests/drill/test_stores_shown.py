"""Stores in drills: what a scenario writes, and what its instruments show."""

from pathlib import Path

import pytest

from simulator.drill.run import Flight, take_off
from simulator.instruments.promql.plan import compile_query
from simulator.plant.plant import Plant
from simulator.scenario.reader import load
from simulator.units import SECOND

DATABASE = """
schema: 1
title: Writes and reads
brief: A database behind an API.
warm_up: 30s
lasts: 3m
classes:
  chat: {arrives_at: api, cache_key: {zipf: 1.0, keys: 200}}
workload:
- {class: chat, poisson: 20/s}
components:
  api:
    kind: workers
    replicas: 2
    workers: 32
    handles:
      chat: [{call: db}, {call: db, write: true}]
  db:
    kind: relational
    replicas: 2
    max_connections: 50
    service: {read: 1ms, write: 3ms}
    promotion: 20s
edges:
  api -> db: {pool: {max: 5, timeout: 500ms}, timeout: 2s}
nodes:
  cpu: {count: 4}
"""


def flight_of(text: str, folder: Path) -> Flight:
    file = folder / "stores.drill.yaml"
    file.write_text(text, encoding="utf-8")
    return take_off(load(str(file)), seed=1)


def value(flight: Flight, query: str) -> float:
    drill = flight.drill
    drill.scraper.collect()
    samples = compile_query(query).vector(drill.store, drill.now_ms).samples()
    assert len(samples) == 1, query
    return float(samples[0].value)


def test_a_database_shows_what_its_exporter_would(tmp_path: Path) -> None:
    flight = flight_of(DATABASE, tmp_path)

    flight.session.advance(60 * SECOND)

    assert value(flight, "sum(pg_settings_max_connections)") == 100
    assert value(flight, "sum(rate(pg_stat_database_xact_commit[30s]))") == pytest.approx(
        40, rel=0.3
    )
    assert value(flight, "sum(pg_replication_is_replica)") == 1
    assert 2 <= value(flight, "sum(pg_stat_activity_count)") <= 20
    assert value(flight, "sum(pg_stat_database_numbackends)") == value(
        flight, "sum(hikaricp_connections_idle) + sum(hikaricp_connections_active)"
    )


def test_a_primary_lost_is_followed_and_writes_come_back(tmp_path: Path) -> None:
    flight = flight_of(DATABASE, tmp_path)
    plant, pool = flight.drill.plant, flight.drill.names.pools["db"]
    assert isinstance(plant, Plant)
    flight.session.advance(40 * SECOND)
    first = plant.primary(pool)
    flight.session.do("delete_pod db-0 --force")
    nobody = "sum(envoy_cluster_upstream_cx_none_healthy{envoy_cluster_name='db'})"

    flight.session.advance(80 * SECOND)
    down = value(flight, nobody)
    flight.session.advance(150 * SECOND)

    assert plant.primary(pool) != first
    assert down > 200
    assert value(flight, nobody) == pytest.approx(down, abs=100)
    assert value(flight, "sum(rate(pg_stat_database_xact_commit[1m]))") == pytest.approx(
        40, rel=0.3
    )
    plant.check_conservation()


JOBS = """
schema: 1
title: Work for later
brief: Uploads are indexed by and by.
warm_up: 30s
lasts: 3m
classes:
  upload: {arrives_at: api}
workload:
- {class: upload, poisson: 20/s}
components:
  api:
    kind: workers
    workers: 32
    handles: {upload: [{work: 1ms}, {enqueue: jobs}]}
  jobs: {kind: queue, consumer: indexer, prefetch: 4, visibility_timeout: 10s, poison: 2%}
  indexer: {kind: workers, replicas: 2, workers: 4, service: {exponential: 100ms}}
nodes:
  cpu: {count: 4}
"""


def test_a_queue_shows_what_its_broker_would_and_its_backlog_when_nobody_reads(
    tmp_path: Path,
) -> None:
    flight = flight_of(JOBS, tmp_path)
    flight.session.advance(60 * SECOND)
    calm = value(flight, "sum(rabbitmq_queue_messages_ready)")
    dead = value(flight, "rabbitmq_global_messages_dead_lettered_delivery_limit_total")
    flight.session.do("scale indexer 0")

    flight.session.advance(120 * SECOND)

    assert calm < 10
    assert dead > 5
    waiting = value(flight, "rabbitmq_queue_messages_ready")
    assert waiting == pytest.approx(60 * 20, rel=0.2)
    # Some poison of half a minute before is among them again.
    age = value(flight, "time() - rabbitmq_queue_head_message_timestamp")
    assert waiting / 20 < age < waiting / 20 + 40
    flight.drill.plant.check_conservation()
