"""What became of every call of a plant whose classes are traced whole."""

from dataclasses import dataclass

from simulator.plant.api import Traced
from simulator.plant.plant import Plant


@dataclass(frozen=True, slots=True)
class Ended:
    """When a call ended at its replica, and how (a result of `plant.layout`)."""

    at: int
    result: int


def ended_calls(plant: Plant) -> dict[int, Ended]:
    """Every call that has ended since the last time, by when it was sent; no two may share that."""
    rows, lost = plant.drain_spans()
    assert lost == 0
    calls = [row for row in rows.tolist() if row[Traced.EDGE] >= 0]
    assert len({row[Traced.SENT_AT] for row in calls}) == len(calls)
    return {row[Traced.SENT_AT]: Ended(row[Traced.ENDED_AT], row[Traced.RESULT]) for row in calls}
