"""Turning what a provider outside allows, wants of itself and gives."""

from simulator.plant import layout as at
from simulator.plant import provider_tables as v
from simulator.plant.api import PoolKnob
from simulator.plant.layout import State
from simulator.plant.provider import fill_buckets

_MINUTE = 60_000_000_000
_QUOTAS = {
    PoolKnob.QUOTA_REQUESTS_PER_MINUTE: v.REQUESTS,
    PoolKnob.QUOTA_TOKENS_PER_MINUTE: v.TOKENS,
    PoolKnob.QUOTA_INPUT_TOKENS_PER_MINUTE: v.INPUT,
    PoolKnob.QUOTA_OUTPUT_TOKENS_PER_MINUTE: v.OUTPUT,
}


def turn_provider(s: State, pool: int, knob: PoolKnob, value: float, now: int) -> None:
    """Change an account's terms at once; answers under way come as they were begun.

    Of a quota, what has gathered so far is kept, up to the new burst; one that was not there before
    begins full.
    """
    row = s.providers[pool]
    if knob in _QUOTAS:
        bucket = _QUOTAS[knob]
        fill_buckets(row, now)
        is_new = row[v.RATE + bucket] <= 0.0
        rate = row[v.RATE + bucket] = value / _MINUTE
        full = rate * row[v.BURST_NS]
        row[v.LEVEL + bucket] = full if is_new else min(row[v.LEVEL + bucket], full)
    elif knob is PoolKnob.BUDGET:
        row[v.BUDGET_NANO] = 1e9 * value
    elif knob is PoolKnob.OTHERS:
        row[v.OTHERS] = value
    elif knob is PoolKnob.CUT_SHARE:
        row[v.CUT_SHARE] = value
    elif knob is PoolKnob.QUALITY:
        s.replicas[s.replicas[:, at.R_POOL] == pool, at.R_QUALITY] = round(value * at.ONE)
