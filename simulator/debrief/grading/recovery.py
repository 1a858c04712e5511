"""The steady-state band, and whether users are back inside it.

The indicator is each class's share of bad intents over a verification window. The band's top is
the worst such share between warm-up and strike, and never below the lowest severity: less than
that is nobody's incident.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.debrief.grading import harm
from simulator.debrief.grading.model import Recovery
from simulator.record.model import Record
from simulator.units import MINUTE

VERIFICATION_NS = 2 * MINUTE
SHARE_OF_NO_INCIDENT = 0.01
CHANCE = 3.0


def recovery(record: Record, reference: Record | None = None) -> Recovery:
    """Say when users hurt, when they stopped, and whether it lasted."""
    tops, is_widened = band(record, reference)
    header, first = record.header, harm.window(record.header).start
    inside = windows_inside(record, tops)
    hurt, back = _leaves_and_returns(inside)
    return Recovery(
        tops=tops,
        is_widened=is_widened,
        hurt_at=None if hurt is None else _first_bad_bin(record, tops, first + hurt),
        mitigated_at=None if back is None else (first + back) * header.bin_ns,
        is_recovered=bool(inside[-1]) if len(inside) else False,
        relapsed_at=_relapse(record, inside),
    )


def band(record: Record, reference: Record | None = None) -> tuple[tuple[float, ...], bool]:
    """Give the highest bad share by class that counts as steady, and whether it was widened.

    Some trouble can only be held off: where the reference response still refuses part of the
    arrivals at the horizon, coming back to that level is as far as a drill can recover.
    """
    header = record.header
    floor = min(header.severities.values(), default=SHARE_OF_NO_INCIDENT)
    before = slice(-(-header.warm_up_ns // header.bin_ns), header.strike_at_ns // header.bin_ns)
    measured = np.maximum(_shares(record, before).max(axis=0, initial=0.0), floor)
    if reference is None:
        return tuple(float(top) for top in measured), False
    final = _shares(reference, harm.window(header))[-1:].max(axis=0, initial=0.0)
    return tuple(float(top) for top in np.maximum(measured, final)), bool((final > measured).any())


def windows_inside(record: Record, tops: tuple[float, ...]) -> NDArray[np.bool_]:
    """For each verification window after the strike: is every class inside its band.

    Three standard deviations of a Poisson count are allowed on top, so that one unlucky intent
    of a rare class is not an incident.
    """
    bad, total = _rolling(record, harm.window(record.header))
    allowed = np.array(tops) * total
    within = np.asarray(bad <= allowed + CHANCE * np.sqrt(allowed), dtype=np.bool_)
    return np.asarray(within.all(axis=1), dtype=np.bool_)


def worst_share(record: Record, span_ns: int) -> float:
    """Worst weighted bad share of all classes together over any span after the strike."""
    bad, total = _rolling(record, harm.window(record.header), span_ns)
    weights = np.array(record.header.weights)
    shares = (bad @ weights) / np.maximum(total @ weights, 1e-9)
    return float(shares.max(initial=0.0))


def _rolling(
    record: Record, span: slice, span_ns: int = VERIFICATION_NS
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    width = harm.bins_in(record.header, span_ns)

    def sums(counts: NDArray[np.int64]) -> NDArray[np.int64]:
        start = np.zeros((1, counts.shape[1]), dtype=np.int64)
        upto = np.concatenate([start, counts.cumsum(axis=0)])
        return np.asarray(upto[width:] - upto[:-width], dtype=np.int64)

    return sums(harm.bad(record)[span]), sums(harm.total(record)[span])


def _shares(record: Record, span: slice) -> NDArray[np.float64]:
    bad, total = _rolling(record, span)
    shares: NDArray[np.float64] = bad / np.maximum(total, 1)
    return shares


def _leaves_and_returns(inside: NDArray[np.bool_]) -> tuple[int | None, int | None]:
    if inside.all():
        return None, None
    leaves = int(np.argmin(inside))
    after = inside[leaves:]
    return leaves, leaves + int(np.argmax(after)) if after.any() else None


def _first_bad_bin(record: Record, tops: tuple[float, ...], first: int) -> int:
    header = record.header
    bad, total = harm.bad(record)[first:], harm.total(record)[first:]
    hurting = (bad > np.array(tops) * total).any(axis=1)
    at = (first + int(np.argmax(hurting))) * header.bin_ns
    return max(at, header.strike_at_ns)


def _relapse(record: Record, inside: NDArray[np.bool_]) -> int | None:
    header = record.header
    closings = [e.at for e in record.entries if e.kind == "closed" and e.at >= header.strike_at_ns]
    if not closings:
        return None
    first = harm.window(header).start
    since = -(-closings[0] // header.bin_ns) - first
    after = inside[since:]
    if after.all():
        return None
    return int(first + since + np.argmin(after)) * header.bin_ns
