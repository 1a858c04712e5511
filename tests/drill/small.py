"""A small system with one of everything, to break and to turn knobs on."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.debrief.grading import harm
from simulator.drill.run import Flight, take_off
from simulator.record.model import OUTCOMES, Record
from simulator.scenario.model import Scenario
from simulator.scenario.reader import load

PATH = Path(__file__).parent / "data" / "small.drill.yaml"
CHAT, FACTS = 0, 1


def small(*set_: str, files: Mapping[str, str] | None = None) -> Scenario:
    return load(PATH, set_=set_, files=files)


def seated(*set_: str, seed: int = 1) -> Flight:
    """Take the seat of a small drill, right after its warm-up."""
    return take_off(small(*set_), seed=seed)


def landed(flight: Flight) -> Record:
    """Run a flight to its end; every arrival must be accounted for."""
    flight.session.idle_to_end()
    record = flight.land()
    flight.drill.plant.check_conservation()
    return record


@cache
def quiet(*set_: str) -> Record:
    """Perform a drill in which nothing happens."""
    return landed(seated(*set_))


def bad_by_minute(record: Record, request_class: int) -> NDArray[np.int64]:
    """Bad intents of each whole minute."""
    return harm.per_minute(record.header, harm.bad(record)[:, request_class])


def counted(record: Record, outcome: str, request_class: int) -> int:
    return int(record.outcomes[:, request_class, OUTCOMES.index(outcome)].sum())
