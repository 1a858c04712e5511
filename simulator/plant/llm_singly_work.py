"""How long a step lasts at a server that goes through its batch one by one."""

from simulator.plant.jit import internal
from simulator.plant.llm_adapters import load_adapters
from simulator.plant.llm_tables import (
    ADAPTER,
    CHUNK,
    COMPUTED,
    DRAFT_PER_TOKEN,
    DRAFT_WEIGHTS,
    DRAFTS_MAX,
    GENERATED,
    IDLE,
    KEY,
    LOOKAHEAD,
    LORA_SHARE,
    LORAS_MAX,
    NEXT,
    PROMPT,
    RUN_HEAD,
    SHARPNESS,
    SIGMA,
    SINGLE,
    STATE,
    STEP,
    LlmTables,
    knee_ns,
    linear_ns,
)
from simulator.plant.llm_work import step_noise, terms_ns


@internal
def singly_work(tables: LlmTables, replica: int) -> float:
    """Nanoseconds of the step just scheduled at slowdown 1: plant.md §3.2, with what is besides.

    Attention over the tokens to verify reads a sequence's context once, as that of one token does.
    """
    row, floats, calls = tables.ints[replica], tables.floats[replica], tables.calls
    tokens = context = pairs = sampled = adapted = 0
    slot = row[RUN_HEAD]
    while slot >= 0:
        call = calls[slot]
        chunk = call[CHUNK]
        if chunk > 0:
            tokens += chunk
            if call[STATE] == SINGLE:
                context += call[COMPUTED] + chunk
            else:
                pairs += chunk * (2 * call[COMPUTED] + chunk)
            sampled += 1 if call[COMPUTED] + chunk >= call[PROMPT] + call[GENERATED] else 0
            adapted += 1 if tables.extras[slot, ADAPTER] > 0 else 0
        slot = call[NEXT]
    if tokens == 0:
        return float(floats[IDLE])
    linear = linear_ns(tables, replica, tokens)
    if adapted > 0 and row[LORAS_MAX] > 0:
        linear *= 1.0 + floats[LORA_SHARE]
    work = terms_ns(floats, linear, sampled, tokens, context, pairs)
    if row[LOOKAHEAD] > 0 and sampled > 0:
        w, s, p = floats[DRAFT_WEIGHTS], floats[DRAFT_PER_TOKEN], floats[SHARPNESS]
        work += knee_ns(w, s, p, tokens) + (row[DRAFTS_MAX] - 1) * knee_ns(w, s, p, sampled)
    if floats[SIGMA] > 0.0:
        work *= step_noise(row[KEY], row[STEP], floats[SIGMA])
    if row[LORAS_MAX] > 0:
        work += load_adapters(tables, replica)
    return float(work)
