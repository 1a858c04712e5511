"""What the business looks at: answers, conversion, cost and tickets, from what was counted."""

from collections import deque
from collections.abc import Iterator

from simulator.clock import Phase
from simulator.drill.drill import Drill
from simulator.drill.watch import every
from simulator.instruments.telemetry.sheet import Sample, Sheet
from simulator.plant.probes import ClassProbe
from simulator.units import MINUTE, SECOND

PERIOD_NS, OFFSET_NS = MINUTE, 23 * SECOND
OVER = 5
"""Conversion is of so many minutes."""
_BASE = {"job": "business", "instance": "business", "namespace": "default"}


class Business:
    """Writes a minute's figures each minute; names are our own, no exporter has them."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._sheet = Sheet(drill.store, _BASE)
        self._past: dict[str, deque[tuple[int, int]]] = {
            name: deque([(0, 0)], OVER + 1) for name in drill.scenario.classes
        }

    def start(self) -> None:
        """Count from now on."""
        clock = self._drill.clock
        ticks = every(clock, PERIOD_NS, OFFSET_NS, Phase.SCRAPE, "business", self._write)
        clock.spawn(ticks)

    def _write(self) -> None:
        self._drill.scraper.collect()
        self._sheet.write(self._drill.now_ms, self._figures())

    def _figures(self) -> Iterator[Sample]:
        drill = self._drill
        for number, name in enumerate(drill.names.classes):
            row, labels = drill.plant.class_row(number), {"route": name}
            asked, answered = int(row[ClassProbe.ARRIVED]), int(row[ClassProbe.ANSWERED_2XX])
            past = self._past[name]
            past.append((asked, answered))
            tickets = drill.tickets.counted(drill.clock.now, name)
            yield "business_requests_total", labels, asked
            yield "business_answers_total", labels, answered
            yield "business_answers_per_minute", labels, answered - past[-2][1]
            if asked > past[0][0]:
                share = (answered - past[0][1]) / (asked - past[0][0])
                yield "business_conversion_ratio", labels, min(1.0, share)
            yield "support_tickets_total", labels, tickets
        yield "business_cost_per_hour", {"currency": drill.scenario.currency}, self._price()

    def _price(self) -> float:
        """What all nodes that are there cost in an hour."""
        pools = self._drill.scenario.nodes
        nodes = self._drill.world.nodes()
        return sum(pools[node.pool].price_per_hour for node in nodes if node.pool in pools)
