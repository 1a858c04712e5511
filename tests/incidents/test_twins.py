"""The same drills without their trouble: nobody is paged and nobody is harmed."""

import pytest

from simulator.drill.drill import Twin
from tests.rehearsal import SHORTER, left_alone

DRILLS = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SHORTER]
STEADY = 0.03


@pytest.mark.parametrize("twin", ["healthy", "noisy"])
@pytest.mark.parametrize("name", DRILLS)
def test_a_twin_left_alone_stays_well_and_pages_nobody(name: str, twin: Twin) -> None:
    drill = left_alone(name, twin=twin)

    assert drill.pages == []
    assert drill.is_recovered()
    assert drill.bad_share_at_the_end < STEADY


@pytest.mark.parametrize("name", DRILLS)
def test_a_responder_sees_herrings_in_the_noisy_twin_only(name: str) -> None:
    noisy, healthy = left_alone(name, twin="noisy"), left_alone(name, twin="healthy")

    assert len(noisy.entries("changed")) > len(healthy.entries("changed"))
    assert healthy.entries("struck") == []
    assert noisy.record.header.strike_at_ns == healthy.record.header.strike_at_ns


@pytest.mark.parametrize("name", DRILLS)
def test_the_trouble_pages_before_anyone_looks(name: str) -> None:
    drill = left_alone(name)

    assert drill.pages
    assert min(entry.at for entry in drill.entries("paged")) > drill.record.header.strike_at_ns
