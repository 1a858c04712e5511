"""Which lines are drawn, from outcomes for users and from scrapes for the system."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.debrief.grading import harm
from simulator.debrief.postmortem.page import Page
from simulator.record.model import Objective, Record, Series
from simulator.units import MS, SECOND, seconds

STEP_NS = 30 * SECOND
COMPONENT_CHARTS_MAX = 3
REPLICA_LINES_MAX = 4
P99 = 0.99

Style = Literal["lived", "reference", "nothing", "other"]
Points = tuple[tuple[float, float | None], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line; points are (seconds of the responder's clock, value or None for a gap)."""

    name: str
    style: Style
    points: Points


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines that share a unit; `limit` is an objective's line."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    limit: float | None = None
    limit_label: str = ""
    is_stepped: bool = False


def charts(page: Page) -> tuple[Chart, ...]:
    """What users felt first, then the failing component, then replicas."""
    return (_bad_share(page), *_first_tokens(page), *_component(page), *_replicas(page))


def _bad_share(page: Page) -> Chart:
    allowed = [1 - o.share for o in page.record.header.objectives if o.of == "outcome"]
    limit = min(allowed, default=None)
    runs: list[tuple[str, Style, Record]] = [
        ("nothing done", "nothing", page.variants.do_nothing),
        ("reference response", "reference", page.variants.reference),
        ("as it was", "lived", page.record),
    ]
    return Chart(
        title="Requests that went bad",
        unit="share",
        lines=tuple(Line(name, style, _shares(run)) for name, style, run in runs),
        limit=limit,
        limit_label="" if limit is None else f"objective {100 * limit:g} %",
    )


def _bins(
    record: Record, counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sum bins into chart steps from the end of warm-up to the horizon."""
    header = record.header
    first, last = header.warm_up_ns // header.bin_ns, header.horizon_ns // header.bin_ns
    step = harm.bins_in(header, STEP_NS)
    starts = np.arange(first, last, step)
    times = (starts + step / 2) * seconds(header.bin_ns) - seconds(header.warm_up_ns)
    sums = np.add.reduceat(counts[:last], starts, axis=0)
    return np.asarray(times, dtype=np.float64), np.asarray(sums, dtype=np.int64)


def _shares(record: Record) -> Points:
    times, bad = _bins(record, harm.bad(record).sum(axis=1))
    _, total = _bins(record, harm.total(record).sum(axis=1))
    return _points(times, bad / np.maximum(total, 1))


def _points(times: NDArray[np.float64], values: NDArray[np.float64]) -> Points:
    pairs = zip(times.tolist(), values.tolist(), strict=True)
    return tuple((round(t, 1), None if math.isnan(v) else round(v, 5)) for t, v in pairs)


def _first_tokens(page: Page) -> list[Chart]:
    wanted = [o for o in page.record.header.objectives if o.of == "ttft" and o.below_ns]
    return [
        Chart(
            title=f"Time to first token, p99, {objective.request_class}",
            unit="s",
            lines=(
                Line("reference response", "reference", _p99(page.variants.reference, objective)),
                Line("as it was", "lived", _p99(page.record, objective)),
            ),
            limit=seconds(objective.below_ns or 0),
            limit_label=f"objective {seconds(objective.below_ns or 0):g} s",
        )
        for objective in wanted[:1]
    ]


def _p99(record: Record, objective: Objective) -> Points:
    column = record.header.classes.index(objective.request_class)
    times, counts = _bins(record, record.ttft[:, column])
    upto, total = counts.cumsum(axis=1), counts.sum(axis=1)
    bucket = (upto < np.ceil(P99 * total)[:, None]).sum(axis=1)
    edges = seconds(MS) * 10.0 ** ((bucket + 1) / harm.BUCKETS_PER_DECADE)
    return _points(times, np.where(total > 0, edges, np.nan))


def _component(page: Page) -> list[Chart]:
    name = failing(page)
    found = [s for s in page.record.series if s.component == name and s.unit != "replicas"]
    return [
        Chart(
            title=f"{name}: {series.name}",
            unit=series.unit,
            lines=(
                *_twin(page.variants.reference, series),
                _line(page.record, series, "as it was", "lived"),
            ),
        )
        for series in _most_changed(page, found)[:COMPONENT_CHARTS_MAX]
    ]


def failing(page: Page) -> str:
    """Component the trouble lives in; without one, the first that users reach."""
    header = page.record.header
    if header.causes:
        return header.causes[0].component
    return next((callee for caller, callee in header.calls if caller == "users"), "")


def _most_changed(page: Page, found: list[Series]) -> list[Series]:
    """Largest swing after the strike relative to before first."""

    def swing(series: Series) -> float:
        header = page.record.header
        known = ~np.isnan(series.values)
        before = series.values[
            known & (series.times >= header.warm_up_ns) & (series.times < header.strike_at_ns)
        ]
        after = series.values[known & (series.times >= header.strike_at_ns)]
        usual = float(before.mean()) if len(before) else 0.0
        most = float(np.abs(after - usual).max(initial=0.0))
        return most / (abs(usual) + 0.01 * most + 1e-12)

    return sorted(found, key=lambda series: (-swing(series), series.name))


def _line(run: Record, series: Series, name: str, style: Style) -> Line:
    header = run.header
    kept = (series.times >= header.warm_up_ns) & (series.times <= header.horizon_ns)
    times = (series.times[kept] - header.warm_up_ns) / SECOND
    return Line(name, style, _points(times, series.values[kept]))


def _twin(run: Record, series: Series) -> list[Line]:
    same = [s for s in run.series if (s.name, s.component) == (series.name, series.component)]
    return [_line(run, found, "reference response", "reference") for found in same[:1]]


def _replicas(page: Page) -> list[Chart]:
    found = [s for s in page.record.series if s.unit == "replicas"]
    kept = [s for s in found if s.component == failing(page)]
    kept += [
        s
        for s in found
        if s.component != failing(page) and np.nanmax(s.values) > np.nanmin(s.values)
    ]
    lines = [
        _line(page.record, series, series.component, "lived" if n == 0 else "other")
        for n, series in enumerate(kept[:REPLICA_LINES_MAX])
    ]
    if not lines:
        return []
    return [Chart("Replicas ready", "replicas", (*lines[1:], lines[0]), is_stepped=True)]
