"""Which runs to put beside a lived one, as data; running them is somebody else's work.

Every variant keeps scenario, seed and twin. A journal is replayed at its own times (open loop), so
an act that no longer applies is refused in the variant and shown so.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from simulator.debrief.grading.harm import value
from simulator.debrief.grading.model import Variants
from simulator.debrief.grading.rows import DECISIVE_SHARE, act_text
from simulator.debrief.grading.times import mutating_acts
from simulator.record.model import Entry, Json, Record

PAIRS_MAX = 6


@dataclass(frozen=True, slots=True)
class Variant:
    """One wanted run: a responder, or journal lines to replay; `left_out` are seqs of acts."""

    name: str
    responder: Literal["none", "reference", "journal"]
    journal: tuple[dict[str, Json], ...] = ()
    left_out: tuple[int, ...] = ()


def plan(lived: Record) -> tuple[Variant, ...]:
    """Want doing nothing, the reference, and the lived journal without each mutating act."""
    alone = (without(lived, (act,)) for act in mutating_acts(lived))
    return (
        Variant("nothing done", "none"),
        Variant("reference response", "reference"),
        *(variant for variant in alone if variant is not None),
    )


def plan_pairs(lived: Record, variants: Variants) -> tuple[Variant, ...]:
    """Want pairs of acts of which neither mattered alone, in case either would have done.

    At most six pairs, in the order of their acts.
    """
    noise = DECISIVE_SHARE * value(variants.do_nothing)
    harm = value(lived)
    idle = [
        act
        for act in mutating_acts(lived)
        if act.seq in variants.without and abs(value(variants.without[act.seq]) - harm) <= noise
    ]
    pairs = (without(lived, pair) for pair in combinations(idle, 2))
    return tuple(pair for pair in pairs if pair is not None)[:PAIRS_MAX]


def without(lived: Record, acts: tuple[Entry, ...]) -> Variant | None:
    """Give the lived journal without these acts; None where an act has no line of its own."""
    lines = [journal_line(lived, act) for act in acts]
    left_out = {line for line in lines if line is not None}
    if len(left_out) < len(acts):
        return None
    kept = tuple(line for n, line in enumerate(lived.journal) if n not in left_out)
    name = "without " + " and ".join(act_text(act) for act in acts)
    return Variant(name, "journal", kept, tuple(act.seq for act in acts))


def journal_line(lived: Record, act: Entry) -> int | None:
    """Find the journal line that led to an act: same time, same words, same turn among equals.

    A journal keeps the responder's clock, which starts when warm-up ends.
    """
    words, said_at = act.detail.get("text"), act.at - lived.header.warm_up_ns
    here = [n for n, line in enumerate(lived.journal) if line.get("at") == said_at]
    same = [n for n in here if lived.journal[n].get("text") == words]
    twins = [
        e.seq
        for e in lived.entries
        if e.kind == "acted" and e.at == act.at and e.detail.get("text") == words
    ]
    turn = twins.index(act.seq)
    if turn < len(same):
        return same[turn]
    spoken = [n for n in here if str(lived.journal[n].get("text")).split(" ")[0] == act.subject]
    return spoken[0] if len(spoken) == 1 else None
