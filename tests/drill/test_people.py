"""A drill with sessions, a closed loop, an agent and tenants, from YAML to what is seen of them."""

from pathlib import Path

from simulator.drill.run import take_off
from simulator.interfaces.describing import described, text
from simulator.plant.probes import ReplicaProbe, TenantProbe
from simulator.scenario.reader import load
from simulator.units import SECOND
from simulator.world import Home, Knob, Place

PEOPLE = """
schema: 1
title: People
brief: You are on call.
warm_up: 30s
lasts: 2m
classes:
  chat:
    arrives_at: gateway
    prompt_tokens: 900
    output_tokens: 60
    shared_prompt: [{tokens: 400}]
    session: {turns: 8, think: {exponential: 5s}, words: 60}
    tenants: {count: 30, zipf: 1.2, quota: {requests: 40/m}, shown: 2}
    client: {sdk: openai}
  staff:
    arrives_at: gateway
    prompt_tokens: 500
    output_tokens: 40
    session: {turns: 3, think: 4s, words: 50, returns: {share: 100%, after: 6s}}
workload:
  - {class: chat, poisson: 1/s}
  - {class: staff, users: {count: 12, over: 20s}}
components:
  gateway:
    kind: workers
    workers: 64
    handles:
      chat: [{work: 1ms}, {call: llm}]
      staff:
        - {call: llm, output_tokens: 20}
        - {loop: {times: 2, steps: [{call: llm}], context_grows: {by: 100}}}
  llm: {kind: llm, hardware: llama-3.1-8b/h100/tp1/bf16, replicas: 2}
edges:
  gateway -> llm: {balance: prefix_aware}
nodes:
  gpu: {count: 2, gpus: 1}
"""


def test_people_are_flown_and_seen(tmp_path: Path) -> None:
    file = tmp_path / "people.drill.yaml"
    file.write_text(PEOPLE)
    flight = take_off(load(str(file)), seed=2)

    flight.session.advance(110 * SECOND)

    plant = flight.drill.plant
    plant.check_conservation()
    found = {name: flight.session.do(f"query {query}") for name, query in QUERIES.items()}
    assert 'team="tenant-1"' in str(found["tenants"])
    assert 'team="tenant-3"' not in str(found["tenants"])
    rows = [plant.replica_row(number) for number in flight.drill.effects.rows]
    hits = sum(int(row[ReplicaProbe.HITS]) for row in rows)
    assert hits / (hits + sum(int(row[ReplicaProbe.MISSES]) for row in rows)) > 0.7


QUERIES = {
    "tenants": "litellm_proxy_total_requests_metric_total",
    "route": 'http_requests_total{route="staff",code="200"}',
}


def test_what_people_ask_is_described(tmp_path: Path) -> None:
    file = tmp_path / "people.drill.yaml"
    file.write_text(PEOPLE)

    found = described(str(file), 1)

    chat, staff = found["chat"], found["staff"]
    assert chat is not None
    assert staff is not None
    # Twelve people, three turns in 2 x 4 + 6 seconds: at most that often.
    assert 12 * 3 / 14 * 0.9 < staff.rate < 12 * 3 / 14 * 1.1
    assert chat.turns is not None
    assert chat.turns.mean == 8
    assert 0.5 < (chat.prefix_hit or 0.0) < 1
    assert chat.tenants is not None
    assert 0.3 < chat.tenants.largest < chat.tenants.five_largest < 1
    assert (chat.rounds, staff.tenants) == (None, None)
    assert staff.rounds is not None
    assert staff.rounds.mean == 2
    assert "30 tenants: 32.6% are the largest's, 66.4% the five largest's" in text(found)
    assert "sessions' turns: mean 3, p50 3, p90 3, p99 3, as if answers came at once" in text(found)


def test_a_responder_sets_quotas_and_a_fault_heats_a_tenant(tmp_path: Path) -> None:
    file = tmp_path / "people.drill.yaml"
    file.write_text(PEOPLE)
    flight = take_off(load(str(file)), seed=2)
    session, plant, world = flight.session, flight.drill.plant, flight.drill.world
    session.advance(20 * SECOND)
    world.afflict("noise", Home.TRAFFIC, Place("class", "chat"), Knob.HOT_TENANT, 0.9)
    before = plant.tenant_rows(0)[:, TenantProbe.ARRIVED]

    session.advance(60 * SECOND)
    grew = plant.tenant_rows(0)[:, TenantProbe.ARRIVED] - before
    session.do("limit class/chat tenant_requests_per_minute 1 tenant_concurrency 1")
    refused = int(plant.tenant_rows(0)[0, TenantProbe.REFUSED_429])
    session.advance(100 * SECOND)

    assert grew[0] > grew[1:].sum()
    assert plant.tenant_rows(0)[0, TenantProbe.REFUSED_429] > refused + 10
    answer = session.do("limit class/staff tenant_concurrency 1")
    assert "class/staff has no tenant_concurrency" in str(answer)
