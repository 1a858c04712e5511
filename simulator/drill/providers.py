"""Providers outside, as trouble reaches them and their callers watch them."""

from collections.abc import Callable, Mapping, Sequence

from simulator.plant.api import PlantPort, PoolKnob
from simulator.plant.spec import External, PlantSpec
from simulator.world import Knob

QUOTA_LEAST = 1e-9
"""A quota that lets nothing through in any drill (per minute)."""

PROVIDER_KNOBS = frozenset(
    {Knob.QUOTA, Knob.PROVIDER_LOAD, Knob.PROVIDER_QUALITY, Knob.PROVIDER_CUTS}
)
"""Those that a provider as a whole has."""


def providers_of(spec: PlantSpec) -> dict[str, External]:
    """Find every provider by its component's name."""
    return {
        pool.name: pool.discipline for pool in spec.pools if isinstance(pool.discipline, External)
    }


def terms_of(provider: External) -> Sequence[str]:
    """Say what a client sees of it besides answers: keys of the exporter's TERMS."""
    terms = provider.terms
    tokens = (
        provider.tokens_per_minute,
        terms.input_tokens_per_minute,
        terms.output_tokens_per_minute,
    )
    shown: Mapping[str, bool] = {
        "requests": provider.requests_per_minute > 0,
        "tokens": any(tokens),
        "price": terms.price_input + terms.price_output > 0,
        "budget": terms.budget > 0,
    }
    return [term for term, is_shown in shown.items() if is_shown]


def apply_trouble(
    plant: PlantPort, pool: int, provider: External, knob: Knob, at_place: Callable[[Knob], float]
) -> None:
    """Tell the plant what all causes together make of one of PROVIDER_KNOBS."""
    terms, value = provider.terms, at_place(knob)
    if knob is Knob.QUOTA:
        for turned, quota in (
            (PoolKnob.QUOTA_REQUESTS_PER_MINUTE, provider.requests_per_minute),
            (PoolKnob.QUOTA_TOKENS_PER_MINUTE, provider.tokens_per_minute),
            (PoolKnob.QUOTA_INPUT_TOKENS_PER_MINUTE, terms.input_tokens_per_minute),
            (PoolKnob.QUOTA_OUTPUT_TOKENS_PER_MINUTE, terms.output_tokens_per_minute),
        ):
            # To the plant 0 means no quota at all, so what is cut to nothing keeps a trace of one.
            left = max(quota * value, QUOTA_LEAST) if quota else 0.0
            plant.turn_pool(pool, turned, left)
    elif knob is Knob.PROVIDER_LOAD:
        plant.turn_pool(pool, PoolKnob.OTHERS, terms.others * value)
    elif knob is Knob.PROVIDER_QUALITY:
        plant.turn_pool(pool, PoolKnob.QUALITY, provider.quality * value)
    else:
        cut = 1.0 - (1.0 - terms.cut_share) * (1.0 - value)
        plant.turn_pool(pool, PoolKnob.CUT_SHARE, cut)
