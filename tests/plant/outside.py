"""Small providers outside, for the plant's tests."""

from typing import Any

from simulator.plant.plant import Plant
from simulator.plant.probes import ProviderProbe
from simulator.plant.provider_spec import Terms
from simulator.plant.spec import Distribution, External, PoolSpec
from tests.plant.systems import MS, Times, plant


def outside(ttft_ms: float = 200, rate: float = 100.0, **options: Any) -> PoolSpec:
    quotas = {name: options.pop(name) for name in tuple(options) if name in {
        "requests_per_minute", "tokens_per_minute", "quality"}}  # fmt: skip
    law = Distribution("fixed", ttft_ms * MS)
    return PoolSpec("p", External(law, rate, **quotas, terms=Terms(**options)), 1)


def bought(
    provider: PoolSpec, source: Times, *, prompt: float = 100, output: float = 100, **of_class: Any
) -> Plant:
    return plant(
        [provider],
        source,
        prompt_tokens=Distribution("fixed", prompt),
        output_tokens=Distribution("fixed", output),
        **of_class,
    )


def seen(system: Plant) -> dict[str, int]:
    row = system.provider_row(0)
    return {probe.name: int(row[probe]) for probe in ProviderProbe}
