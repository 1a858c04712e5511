"""Warnings and infos about a query: what Prometheus calls annotations, in its own words."""

from collections.abc import Iterable

from simulator.instruments.promql.syntax.errors import place

SHOWN_MAX = 10
"""More than so many of a kind are counted, not shown."""
_COUNTERS = ("_total", "_sum", "_count", "_bucket")
_MONOTONIC = (
    "input to histogram_quantile needed to be fixed for monotonicity "
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
    ' for metric name "{}"'
)


class Notes:
    """What was remarked while a query ran; the same remark is kept once."""

    def __init__(self) -> None:
        self._warnings: dict[str, str] = {}
        self._infos: dict[str, str] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is probably wrong."""
        return _shown(self._warnings, "warning")

    @property
    def infos(self) -> tuple[str, ...]:
        """What may be wrong."""
        return _shown(self._infos, "info")

    def bad_quantile(self, quantile: str, at: str) -> None:
        """A quantile outside of 0 to 1."""
        message = f"PromQL warning: quantile value should be between 0 and 1, got {quantile}"
        self._warnings[message] = at

    def bad_bound(self, bound: str, metric: str, at: str) -> None:
        """A bucket without a bound that is a number."""
        message = (
            'PromQL warning: bucket label "le" is missing or has a malformed value of '
            f'"{bound}" for metric name "{metric}"'
        )
        self._warnings[message] = at

    def forced_monotonic(self, metrics: Iterable[str], at: str) -> None:
        """Bucket counts that fell from one bound to the next."""
        for metric in metrics:
            self._infos["PromQL info: " + _MONOTONIC.format(metric)] = at

    def maybe_no_counter(self, metric: str, at: str) -> None:
        """A rate of what is not named like a counter."""
        if metric and not metric.endswith(_COUNTERS):
            message = (
                "PromQL info: metric might not be a counter, name does not end in "
                f'_total/_sum/_count/_bucket: "{metric}"'
            )
            self._infos[message] = at


def where(text: str, at: int) -> str:
    """A place in a query, as annotations write it."""
    line, col = place(text, at)
    return f"{line}:{col}"


def _shown(notes: dict[str, str], kind: str) -> tuple[str, ...]:
    shown = [f"{message} ({at})" for message, at in list(notes.items())[:SHOWN_MAX]]
    more = len(notes) - SHOWN_MAX
    if more > 0:
        shown.append(f"{more} more {kind} annotations omitted")
    return tuple(shown)
