"""How long a step of a model server lasts, and what is counted of it."""

from simulator.plant import arithmetic, chance
from simulator.plant.jit import inlined, internal
from simulator.plant.llm_tables import (
    BOUNDS_NS,
    DECODING,
    DYING_BLOCKS,
    FIRST_TOKEN_AT,
    FIXED,
    GENERATED,
    GENERATION_TOKENS,
    IDLE,
    INTER_TOKEN,
    INTER_TOKEN_NS,
    KEY,
    KV_USED,
    LAST_END_AT,
    LAST_TOKEN_AT,
    PER_CONTEXT,
    PER_PAIR,
    PER_SEQUENCE,
    PER_TOKEN,
    PROMPT,
    PROMPT_TOKENS,
    SIGMA,
    STEP_NS,
    STEP_STARTED_AT,
    STEPS,
    FloatRow,
    LlmTables,
    Row,
    linear_ns,
)


@inlined
def step_work(
    tables: LlmTables,
    replica: int,
    step: int,
    sampled: int,
    tokens: int,
    context: int,
    pairs: int,
) -> float:
    """Nanoseconds of a step at slowdown 1, noise included: plant.md §3.2."""
    row, floats = tables.ints[replica], tables.floats[replica]
    if tokens == 0:
        return float(floats[IDLE])
    linear = linear_ns(tables, replica, tokens)
    work = terms_ns(floats, linear, sampled, tokens, context, pairs)
    if floats[SIGMA] > 0.0:
        work *= step_noise(row[KEY], step, floats[SIGMA])
    return work


@internal
def step_noise(key: int, step: int, sigma: float) -> float:
    """The lognormal factor of a step, median 1; compiled apart because few use it."""
    u = chance.uniform(chance.mix(chance.mix(key, chance.NOISE), step))
    return arithmetic.exp(sigma * arithmetic.normal_quantile(u))


@inlined
def terms_ns(
    floats: FloatRow, linear: float, sampled: int, tokens: int, context: int, pairs: int
) -> float:
    """Sum the terms of a step's time, without noise; `pairs` is twice Q of plant.md §3.2."""
    work = floats[FIXED] + floats[PER_SEQUENCE] * sampled + linear
    work += floats[PER_CONTEXT] * context + 0.5 * floats[PER_PAIR] * pairs
    return float(work + floats[PER_TOKEN] * tokens)


@inlined
def stretched(work: float, slowdown: float) -> int:
    """Whole nanoseconds of a step that lasts `work` at slowdown 1."""
    return max(int(work * slowdown + 0.5), 1)


@inlined
def count_step(row: Row, now: int) -> None:
    """Count a step that ends now, and the tokens of its decodes."""
    row[STEPS] += 1
    row[STEP_NS] += now - row[STEP_STARTED_AT]
    row[KV_USED] -= row[DYING_BLOCKS]
    row[DYING_BLOCKS] = 0
    decoding = row[DECODING]
    if decoding > 0:
        row[GENERATION_TOKENS] += decoding
        count_gap(row, now - row[LAST_END_AT], decoding)
    row[LAST_END_AT] = now


@internal
def give_tokens(row: Row, call: Row, tokens: int, now: int) -> bool:
    """Give a sequence the tokens of one step, and count them; say if they are its first."""
    is_first = call[FIRST_TOKEN_AT] < 0
    if is_first:
        call[FIRST_TOKEN_AT] = now
        row[PROMPT_TOKENS] += call[PROMPT]
    else:
        count_gap(row, now - call[LAST_TOKEN_AT], 1)
    call[LAST_TOKEN_AT] = now
    call[GENERATED] += tokens
    row[GENERATION_TOKENS] += tokens
    return bool(is_first)


@inlined
def count_gap(row: Row, gap_ns: int, tokens: int) -> None:
    """Add tokens to the bucket of the time since the last one, upper bounds included."""
    row[INTER_TOKEN + gap_bucket(gap_ns, 0)] += tokens
    row[INTER_TOKEN_NS] += gap_ns * tokens


@inlined
def gap_bucket(gap_ns: int, guess: int) -> int:
    """Say in which bucket a gap between two tokens falls, beginning to look at a guess."""
    bucket = guess
    while bucket > 0 and gap_ns <= BOUNDS_NS[bucket - 1]:
        bucket -= 1
    while bucket < BOUNDS_NS.shape[0] and gap_ns > BOUNDS_NS[bucket]:
        bucket += 1
    return bucket
