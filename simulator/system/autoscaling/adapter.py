"""How metrics reach an HPA: metrics-server for resources, PromQL for everything else."""

import difflib
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.errors import NotFound, QueryError
from simulator.system.autoscaling.observed import Unavailable
from simulator.system.autoscaling.spec import HpaSpec, Metric, Source

Query = Callable[[str, int], Sequence[tuple[Mapping[str, str], float]]]
"""Evaluates PromQL text at an instant (ns): label sets and values; may raise QueryError."""

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sample:
    """One pod's use of a resource: milli-units over the `window_ns` that ended at `at`."""

    milli: int
    at: int
    window_ns: int


class MetricsAdapter(Protocol):
    """The three metrics APIs an HPA asks."""

    def resource(self, resource: str) -> Mapping[str, Sample] | Unavailable:
        """Return the latest sample of each pod that has one."""
        ...

    def per_pod(self, metric: Metric, at: int) -> Mapping[str, int] | Unavailable:
        """Return a custom metric's value per pod, in milli-units."""
        ...

    def value(self, metric: Metric, at: int) -> int | Unavailable:
        """Return one value, the sum of all series, in milli-units."""
        ...


class PromqlAdapter:
    """Asks Prometheus for custom and external metrics, as `metrics_adapter` maps them."""

    def __init__(
        self,
        query: Query,
        samples: Callable[[str], Mapping[str, Sample] | Unavailable],
        known: Callable[[], Collection[str]],
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        self._query, self._samples, self._known = query, samples, known
        self._mapping = dict(mapping or {})
        self._expressions: dict[Metric, str] = {}

    def resource(self, resource: str) -> Mapping[str, Sample] | Unavailable:
        return self._samples(resource)

    def per_pod(self, metric: Metric, at: int) -> Mapping[str, int] | Unavailable:
        found = self._ask(metric, at)
        if isinstance(found, Unavailable):
            return found
        values = {labels["pod"]: _milli(value) for labels, value in found if "pod" in labels}
        return values or Unavailable(f"unable to get metric {metric.name}: no metrics returned")

    def value(self, metric: Metric, at: int) -> int | Unavailable:
        found = self._ask(metric, at)
        if isinstance(found, Unavailable):
            return found
        if not found:
            return Unavailable(_nothing(metric))
        return sum(_milli(value) for _, value in found)

    def _ask(
        self, metric: Metric, at: int
    ) -> Sequence[tuple[Mapping[str, str], float]] | Unavailable:
        try:
            return self._query(self._expression(metric), at)
        except (NotFound, QueryError) as error:
            return Unavailable(f"unable to get metric {metric.name}: {error}")

    def _expression(self, metric: Metric) -> str:
        # A name once found stays; one not found may still appear, so it is looked for again.
        if metric not in self._expressions:
            found = expression_of(metric, self._mapping, self._known())
            self._expressions[metric] = found
        return self._expressions[metric]


def expression_of(metric: Metric, mapping: Mapping[str, str], known: Collection[str]) -> str:
    """Return the PromQL behind a metric name: as mapped, else by the default rule.

    By default the series whose name, with `:` written `_`, is the metric's, summed (by pod for a
    Pods metric). Raises NotFound, naming the nearest, when no series has that name.
    """
    if metric.name in mapping:
        return mapping[metric.name]
    series = next((name for name in sorted(known) if name.replace(":", "_") == metric.name), None)
    if series is None:
        raise NotFound("metric", metric.name, _nearest(metric.name, known))
    conditions = ",".join(f'{m.label}{m.operator}"{_quoted(m.value)}"' for m in metric.matchers)
    selector = f"{series}{{{conditions}}}" if conditions else series
    return f"sum by (pod) ({selector})" if metric.source is Source.PODS else f"sum({selector})"


def unusable(spec: HpaSpec, mapping: Mapping[str, str], known: Collection[str]) -> tuple[str, ...]:
    """Say, for validation, what of an HPA's metrics could never be read here."""
    found = []
    for metric in spec.metrics:
        if metric.source in (Source.RESOURCE, Source.CONTAINER_RESOURCE):
            if metric.name != "cpu":
                found.append(f"resource {metric.name!r} is not measured here; there is: cpu")
        elif metric.name in mapping:
            if metric.matchers:
                found.append(
                    f"metric {metric.name!r} is mapped to PromQL, so its selector has no effect; "
                    "write the conditions into metrics_adapter"
                )
        else:
            try:
                expression_of(metric, mapping, known)
            except NotFound as error:
                found.append(str(error))
    return tuple(found)


def _nearest(name: str, known: Collection[str]) -> list[str]:
    spelled = sorted(series.replace(":", "_") for series in known)
    return difflib.get_close_matches(name, spelled, n=3, cutoff=0.3)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _nothing(metric: Metric) -> str:
    if metric.source is Source.EXTERNAL:
        return f"unable to get external metric {metric.name}: no metrics returned"
    described = metric.described_object or "object"
    return (
        f"unable to get metric {metric.name} on {described}: the server could not find the metric"
    )


def _milli(value: float) -> int:
    """Write a float as whole milli-units, cut as the adapter does; NaN becomes 0."""
    if math.isnan(value):
        return 0
    if math.isinf(value):
        return _LARGEST if value > 0 else -_LARGEST
    return int(value * 1000)
