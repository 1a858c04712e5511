"""Speculation, adapters and prompts computed elsewhere, as scenarios write them."""

import pytest
from pydantic import ValidationError

from simulator.plant.llm_spec import Adapters, RemotePrefill, Speculation
from simulator.plant.spec import USERS, Llm
from simulator.system.topology.checks import problems
from simulator.system.topology.compiler import compile_system
from simulator.system.topology.graph import calls
from tests.system.topology.worked import parts

SYSTEM = """
classes:
  chat: {arrives_at: decode, prompt_tokens: 100, output_tokens: 10, adapter: legal, priority: 1}
components:
  decode:
    kind: llm
    hardware: llama-3.1-8b/h100/tp1/bf16
    scheduling: priority
    speculation: {tokens: 3, acceptance: 70%, draft: 4%}
    adapters: {max_loras: 2, max_cpu_loras: 5, overhead: 10%}
    prefill: {component: prefill, link: 25GB/s, latency: 2ms}
  prefill: {kind: llm, hardware: llama-3.1-8b/h100/tp1/bf16}
edges:
  decode -> prefill: {delay: 1ms}
"""

OWN_ROW = "{w_ms: 5, s_us_per_token: 1, c_ns_per_kv_token: 1, q_ns_per_pair: 1, kv_tokens: 90000}"


def server(name: str) -> Llm:
    pools = {pool.name: pool.discipline for pool in compile_system(parts(SYSTEM)).pools}
    found = pools[name]
    assert isinstance(found, Llm)
    return found


def test_what_a_server_does_besides_reaches_the_plant() -> None:
    decode, plain = server("decode"), server("prefill")

    assert decode.by_priority
    assert decode.speculation == Speculation(3, 0.7, 0.04 * plain.w_ms, 0.04 * plain.s_us_per_token)
    assert decode.adapters == Adapters(2, 5, 400_000_000, 20_000_000, 0.1)
    # 2 x 32 layers x 8 heads x 128 numbers x 2 bytes over 25 GB/s
    assert decode.prefill == RemotePrefill("prefill", 131_072 / 25e9 * 1e9, 2_000_000)
    assert (plain.by_priority, plain.speculation, plain.adapters, plain.prefill) == (
        False, None, None, None,
    )  # fmt: skip


def test_a_server_calls_the_one_that_computes_its_prompts() -> None:
    assert calls(parts(SYSTEM)) == ((USERS, "decode"), ("decode", "prefill"))
    assert problems(parts(SYSTEM)) == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "code", "message"),
    [
        pytest.param(
            "    adapters: {max_loras: 2, max_cpu_loras: 5, overhead: 10%}\n", "",
            ("classes", "chat", "adapter"), "no-adapters",
            "no model server that chat requests reach serves adapters; write "
            "adapters: {max_loras: 1} on one of them", id="nobody serves the adapter",
        ),
        pytest.param(
            "component: prefill,", "component: prefil,",
            ("components", "decode", "prefill", "component"), "unknown-target",
            "no component 'prefil' (did you mean 'prefill'?); there is: decode, prefill",
            id="nobody of that name",
        ),
        pytest.param(
            "component: prefill,", "component: decode,",
            ("components", "decode", "prefill", "component"), "not-a-prefill",
            "decode computes no prompts for decode; write another llm that computes its own",
            id="itself",
        ),
        pytest.param(
            "delay: 1ms", "hedge: {after: 1s}", ("edges", "decode -> prefill"), "not-a-prefill",
            "a KV cache comes from one replica of prefill; leave hedge and split out", id="hedged",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(
    old: str, new: str, path: tuple[str, ...], code: str, message: str
) -> None:
    assert old in SYSTEM

    found = [each for each in problems(parts(SYSTEM.replace(old, new))) if not each.is_warning]

    assert [(each.path, each.code, each.message) for each in found] == [(path, code, message)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_cpu_loras: 5", "max_cpu_loras: 1", "max_cpu_loras 1 is less than max_loras 2"),
        ("link: 25GB/s", "link: 25", "25 is not a rate of bytes; write one such as 25GB/s"),
        ("acceptance: 70%", "acceptance: 170%", "acceptance"),
        (
            "hardware: llama-3.1-8b/h100/tp1/bf16\n    scheduling",
            f"hardware: {OWN_ROW}\n    scheduling",
            "prefill needs the row's kv_bytes_per_token",
        ),
    ],
)
def test_numbers_that_cannot_be_are_refused(old: str, new: str, said: str) -> None:
    assert old in SYSTEM

    with pytest.raises(ValidationError, match=said):
        parts(SYSTEM.replace(old, new))
