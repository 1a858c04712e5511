"""What may be kept of single calls: the columns of rows that a run can be asked for."""

from enum import IntEnum


class Served(IntEnum):
    """Columns of what is kept of a model server's answers; times are ns of the plant's clock."""

    KEY = 0  # of the user's request
    QUEUED_AT = 1  # in the engine's wait queue
    SCHEDULED_AT = 2  # first made part of a batch
    FIRST_TOKEN_AT = 3
    LAST_TOKEN_AT = 4
    PREEMPTIONS = 5
    CACHED_TOKENS = 6  # of the prompt, found in the prefix cache when first scheduled


class Traced(IntEnum):
    """Columns of what is kept of a call of a sampled request; times are ns of the plant's clock.

    A row is a user's try (EDGE -1, REPLICA -1) or one attempt of a call: its caller's side, then
    its callee's. Times that never came are -1; results are those of `plant.layout`.
    """

    ROOT_KEY = 0  # of the user's request
    KEY = 1  # of the attempt; of a try: the request's
    PARENT_KEY = 2  # of the call that made it; of a user's request: that one's
    TRY = 3  # of the user's tries, from 0; -1 where the parent is a call
    REQUEST_CLASS = 4
    EDGE = 5
    REPLICA = 6
    ATTEMPT = 7  # from 0
    SENT_AT = 8
    ANSWERED_AT = 9  # the caller stopped waiting, whatever for
    ANSWER = 10  # the result its caller saw
    ARRIVED_AT = 11  # -1: it never reached the callee
    ENDED_AT = 12  # the callee was done with it; -1: it was lost with its process
    RESULT = 13  # the result its callee gave
    WAIT_NS = 14  # spent in the callee's queue
    FIRST_AT = 15  # first token
    PROMPT = 16
    OUTPUT = 17
