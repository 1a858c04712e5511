"""Where a relational store's state is: columns of `stores`, `replays` and `commits`.

`stores` has a row per pool, `replays` one per replica, `commits` two per store: a ring of commit
times and room to rewrite it.
"""

# stores: what was written of it, then what it is at
(
    S_CONNECTIONS_MAX, S_LOCK_TIMEOUT_NS, S_HOLD_NS, S_HOT, S_STALE_QUALITY, S_READS_PRIMARY,
    S_SHIP_NS, S_REPLAY_NS, S_PRIMARY, S_WRITTEN, S_DUE_AT, S_KEEPER, S_RING, S_SHIFT, S_OLDEST,
    S_PROMOTIONS, S_LOST, S_STALE_READS,
) = range(18)  # fmt: skip
STORE_COLUMNS = 18
# replays: how many writes a replica has applied, when it did the last one, and how long one takes
# (below 0: it does not apply any)
Y_APPLIED, Y_AT, Y_EACH_NS = range(3)
REPLAY_COLUMNS = 3
RING = 4096

# Rows of a store's programs, from the first one of reads.
WRITES_FROM = 3
WRITE_CALL = 2  # of DEPTH of a call that writes

# keys: what a row's entry holds where a cache's has its uses; such an entry is always "pending"
K_HOLDER, K_WRITTEN = 3, 5  # the frame that holds its lock, -1; the number of its last write
