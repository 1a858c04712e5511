"""Every law of the validation page, with a tenth of its work."""

import pytest

from benchmarks.validation.drawing import svg
from benchmarks.validation.page import LAWS
from benchmarks.validation.rows import Curve, Law, Picture, Row


@pytest.mark.parametrize("name", sorted(LAWS))
def test_the_plant_keeps_the_law(name: str) -> None:
    law = LAWS[name](0.1)

    if law is None:
        pytest.skip("the real run's data are not on this machine")
    assert [row for row in law.rows if not row.holds] == []
    assert law.rows


def test_a_line_that_is_off_does_not_hold() -> None:
    assert Row("near", 10.0, 10.4, half_width=0.5).holds
    assert Row("allowed", 10.0, 10.9, allowed=0.1).holds
    assert not Row("off", 10.0, 10.6, half_width=0.5).holds
    assert not Law("a", "b", "c", (Row("exact", 1.0, 2.0),)).holds


def test_a_picture_shows_every_curve() -> None:
    line = Curve("theory", [0.0, 1.0], [1.0, 2.0])
    points = Curve("plant", [0.5], [1.4], [0.2], is_line=False)

    text = svg(Picture("p", "load", "wait", (line, points)))

    assert text.count("<polyline") == 1
    assert text.count("<circle") == 2
    assert ">theory<" in text
