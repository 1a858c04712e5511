import pytest

from simulator.errors import InvalidInput
from simulator.plant import hardware
from simulator.plant.spec import (
    Batch,
    Cache,
    Call,
    ClassSpec,
    Distribution,
    EdgeSpec,
    External,
    PoolSpec,
    VectorIndex,
    Work,
    Workers,
)
from simulator.system.topology.compiler import compile_system
from simulator.system.topology.exporters import ENVOY_S
from simulator.units import MINUTE, MS, SECOND, US
from tests.system.topology.worked import ASKDOCS, parts


def fixed(ns: float) -> Distribution:
    return Distribution("fixed", ns)


def test_every_component_is_said_in_the_plants_terms() -> None:
    system = compile_system(parts())

    llm = hardware.lookup("llama-3.1-8b/h100/tp1/bf16")
    gateway, passages, embed, vectors, served, provider = system.pools
    assert gateway == PoolSpec(
        name="gateway",
        discipline=Workers(64, 512, cpu_idle_cores=0.05, cpu_per_worker_cores=0.5),
        replicas=3,
        handlers={
            "chat": (
                Work(fixed(2 * MS)),
                Call("passages", on_miss=(Call("embed"), Call("vectors"))),
                Call("llm", on_failure=(Call("provider"),)),
                Work(fixed(1 * MS)),
            )
        },
    )
    assert passages == PoolSpec(
        name="passages",
        discipline=Workers(
            32, 4096, cpu_idle_cores=0.02, cpu_per_worker_cores=0.03,
            content=Cache(20000, 10 * MINUTE, single_flight=True),
        ),
        replicas=1,
        default_handler=(Work(fixed(400 * US)),),
    )  # fmt: skip
    assert embed.discipline == Batch(32, 5 * MS, 6 * MS, 400 * US, 4096, 0.05, 1.0)
    assert vectors.discipline == Workers(
        8, 1024, cpu_idle_cores=0.1, cpu_per_worker_cores=1.0,
        content=VectorIndex(1_000_000, 1536, 80),
    )  # fmt: skip
    assert (served.replicas, served.quality) == (4, 0.93)
    assert (served.discipline.max_num_seqs, served.discipline.kv_tokens) == (128, llm.kv_tokens)  # type: ignore[union-attr]  # an llm
    assert provider.discipline == External(
        Distribution("quantiles", points=((0.5, 4e8), (0.99, 2e9))), 80.0, 600.0, 400_000.0
    )


def test_edges_come_from_the_users_on_and_are_plain_where_not_written() -> None:
    system = compile_system(parts())

    assert [(edge.caller, edge.callee) for edge in system.edges] == [
        ("users", "gateway"),
        ("gateway", "passages"),
        ("gateway", "embed"),
        ("gateway", "vectors"),
        ("gateway", "llm"),
        ("gateway", "provider"),
    ]
    assert (system.edges[0].delay_ns, system.edges[1].delay_ns) == (0, 300 * US)
    assert system.edges[4] == EdgeSpec(
        caller="gateway",
        callee="llm",
        delay_ns=300 * US,
        latency_bounds_s=ENVOY_S,
        timeout_ns=20 * SECOND,
        retries_max=1,
        backoff_ns=500 * MS,
        jitter="full",
        retry_budget=0.1,
        balance="least_request",
    )


def test_a_class_brings_its_clients_and_its_tightest_limit() -> None:
    system = compile_system(parts())

    assert system.classes == (
        ClassSpec(
            name="chat",
            entry="gateway",
            prompt_tokens=Distribution("quantiles", points=((0.5, 1020.0), (0.99, 4142.0))),
            output_tokens=Distribution("quantiles", points=((0.5, 129.0), (0.99, 601.0))),
            key_zipf=1.2,
            keys=50_000,
            patience_ns=20 * SECOND,
            client_retries_max=1,
            late_ttft_ns=2 * SECOND,
            evaluated_share=0.02,
            judge_error_share=0.1,
            thumbs_down_share_wrong=0.05,
            thumbs_down_share_good=0.002,
        ),
    )


def test_an_edge_that_is_written_and_never_called_stays_for_switching_routes() -> None:
    text = ASKDOCS + "  vectors -> passages: {delay: 1ms}\n"

    system = compile_system(parts(text))

    last = system.edges[-1]
    assert (last.caller, last.callee, last.delay_ns) == ("vectors", "passages", 1 * MS)


def test_parts_that_do_not_fit_are_refused_all_at_once() -> None:
    text = ASKDOCS.replace("arrives_at: gateway", "arrives_at: gate").replace(
        "call: llm", "call: lmm"
    )

    with pytest.raises(InvalidInput) as refused:
        compile_system(parts(text))

    assert [mistake.file for mistake in refused.value.mistakes] == [
        "classes.chat.arrives_at",
        "components.gateway.handles.chat[2].call",
    ]
