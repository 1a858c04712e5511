"""Exemplars: which sampled request fell into a histogram's bucket."""

from dataclasses import dataclass

from simulator.instruments.series.labels import Labels


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A trace id beside a bucket's series, with the value observed and when (drill ns)."""

    bucket: Labels
    trace_id: str
    value: float
    t_ns: int
