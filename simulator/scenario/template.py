"""The scenario that `brownout new` writes: small, valid, and explained line by line."""

_TEXT = """\
# yaml-language-server: $schema=scenario.schema.json
schema: 1

# Public: a symptom at most. Never the cause, neither here nor in the file's name.
title: Slow answers in the afternoon
brief: You are on call for a small assistant. Users write that answers take too long.
tags: [first]

warm_up: 5m # ungraded, before you take the seat
lasts: 30m # from 00:00:00 on

objectives:
  - {name: fast, class: chat, of: e2e, below: 500ms, share: 99%, window: 30d}
  - {name: answered, class: chat, of: outcome, is: good, share: 99.5%, window: 30d}

# What users ask for, and how long they wait.
classes:
  chat: {arrives_at: gateway, client: {patience: 10s}}

workload:
  - {class: chat, poisson: 40/s}

# The services; `brownout kinds components` lists all kinds and their fields.
components:
  gateway:
    kind: workers
    replicas: 2
    workers: 64
    holds_worker: true
    handles:
      chat: [work: 2ms, {call: search}]
  search:
    kind: workers
    replicas: 3
    workers: 2
    service: {exponential: 80ms}

# How one calls another: timeouts, retries, balancing.
edges:
  gateway -> search: {timeout: 2s, retries: {max: 1, backoff: 100ms, jitter: full}}

# What goes wrong, and when; `brownout kinds faults` lists all kinds.
faults:
  - {kind: load_spike, at: 10m, lasts: 10m, target: class/chat, multiplier: 2}

# Prometheus rule files, HPA manifests and a runbook of a good response may follow:
# alerts: [rules/NAME.rules.yaml]
# autoscalers: [hpa/search.yaml]
# reference: runbooks/NAME.yaml

# What `brownout check` asks for.
pass: {score_min: 60, recovered_within: 20m}
"""


def text(name: str) -> str:
    """Write a new scenario's text."""
    return _TEXT.replace("NAME", name)
