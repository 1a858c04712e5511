"""Batch servers that come with figures have those of their sources."""

from simulator.plant.spec import Batch
from simulator.units import MS, SECOND
from tests.system.topology.worked import component


def test_presets_have_the_figures_their_sources_give() -> None:
    """BGE-base: 250 to 450 texts of 512 tokens a second, 5 to 15 ms alone; reranking: 30 to 80."""
    embed, rerank = (component({"kind": kind}).discipline() for kind in ("embedding", "rerank"))
    assert isinstance(embed, Batch)
    assert isinstance(rerank, Batch)

    alone = embed.base_ns + 512 * embed.per_token_ns
    full = embed.base_ns + embed.tokens_max * embed.per_token_ns
    texts_a_second = embed.tokens_max // 512 / (full / SECOND)
    shortest, longest = (
        rerank.base_ns + rerank.items * tokens * rerank.per_token_ns for tokens in (128, 256)
    )

    assert 5 * MS < alone < 15 * MS
    assert 250 < texts_a_second < 450
    assert 30 * MS < shortest < longest < 80 * MS


def test_on_processors_everything_takes_so_many_times_as_long() -> None:
    gpu, cpu = (
        component({"kind": "embedding", "device": device, "cpu_slowdown": 25.0}).discipline()
        for device in ("gpu", "cpu")
    )
    assert isinstance(gpu, Batch)
    assert isinstance(cpu, Batch)

    assert (cpu.base_ns, cpu.per_token_ns) == (25 * gpu.base_ns, 25 * gpu.per_token_ns)
