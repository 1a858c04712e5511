"""What sessions would ask if every answer came at once: their turns, drawn as the plant draws them.

Real turns come later, by the time answers take; failures end sessions early. So this is the most
that these users ask.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvariantViolated
from simulator.plant import chance
from simulator.plant.chance import draw, law_table, mix, uniform
from simulator.plant.spec import ClassSpec, Session

Ints = NDArray[np.int64]
REQUESTS_MAX = 500_000
_PROMPT, _OUTPUT, _TURNS, _THINK, _WORDS, _RETURN = range(6)


@dataclass(frozen=True, slots=True)
class Unrolled:
    """Requests in order of time (ns) with their tokens; `repeated` of a prompt are in earlier ones.

    `turns` are those of each session that began.
    """

    times: Ints
    prompts: Ints
    outputs: Ints
    repeated: Ints
    turns: Ints


def unroll(arrivals: Ints, spec: ClassSpec, first: int, until: int) -> Unrolled:
    """List what sessions ask from `first` until a time.

    `arrivals` are rows of (time, class, key, prompt, output, ...), tokens -1 where they are drawn.
    """
    session = spec.client.session if spec.client else None
    if session is None:
        raise InvariantViolated(f"{spec.name} has no sessions")
    laws = law_table(
        [
            spec.prompt_tokens, spec.output_tokens, session.turns, session.think, session.words,
            session.returns_after,
        ]
    )  # fmt: skip
    shared = sum(level.tokens for level in spec.shared_prompt)
    rows: list[tuple[int, int, int, int]] = []
    turns: list[int] = []
    for arrival in arrivals.tolist():
        at, key, given = arrival[0], arrival[2], arrival[3:5]
        while at < until and len(rows) < REQUESTS_MAX:
            count = max(int(draw(laws, _TURNS, mix(key, chance.TURNS))), 1)
            turns.append(count)
            for row in _session(laws, session, key, at, (count, shared, *given)):
                rows.append(row)
                if row[0] >= until:
                    break
            at, given = rows[-1][0], [-1, -1]
            returns = mix(key, chance.RETURN)
            if uniform(returns) >= session.returns_share:
                break
            at += int(draw(laws, _RETURN, mix(returns, 1)))
            key = mix(key, chance.RETURN)
    table = np.array(sorted(rows), np.int64).reshape(-1, 4)
    table = table[(table[:, 0] >= first) & (table[:, 0] < until)]
    times, prompts, outputs, repeated = table.T
    return Unrolled(times, prompts, outputs, repeated, np.array(turns, np.int64))


def _session(
    laws: NDArray[np.float64], session: Session, key: int, at: int, begins: tuple[int, ...]
) -> Iterator[tuple[int, int, int, int]]:
    """Give time, prompt, output and repeated tokens of each turn."""
    count, shared, prompt, output = begins
    own, history, repeated = key, 0, 0
    for turn in range(count):
        if turn:
            own = mix(mix(key, chance.TURN), turn)
            prompt = history + int(draw(laws, _WORDS, mix(own, chance.PROMPT)))
            repeated, output = history, -1
            if session.context_max and prompt > session.context_max:
                prompt, repeated = session.context_max, shared
        else:
            drawn = int(draw(laws, _PROMPT, mix(own, chance.PROMPT)))
            prompt = max(prompt if prompt >= 0 else drawn, shared)
        if output < 0:
            output = int(draw(laws, _OUTPUT, mix(own, chance.OUTPUT)))
        yield at, prompt, output, repeated
        history = prompt + output
        at += int(draw(laws, _THINK, mix(own, chance.THINK)))
