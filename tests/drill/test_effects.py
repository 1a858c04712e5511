"""Trouble lives at its home: it reaches what stands there, stacks, and leaves no trace."""

from itertools import permutations

import pytest

from simulator.drill.effects import Affliction, BaseValues, Effects, Row, combined
from simulator.plant.api import ReplicaKnob
from simulator.world import Home, Knob, Place


class FakePlant:
    """Remembers the last value of every knob that was turned."""

    def __init__(self) -> None:
        self.turned: dict[tuple[str, int, int], float] = {}

    def turn_replica(self, replica: int, knob: ReplicaKnob, value: float) -> None:
        self.turned["replica", replica, knob] = value

    def set_arrival_multiplier(self, request_class: int, value: float) -> None:
        self.turned["arrivals", request_class, 0] = value

    def slowdowns(self) -> list[float]:
        return [
            value
            for (what, _, knob), value in sorted(self.turned.items())
            if what == "replica" and knob == ReplicaKnob.SLOWDOWN
        ]


def _effects(plant: FakePlant) -> Effects:
    base = BaseValues({"llm": 8}, {}, {}, {}, {})
    effects = Effects(plant, {"llm": 0}, {}, {"chat": 0}, lambda _c, _r: 1.0, base)  # type: ignore[arg-type]  # a fake
    for number in range(3):
        effects.attach(Row(number, "llm", number, f"llm-{number}", f"gpu-{number % 2}", "a"))
    return effects


def _slow(cause: str, home: Home, place: Place, value: float) -> Affliction:
    return Affliction(cause, home, place, Knob.SLOWDOWN, value)


def test_a_slow_host_slows_every_pod_on_it_and_no_other() -> None:
    plant = FakePlant()
    effects = _effects(plant)

    effects.afflict(_slow("heat", Home.HOST, Place("node", "gpu-0"), 1.8))

    assert plant.slowdowns() == [1.8, 1.0, 1.8]


def test_a_pod_made_later_on_a_slow_host_is_slow_too() -> None:
    plant = FakePlant()
    effects = _effects(plant)
    effects.afflict(_slow("heat", Home.HOST, Place("node", "gpu-0"), 1.8))

    effects.attach(Row(3, "llm", 3, "llm-3", "gpu-0", "a"))

    assert plant.slowdowns()[3] == 1.8


def test_renewing_a_process_clears_its_own_trouble_and_not_its_hosts() -> None:
    plant = FakePlant()
    effects = _effects(plant)
    effects.afflict(_slow("leak", Home.PROCESS, Place("pod", "llm-0"), 2.0))
    effects.afflict(_slow("heat", Home.HOST, Place("node", "gpu-0"), 1.5))

    effects.renew(Home.PROCESS, Place("pod", "llm-0"))

    assert plant.slowdowns() == [1.5, 1.0, 1.5]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_causes_stack_and_lift_in_any_order_without_a_trace(order: tuple[int, ...]) -> None:
    plant = FakePlant()
    effects = _effects(plant)
    before = dict(plant.turned)
    places = [Place("pod", "llm-0"), Place("node", "gpu-0"), Place("component", "llm")]
    for number, place in enumerate(places):
        effects.afflict(_slow(f"cause-{number}", Home.HOST, place, 1.5 + number))

    for number in order:
        effects.relieve(f"cause-{number}")

    assert plant.turned == before
    assert effects.held() == ()


@pytest.mark.parametrize(
    ("knob", "values", "together"),
    [
        pytest.param(Knob.SLOWDOWN, [1.5, 2.0], 3.0, id="slowdowns multiply"),
        pytest.param(Knob.ERROR_SHARE, [0.5, 0.5], 0.75, id="errors are independent"),
        pytest.param(Knob.DELAY, [1e6, 2e6], 3e6, id="delays add"),
        pytest.param(Knob.MIX, [0.1, 0.3], 0.3, id="the largest mix counts"),
        pytest.param(Knob.MIX, [], 0.0, id="no cause, no mix"),
        pytest.param(Knob.ERROR_SHARE, [], 0.0, id="no cause, no errors"),
        pytest.param(Knob.SLOWDOWN, [], 1.0, id="no cause, no slowdown"),
    ],
)
def test_what_several_causes_make_of_a_knob(
    knob: Knob, values: list[float], together: float
) -> None:
    assert combined(knob, values) == together
