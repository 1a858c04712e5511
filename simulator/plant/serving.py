"""One model server fed a list of requests: the shipped engine, without a system around it."""

import numpy as np

from simulator.plant.jit import compiled
from simulator.plant.layout import Ints
from simulator.plant.llm import DONE, QUEUED, llm_arrive, llm_end_step, llm_start_step
from simulator.plant.llm_tables import (
    FIRST_TOKEN_AT,
    LAST_TOKEN_AT,
    PREEMPTED,
    SCHEDULED_AT,
    LlmTables,
    llm_configure,
    llm_tables,
)
from simulator.plant.spec import Llm

REFUSED, SCHEDULED, FIRST, LAST, PREEMPTIONS = range(5)
"""Columns of what `serve` gives: refused (1: too long, 2: queue full), times in ns, a count."""
COLUMNS = 5


class Server:
    """Serves requests in order of arrival, some at a time, so that a caller can show progress."""

    def __init__(self, spec: Llm, requests: Ints, key: int = 0) -> None:
        """Take requests as rows of (arrival at the engine in ns, prompt, output tokens), sorted."""
        self._tables = llm_tables(1, max(len(requests), 1), spec.max_num_seqs)
        llm_configure(self._tables, 0, spec, key)
        self._requests = np.ascontiguousarray(requests, np.int64)
        self._ended = np.zeros((spec.max_num_seqs + 1, 2), np.int64)
        self._state = np.array([0, 0, -1, 0], np.int64)
        self.answers: Ints = np.full((len(requests), COLUMNS), -1, np.int64)
        """A row per request; times are -1 for one that was refused."""

    def serve(self, steps: int) -> int:
        """Run so many steps more; say how many requests have ended, refused ones counted."""
        return int(
            _serve(self._tables, self._requests, self._ended, self.answers, self._state, steps)
        )


_ARRIVED, _NOW, _DUE, _ENDED = range(4)


@compiled
def _serve(
    tables: LlmTables, requests: Ints, ended: Ints, answers: Ints, state: Ints, steps: int
) -> int:
    done = 0
    while done < steps and state[_ENDED] < requests.shape[0]:
        following = state[_ARRIVED]
        arrives = following < requests.shape[0]
        if arrives and (state[_DUE] < 0 or requests[following, 0] < state[_DUE]):
            state[_NOW] = max(state[_NOW], requests[following, 0])
            state[_ARRIVED] = following + 1
            answer = llm_arrive(
                tables, 0, following, requests[following, 1], requests[following, 2], state[_NOW]
            )
            answers[following, REFUSED] = answer
            state[_ENDED] += answer != QUEUED
            if following + 1 < requests.shape[0] and requests[following + 1, 0] == state[_NOW]:
                continue  # those of one instant are seen together
        else:
            state[_NOW] = state[_DUE]
            state[_DUE] = -1
            done += 1
            n = llm_end_step(tables, 0, state[_NOW], ended)
            for i in range(n):
                if ended[i, 1] & DONE:
                    _note(tables.calls[ended[i, 0]], answers[ended[i, 0]])
                    state[_ENDED] += 1
        if state[_DUE] < 0:
            state[_DUE] = llm_start_step(tables, 0, state[_NOW])
    return state[_ENDED]


@compiled
def _note(call: Ints, answer: Ints) -> None:
    answer[SCHEDULED] = call[SCHEDULED_AT]
    answer[FIRST] = call[FIRST_TOKEN_AT]
    answer[LAST] = call[LAST_TOKEN_AT]
    answer[PREEMPTIONS] = call[PREEMPTED]
