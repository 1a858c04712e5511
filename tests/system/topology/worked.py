"""A RAG system with every kind of component, as the worked scenario of the documentation."""

from typing import Any

import yaml

from simulator import kinds
from simulator.system.topology.components._base import Component
from simulator.system.topology.edge import Edge
from simulator.system.topology.parts import LateLimit, SystemParts
from simulator.system.topology.request_class import RequestClass
from simulator.units import SECOND

ASKDOCS = """
classes:
  chat:
    arrives_at: gateway
    prompt_tokens: {quantiles: {50%: 1020, 99%: 4142}}
    output_tokens: {quantiles: {50%: 129, 99%: 601}}
    cache_key: {zipf: 1.2, keys: 50000}
    client: {patience: 20s, retries: 1}
components:
  gateway:
    kind: workers
    replicas: 3
    workers: 64
    queue_max: 512
    cpu: {idle: 0.05, per_worker: 0.5}
    requests: {cpu: 1}
    handles:
      chat:
        - work: 2ms
        - {call: passages, on_miss: [{call: embed}, {call: vectors}]}
        - {call: llm, on_failure: [{call: provider}]}
        - work: 1ms
  passages: {kind: cache, keys_max: 20000, ttl: 10m, single_flight: true, service: 0.4ms}
  embed: {kind: batch, replicas: 2, batch_max: 32, window: 5ms,
          service: {base: 6ms, per_item: 0.4ms}}
  vectors: {kind: vector_index, replicas: 2, vectors: 1000000, dimensions: 1536, ef: 80}
  llm: {kind: llm, hardware: llama-3.1-8b/h100/tp1/bf16, replicas: 4, max_num_seqs: 128,
        release: {model: 2026-02, quality: 93%}, requests: {nvidia.com/gpu: 1}}
  provider: {kind: external, quota: {requests: 600/m, tokens: 400k/m},
             latency: {ttft: {quantiles: {50%: 400ms, 99%: 2s}}, tokens: 80/s}}
edges:
  gateway -> llm: {delay: 0.3ms, timeout: 20s, balance: least_request,
                   retries: {max: 1, backoff: 500ms, jitter: full, budget: 10%}}
"""


def component(fields: dict[str, Any]) -> Component:
    """Read one component with the model its kind names."""
    model: type[Component] = kinds.load("components", fields["kind"])
    return model.model_validate(fields)


def parts(text: str = ASKDOCS) -> SystemParts:
    """Read a system's sections; every class has a limit of 2 s to the first token."""
    document = yaml.safe_load(text)
    components = {name: component(of) for name, of in document["components"].items()}
    classes = {name: RequestClass.model_validate(of) for name, of in document["classes"].items()}
    edges = {name: Edge.model_validate(of) for name, of in document.get("edges", {}).items()}
    limits = tuple(LateLimit(name, "ttft", 2 * SECOND) for name in classes)
    return SystemParts(classes, components, edges, limits)
