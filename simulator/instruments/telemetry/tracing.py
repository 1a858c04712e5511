"""The SDKs' export: every few seconds what sampled calls left in the plant is sent on."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from simulator.instruments.telemetry.spans import Process, Rows, System, spans_of
from simulator.instruments.traces.model import Span
from simulator.plant.api import PlantPort
from simulator.units import SECOND

PERIOD_NS = 5 * SECOND
"""The batch span processor's `schedule_delay` (OpenTelemetry's default)."""


class SpanExport:
    """Collects rows on a fixed grid and words them only when somebody asks.

    `lost` counts spans that found the export queue full.
    """

    def __init__(
        self,
        plant: PlantPort,
        system: System,
        processes: Callable[[], Mapping[int, Process]],
    ) -> None:
        self._plant, self._system, self._processes = plant, system, processes
        self._known: dict[int, Process] = {}
        self._waiting: list[Rows] = []
        self._until_ns = 0
        self.lost = 0

    def export(self, now_ns: int) -> None:
        """Send what has ended since the last export."""
        rows, lost = self._plant.drain_spans()
        self._known.update(self._processes())
        if len(rows):
            self._waiting.append(rows)
        self._until_ns = now_ns
        self.lost += lost

    def receive(self) -> tuple[Iterable[Span], int]:
        """Everything sent since the last call, and up to when that is all."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return (), self._until_ns
        rows = np.concatenate(waiting)
        return spans_of(rows, self._system, self._known), self._until_ns
