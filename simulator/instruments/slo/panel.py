"""The budget panel: for each objective what is left, and how fast it goes."""

import math

from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series.labels import value_of
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.slo.generated import OBJECTIVE, PERIOD_DAYS, RATIO, REMAINING

BAR = 24
_NONE = "no objective records its error budget; the scenario turns that on by `burn_rate_alerts`"


def budget_panel(store: SeriesStore, t_ms: int) -> tuple[str, ...]:
    """Draw what was recorded of every objective, as lines of text."""
    objectives = _by_slo(store, OBJECTIVE, t_ms)
    if not objectives:
        return (_NONE,)
    remaining, days = _by_slo(store, REMAINING, t_ms), _by_slo(store, PERIOD_DAYS, t_ms)
    lines: list[str] = []
    for slo, share in objectives.items():
        left = remaining.get(slo, math.nan)
        lines.append(f"{slo}: {100 * share:g} % over {_days(days.get(slo, math.nan))}")
        lines.append(f"  budget left  {_bar(left)} {_percent(left)}")
        lines.append(f"  burn rate    {_burns(store, slo, 1.0 - share, t_ms)}")
    if store.past is not None:
        lines.append("what lies before this drill is extrapolated from its warm-up")
    return tuple(lines)


def remaining_budgets(store: SeriesStore, t_ms: int) -> dict[str, float]:
    """Each objective's share of the budget that is left, as recorded."""
    return _by_slo(store, REMAINING, t_ms)


def _by_slo(store: SeriesStore, name: str, t_ms: int) -> dict[str, float]:
    samples = compile_query(name).vector(store, t_ms).samples()
    return {value_of(each.labels, "slo"): each.value for each in samples}


def _burns(store: SeriesStore, slo: str, allowed: float, t_ms: int) -> str:
    """Name the burn rate over each window, shortest first."""
    query = compile_query(f'{{__name__=~"{RATIO}.+",slo="{slo}"}}')
    return "  ".join(
        f"{value_of(each.labels, 'window')} {each.value / allowed:.3g}x"
        for each in query.vector(store, t_ms).samples()
    )


def _bar(share: float) -> str:
    filled = 0 if math.isnan(share) else round(BAR * min(max(share, 0.0), 1.0))
    return "█" * filled + "·" * (BAR - filled)


def _percent(share: float) -> str:
    return "not known yet" if math.isnan(share) else f"{share:.2%}"


def _days(days: float) -> str:
    if math.isnan(days):
        return "its window"
    return f"{days:g} d" if days >= 1 else f"{24 * days:.3g} h"
