"""Flies a trial and holds it against the invariants of docs/architecture.md."""

import itertools
import tempfile
from pathlib import Path

from simulator.drill.run import Flight, take_off
from simulator.errors import ActionRefused, InvariantViolated, NotFound, UsageError
from simulator.plant.api import Served
from simulator.plant.plant import Plant
from simulator.scenario.model import Scenario
from simulator.scenario.reader import load
from simulator.units import SECOND
from tests.swarm.systems import LASTS_S, Trial

LOOK_EVERY_S = 10
_ORDER = (Served.QUEUED_AT, Served.SCHEDULED_AT, Served.FIRST_TOKEN_AT, Served.LAST_TOKEN_AT)


def fly(trial: Trial, *, capacity: int = 4096) -> str:
    """Fly it, checking on the way; give the record's digest. Raises InvariantViolated."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "swarm.drill.yaml"
        file.write_text(trial.text, encoding="utf-8")
        scenario = load(str(file))
    flight = take_off(scenario, seed=trial.seed, capacity=capacity)
    _plant(flight).keep_served(20_000)
    commands = list(trial.commands)
    for second in range(0, LASTS_S + 1, 1):
        while commands and commands[0][0] <= second:
            _say(flight, commands.pop(0)[1])
        flight.session.advance(second * SECOND)
        if second % LOOK_EVERY_S == 0:
            _check(flight)
    record = flight.land()
    _check(flight)
    _check_the_end(flight, scenario)
    return record.digest


def _say(flight: Flight, line: str) -> None:
    """Give a command; a system that has no such thing says so, and nothing happens."""
    if not flight.session.is_over:
        try:
            flight.session.do(line)
        except (NotFound, UsageError, ActionRefused):
            return


def _plant(flight: Flight) -> Plant:
    assert isinstance(flight.drill.plant, Plant)
    return flight.drill.plant


def _check(flight: Flight) -> None:
    plant = _plant(flight)
    plant.check_conservation()
    plant.check_no_idling()
    served = plant.served()
    for earlier, later in itertools.pairwise(_ORDER):
        if (served[:, earlier] > served[:, later]).any():
            raise InvariantViolated(f"a call was {later.name} before it was {earlier.name}")


def _check_the_end(flight: Flight, scenario: Scenario) -> None:
    """Whoever came has an outcome, unless the system can never answer."""
    plant = flight.drill.plant
    stuck = plant.in_flight()
    patient = any(each.client.patience is None for each in scenario.classes.values())
    if stuck and not patient:
        raise InvariantViolated(f"{stuck} requests are open though everybody has left")
