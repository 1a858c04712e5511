"""Timers of constant delay wait in lanes, first in, first out, and need no heap."""

from simulator.plant import layout as at
from simulator.plant.layout import Ints
from simulator.plant.programs import Programs

_LANES_OF_WORK_MAX = at.LANES_MAX - 4  # the others are left to delays that come up later


class Lanes:
    """Numbers a FIFO lane per distinct constant delay, while there are lanes left."""

    def __init__(self) -> None:
        self.by_delay: dict[int, int] = {}

    def of(self, delay_ns: int) -> int:
        """Say which lane a delay uses; -1: the heap."""
        if delay_ns <= 0:
            return -1
        if delay_ns not in self.by_delay and len(self.by_delay) < at.LANES_MAX:
            self.by_delay[delay_ns] = len(self.by_delay)
        return self.by_delay.get(delay_ns, -1)


def program_table(programs: Programs, lanes: Lanes) -> Ints:
    """Write the programs; work that always lasts as long waits in a lane, where there is one."""
    table = programs.table()
    for row in table:
        if row[at.OP] != at.DO_WORK:
            continue
        law = programs.laws[row[at.A]]
        alike = law.law == "fixed" and row[at.B] < 0
        row[at.LANE] = -1
        if alike and len(lanes.by_delay) < _LANES_OF_WORK_MAX:
            row[at.LANE] = lanes.of(round(law.a))
    return table
