"""Where a message broker's state is: columns of `queues`, a row per pool, and of `messages`."""

# queues: what was written of it, then what it is at
(
    Q_CONSUMER, Q_EDGE, Q_DEPTH_MAX, Q_VISIBLE_NS, Q_RECEIVES_MAX, Q_PREFETCH, Q_RETRY_NS,
    Q_REBALANCE_NS, Q_POISON, Q_PAUSED, Q_RESUMES_AT, Q_KEEPER, Q_DUE_AT, Q_TURN,
    Q_READY, Q_READY_HEAD, Q_READY_TAIL, Q_OUT, Q_OUT_HEAD, Q_OUT_TAIL, Q_FREE, Q_FRESH, Q_END,
    Q_ENQUEUED, Q_DONE, Q_DEAD, Q_DUPLICATES,
) = range(27)  # fmt: skip
QUEUE_COLUMNS = 27

# messages
(
    M_SERIAL, M_STATE, M_QUEUE, M_CLASS, M_ROOT_KEY, M_KEY, M_PROMPT, M_OUTPUT, M_PREFIX, M_AT,
    M_RECEIVES, M_VISIBLE_AT, M_NEXT, M_PREVIOUS,
) = range(14)  # fmt: skip
MESSAGE_COLUMNS = 14
VACANT, READY, OUT = range(3)
