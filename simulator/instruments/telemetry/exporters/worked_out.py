"""Series that no single column holds, by kind: their names, and their values of a row."""

from collections.abc import Callable, Mapping, Sequence

from simulator.instruments.series.labels import NAME, Labels
from simulator.instruments.telemetry.exporters.postgres import BACKEND_STATES, BACKENDS, backends
from simulator.instruments.telemetry.exporters.rabbitmq import HEAD, head_timestamp

Values = Callable[[Sequence[int], int], list[float]]
"""Of a row of the plant and the time in ms."""
WORKED_OUT: Mapping[str, tuple[Sequence[Labels], Values]] = {
    "relational": (
        [((NAME, BACKENDS), ("datname", "app"), ("state", state)) for state in BACKEND_STATES],
        lambda values, _: backends(values),
    ),
    "queue": ([((NAME, HEAD),)], lambda values, now_ms: [head_timestamp(values, now_ms)]),
}
NOTHING: tuple[Sequence[Labels], Values] = ([], lambda _values, _now_ms: [])
