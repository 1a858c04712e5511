"""What calls bring to a batch server, and what its answers are worth: items, verdicts, ranking.

`batch_pools` [pool, column] says it for a component as a whole. Whether a request is unsafe is a
property of the request; whether a guardrail finds it so is drawn by request and guardrail, so a
call that is tried again meets the same verdict.
"""

from collections.abc import Sequence

import numpy as np

from simulator.plant import batch as batches
from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import internal, rare
from simulator.plant.layout import Floats, State
from simulator.plant.programs import Programs
from simulator.plant.spec import Batch, PoolSpec

# Columns of `batch_pools`; a law of -1: the tokens of the prompt.
ITEMS, ITEM_LAW, ITEM_TOKENS_MAX, JUDGES, DETECTED, FALSE_ALARMS, LIFT = range(7)
BATCH_POOL_COLUMNS = 7


def batch_pools(pools: Sequence[PoolSpec], programs: Programs) -> Floats:
    """Write what calls bring and get at each pool of batch servers."""
    table = np.zeros((len(pools), BATCH_POOL_COLUMNS))
    for row, pool in zip(table, pools, strict=True):
        spec = pool.discipline
        if not isinstance(spec, Batch):
            continue
        row[ITEMS], row[ITEM_TOKENS_MAX] = spec.items, spec.item_tokens_max
        row[ITEM_LAW] = -1 if spec.item_tokens is None else programs.law(spec.item_tokens)
        row[LIFT] = spec.lift
        if spec.verdict is not None:
            row[JUDGES] = 1.0
            row[DETECTED], row[FALSE_ALARMS] = spec.verdict.detected, spec.verdict.false_alarms
    return table


@internal
def weigh(s: State, slot: int) -> None:
    """Count a call's items and their tokens, each cut to what the model reads."""
    call, weighed = s.slots[slot], s.batch.calls[slot]
    row = s.batch_pools[call[at.POOL]]
    items, law, most = int(row[ITEMS]), int(row[ITEM_LAW]), int(row[ITEM_TOKENS_MAX])
    key = chance.mix(call[at.ROOT_KEY], (call[at.POOL] << 8) + chance.ITEM)
    tokens = longest = 0
    for item in range(items):
        length = call[at.PROMPT] if law < 0 else chance.draw(s.laws, law, chance.mix(key, item))
        length = min(length, most) if most > 0 else length
        tokens += length
        longest = max(longest, length)
    weighed[batches.CALL_ITEMS], weighed[batches.CALL_TOKENS] = items, tokens
    weighed[batches.LONGEST] = longest


@rare
def settle_answer(s: State, slot: int) -> None:
    """Count a guardrail's verdict; let a reranked answer put right what retrieval missed."""
    call = s.slots[slot]
    pool, replica = call[at.POOL], s.replicas[call[at.REPLICA]]
    row = s.batch_pools[pool]
    if row[JUDGES] > 0.0:
        blocked = is_blocked(s, slot, pool)
        replica[at.R_HITS] += 1 if blocked else 0
        replica[at.R_MISSES] += 0 if blocked else 1
    if row[LIFT] > 0.0 and call[at.PARENT] >= 0:
        call[at.QUALITY] = _lifted(s, slot, row[LIFT])


@internal
def _lifted(s: State, slot: int, lift: float) -> int:
    """Say by what the caller's quality grows if a share of what it misses is put right.

    What its own release gets wrong is left out of that.
    """
    call = s.slots[slot]
    frame = s.slots[call[at.PARENT]]
    own = at.ONE
    if frame[at.REPLICA] >= 0:
        own = max(s.replicas[frame[at.REPLICA], at.R_QUALITY], 1)
    found = min(frame[at.QUALITY] / own, 1.0)
    if found <= 0.0:
        return int(call[at.QUALITY])
    return int(call[at.QUALITY] * ((found + lift * (1.0 - found)) / found) + 0.5)


@internal
def is_unsafe(s: State, request_class: int, root_key: int) -> bool:
    """Say whether a request asks for what must not be answered."""
    share = s.class_floats[request_class, at.C_UNSAFE]
    return share > 0.0 and chance.uniform(chance.mix(root_key, chance.UNSAFE)) < share


@rare
def is_blocked(s: State, slot: int, pool: int) -> bool:
    """Say whether a guardrail stops the request of a frame."""
    frame, row = s.slots[slot], s.batch_pools[pool]
    unsafe = is_unsafe(s, frame[at.CLASS], frame[at.ROOT_KEY])
    key = chance.mix(frame[at.ROOT_KEY], (pool << 8) + chance.VERDICT)
    return chance.uniform(key) < (row[DETECTED] if unsafe else row[FALSE_ALARMS])
