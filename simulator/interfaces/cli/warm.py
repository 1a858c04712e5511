"""`brownout warm`: compile the simulator ahead of the first drill."""

import click

_SMALL = """\
schema: 1
title: A minute of little
brief: Nobody is on call. It has what most drills have, so that they find it compiled.
warm_up: 0s
lasts: 60s
classes:
  ask:
    arrives_at: web
    prompt_tokens: {quantiles: {50%: 200, 99%: 900}}
    output_tokens: {quantiles: {50%: 20, 99%: 60}}
    cache_key: {zipf: 1.1, keys: 1000}
    client: {patience: 20s, retries: 1}
workload: [{class: ask, poisson: 40/s}]
components:
  web:
    kind: workers
    workers: 64
    handles:
      ask:
        - work: {exponential: 5ms}
        - {call: kept, on_miss: [{call: embed}, {call: vectors}]}
        - call: llm
  kept: {kind: cache, keys_max: 400, single_flight: true}
  embed: {kind: batch, batch_max: 8, window: 5ms, service: {base: 6ms, per_item: 0.4ms}}
  vectors: {kind: vector_index, vectors: 1000000, dimensions: 1536, ef: 80}
  llm:
    kind: llm
    hardware: llama-3.1-8b/h100/tp1/bf16
    replicas: 2
    requests: {nvidia.com/gpu: 1}
edges:
  web -> llm: {timeout: 10s, balance: least_request, retries: {max: 1, budget: 20%}}
nodes:
  gpu: {count: 2, gpus: 1, price_per_hour: 2.48}
faults:
  - {kind: slow_gpu, at: 10s, lasts: 10s, target: node/gpu-1, slowdown: 2}
  - {kind: capacity_dip, at: 30s, lasts: 5s, target: web, share_left: 20%}
  - {kind: load_spike, at: 40s, lasts: 5s, target: class/ask, multiplier: 10}
"""


@click.command("warm", short_help="Compile the simulator ahead of the first drill.")
def command() -> None:
    """Compile the simulator, which the first drill would otherwise wait for.

    Takes about a minute once, and nothing after that. Prints where compiled code is kept.
    """
    from simulator.drill.run import run  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import compiled_in, warn_of_compiling  # noqa: PLC0415  same
    from simulator.scenario.reader import build  # noqa: PLC0415  the same
    from simulator.scenario.source import Source  # noqa: PLC0415  the same

    screen = Screen()
    warn_of_compiling(screen)
    run(build(Source("warm", _SMALL)))
    screen.say(compiled_in())
