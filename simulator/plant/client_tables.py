"""The tables of clients, from what a spec says of them."""

from collections.abc import Callable, Sequence

import numpy as np

from simulator.plant import client_columns as of
from simulator.plant.client_spec import Tenants
from simulator.plant.laws import Distribution
from simulator.plant.layout import Floats, Ints
from simulator.plant.popularity import alias_table
from simulator.plant.spec import ClassSpec, Client

_MINUTE = 60_000_000_000


def manners(spec: ClassSpec) -> int:
    """Say what of a class's users the kernel must mind, as bits of C_MANNERS."""
    client = spec.client
    if client is None:
        return 0
    watches = client.first_token_patience is not None or client.stops_share > 0.0
    converses = client.session is not None
    tenanted = client.tenants is not None
    return of.MINDED + of.WATCHES * watches + of.CONVERSES * converses + of.TENANTED * tenanted


def client_tables(
    classes: Sequence[ClassSpec], capacity: int, law: Callable[[Distribution], int]
) -> dict[str, Ints | Floats]:
    """Lay out habits, users and tenants; `law` says which row of the table of laws one has."""
    ints = np.full((len(classes), of.MANNER_COLUMNS), -1, dtype=np.int64)
    floats = np.zeros((len(classes), of.MANNER_FLOATS))
    tenants = [np.zeros((1, of.TENANT_COLUMNS), dtype=np.int64)]
    buckets = [np.zeros((1, of.TENANT_FLOATS))]
    minded = False
    for row, shares, spec in zip(ints, floats, classes, strict=True):
        if spec.client is not None:
            minded = True
            _fill(row, shares, spec, spec.client, law)
            if spec.client.tenants is not None:
                row[of.M_TENANTS_AT] = sum(len(each) for each in tenants)
                row[of.M_TENANT_COUNT] = spec.client.tenants.count
                rows, floats_of = _tenants(spec.client.tenants)
                tenants.append(rows)
                buckets.append(floats_of)
    users = np.zeros((capacity if minded else 1, of.USER_COLUMNS), dtype=np.int64)
    return {
        "manners": ints,
        "manner_floats": floats,
        "users": users,
        "tenants": np.concatenate(tenants),
        "tenant_floats": np.concatenate(buckets),
    }


def _tenants(spec: Tenants) -> tuple[Ints, Floats]:
    rows = np.zeros((spec.count, of.TENANT_COLUMNS), dtype=np.int64)
    floats = np.zeros((spec.count, of.TENANT_FLOATS))
    rows[:, of.T_CONCURRENCY_MAX] = spec.concurrency_max
    floats[:, of.TF_REQUESTS_PER_NS] = spec.requests_per_minute / _MINUTE
    floats[:, of.TF_TOKENS_PER_NS] = spec.tokens_per_minute / _MINUTE
    floats[:, of.TF_REQUESTS] = spec.requests_per_minute
    floats[:, of.TF_TOKENS] = spec.tokens_per_minute
    floats[:, of.TF_KEPT : of.TF_LENT + 1] = alias_table(spec.count, spec.zipf)
    return rows, floats


def _fill(
    row: Ints, shares: Floats, spec: ClassSpec, client: Client, law: Callable[[Distribution], int]
) -> None:
    session = client.session
    laws: dict[int, Distribution | None] = {
        of.M_PATIENCE: client.patience,
        of.M_FIRST: client.first_token_patience,
        of.M_RELOAD: client.reload_after,
        of.M_BACK: client.back_after,
        of.M_STOP: client.stops_after,
        of.M_TURNS: session.turns if session else None,
        of.M_THINK: session.think if session else None,
        of.M_WORDS: session.words if session else None,
        of.M_RETURN: session.returns_after if session else None,
    }
    for column, one in laws.items():
        row[column] = -1 if one is None else law(one)
    row[of.M_RELOADS_MAX] = client.reloads_max
    row[of.M_BACKOFF_MAX_NS] = client.backoff_max_ns
    row[of.M_HEEDS] = client.heeds_retry_after
    row[of.M_READ_NS] = client.reads_ns_per_token
    row[of.M_CONTEXT_MAX] = session.context_max if session else 0
    row[of.M_SHARED] = sum(level.tokens for level in spec.shared_prompt)
    shares[of.F_RELOAD], shares[of.F_BACK] = client.reload_share, client.back_share
    shares[of.F_STOP], shares[of.F_JITTER] = client.stops_share, client.backoff_jitter
    if session:
        shares[of.F_GIVES_UP] = session.gives_up_share
        shares[of.F_RETURN] = session.returns_share
