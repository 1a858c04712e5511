import numpy as np

from simulator.instruments.telemetry.belated import Belated
from simulator.plant.probes import ClassProbe
from simulator.units import MINUTE, SECOND

EVALUATED, WRONG, DOWN = (
    ClassProbe.EVALUATED,
    ClassProbe.EVALUATED_WRONG,
    ClassProbe.THUMBS_DOWN,
)


def row(evaluated: int, wrong: int, down: int) -> np.ndarray:
    found = np.zeros(len(ClassProbe), np.int64)
    found[[EVALUATED, WRONG, DOWN]] = evaluated, wrong, down
    found[ClassProbe.ARRIVED] = 7
    return found


def seen(belated: Belated, counted: np.ndarray, minutes: int) -> list[tuple[int, int, int]]:
    """What scrapes every 15 s show, once a minute."""
    shown = [belated.values(k * 15 * SECOND, counted) for k in range(minutes * 4 + 1)]
    return [(int(r[EVALUATED]), int(r[WRONG]), int(r[DOWN])) for r in shown[::4]]


def test_nothing_is_in_before_half_the_mean_and_all_is_in_the_end() -> None:
    found = seen(Belated(1, 4 * MINUTE, 2 * MINUTE), row(400, 100, 60), 60)

    assert found[1] == (0, 0, found[1][2])
    assert found[0] == (0, 0, 0)
    assert found[-1] == (400, 100, 60)
    assert found == sorted(found)


def test_scores_are_in_after_the_mean_on_average() -> None:
    found = seen(Belated(1, 4 * MINUTE, MINUTE), row(2000, 500, 0), 60)

    waited = sum(2000 - scored for scored, _, _ in found)
    assert 4.0 < waited / 2000 < 5.0  # counted by whole minutes, so up to one more


def test_other_columns_are_as_counted_and_what_was_counted_is_left_alone() -> None:
    counted = row(5, 1, 1)

    shown = Belated(1, MINUTE, MINUTE).values(0, counted)

    assert shown[ClassProbe.ARRIVED] == 7
    assert counted[EVALUATED] == 5
