"""Two clocks as one: the plant has done what is earlier, and the order at one instant holds."""

from simulator.clock import Clock, Phase, Waiting
from simulator.drill.driver import Driver
from simulator.plant.api import Pause
from simulator.units import SECOND


class FakePlant:
    """Writes down how far it was told to run; speaks up at the instants it was given."""

    def __init__(self, signals: list[int]) -> None:
        self.now = 0
        self.calls: list[tuple[int, bool]] = []
        self._signals = signals

    def advance(self, until: int, *, inclusive: bool) -> Pause:
        self.calls.append((until, inclusive))
        if self._signals and self._signals[0] <= until:
            self.now = self._signals.pop(0)
            return Pause.SIGNAL
        self.now = until
        return Pause.DONE


def _driver(plant: FakePlant, clock: Clock, said: list[str]) -> Driver:
    return Driver(clock, plant, lambda: said.append(f"signal at {plant.now}"))  # type: ignore[arg-type]  # a fake


def _at(clock: Clock, time: int, phase: Phase, name: str, said: list[str]) -> Waiting:
    yield clock.at(time, phase, name)
    said.append(f"{phase.name} {name}")


def test_an_instant_goes_by_phase_and_then_by_name_whoever_asked_first() -> None:
    clock, said = Clock(), list[str]()
    for phase, name in (
        (Phase.ACT, "b"),
        (Phase.RULES, "z"),
        (Phase.ACT, "a"),
        (Phase.FAULT, "m"),
        (Phase.SCRAPE, "s"),
    ):
        clock.spawn(_at(clock, SECOND, phase, name, said))

    _driver(FakePlant([]), clock, said).run_to(SECOND)

    assert said == ["FAULT m", "SCRAPE s", "RULES z", "ACT a", "ACT b"]


def test_a_fault_strikes_before_the_plant_does_that_instant_and_rules_see_it_done() -> None:
    clock, plant, said = Clock(), FakePlant([]), list[str]()
    clock.spawn(_at(clock, SECOND, Phase.FAULT, "fault", said))
    clock.spawn(_at(clock, SECOND, Phase.RULES, "rules", said))

    _driver(plant, clock, said).run_to(SECOND)

    assert plant.calls[:2] == [(SECOND, False), (SECOND, True)]


def test_a_signal_is_handled_at_its_own_instant_before_what_comes_later() -> None:
    clock, plant, said = Clock(), FakePlant([400]), list[str]()
    clock.spawn(_at(clock, 1000, Phase.RULES, "rules", said))

    _driver(plant, clock, said).run_to(2000)

    assert said == ["signal at 400", "RULES rules"]
    assert clock.now == 2000


def test_running_in_pieces_is_running_at_once() -> None:
    stories = []
    for stops in ([5000], [1000, 1000, 2500, 5000]):
        clock, said = Clock(), list[str]()
        for time in (1000, 2500, 4000):
            clock.spawn(_at(clock, time, Phase.RULES, f"at {time}", said))
        driver = _driver(FakePlant([700, 2500]), clock, said)
        for stop in stops:
            driver.run_to(stop)
        stories.append(said)

    assert stories[0] == stories[1]
