"""Columns of the tables of clients: habits of a class, and what is known of a single user.

`manners` and `manner_floats` have a row per class, `users` one per slot, used by roots. A class
whose C_MANNERS is 0 has no use for them.
"""

from simulator.plant.probes import TenantProbe

# Bits of a class's C_MANNERS.
MINDED, WATCHES, CONVERSES, TENANTED = 1, 2, 4, 8

# manners: rows of laws (-1: none), then numbers.
(
    M_PATIENCE, M_FIRST, M_RELOAD, M_BACK, M_STOP, M_TURNS, M_THINK, M_WORDS, M_RETURN,
    M_RELOADS_MAX, M_BACKOFF_MAX_NS, M_HEEDS, M_CONTEXT_MAX, M_SHARED,
    M_TENANTS_AT, M_TENANT_COUNT, M_READ_NS,
) = range(17)  # fmt: skip
MANNER_COLUMNS = 17
(
    F_RELOAD, F_BACK, F_STOP, F_GIVES_UP, F_RETURN, F_JITTER, F_HOT,
) = range(7)  # fmt: skip
MANNER_FLOATS = 7

# users
(
    U_SESSION, U_TURN, U_TURNS, U_HISTORY, U_TRIED, U_RELOADS, U_BACK, U_FIRST_BY, U_LEAVES_AT,
    U_SEEN_AT, U_STOPS, U_RENEWED, U_NEXT, U_GROWN, U_TENANT,
) = range(15)  # fmt: skip
USER_COLUMNS = 16

# tenants, class by class; probes are the columns from T_PROBE. Then their buckets (what a minute
# brings at most) and their cell of the table that draws them by popularity.
T_CONCURRENCY_MAX, T_PROBE = range(2)
(
    T_ARRIVED, T_2XX, T_429, T_FAILED, T_ABANDONED, T_PROMPT_TOKENS, T_OUTPUT_TOKENS, T_IN_FLIGHT,
) = (T_PROBE + int(column) for column in TenantProbe)  # fmt: skip
TENANT_COLUMNS = T_PROBE + len(TenantProbe)
(
    TF_REQUESTS_PER_NS, TF_TOKENS_PER_NS, TF_REQUESTS, TF_TOKENS, TF_FILLED_AT, TF_KEPT, TF_LENT,
) = range(7)  # fmt: skip
TENANT_FLOATS = 7

# Values of U_NEXT: what a user who thinks will do.
ASK_AGAIN, NEXT_TURN, NEW_SESSION = range(3)

CONVERSATION = -2
"""PREFIX from here down names a conversation: what is before the prompt's end is all of it."""
TRIES_MAX = 250  # a try's number is 8 bits of the keys of what it calls
