"""A cache is empty, and what stands behind it never answers in time to fill it again."""

import pytest

from simulator.debrief.grading import harm
from tests.rehearsal import SHORTEST, left_alone, rehearse, rescued, responded

DRILL = "coffee-break"

pytestmark = pytest.mark.xdist_group(DRILL)


def test_the_trigger_is_over_at_once_and_it_stays_broken() -> None:
    drill = left_alone(DRILL)

    [struck], [lifted] = drill.entries("struck"), drill.entries("lifted")
    assert struck.at == lifted.at
    assert "ErrorsHigh" in drill.pages
    assert drill.bad_share_at_the_end > 0.7
    assert not drill.is_recovered()


def test_the_reference_response_brings_everyone_back() -> None:
    drill = rescued(DRILL)

    assert drill.entries("closed")
    assert drill.bad_share_at_the_end < 0.05
    assert drill.is_recovered()


def test_letting_through_what_the_catalogue_can_serve_cures_it() -> None:
    drill = responded(DRILL, "limit gateway -> catalogue requests_per_second 70")

    assert drill.bad_share_at_the_end < 0.06


def test_shedding_nearly_everyone_and_ramping_up_cures_it() -> None:
    drill = rehearse(DRILL)

    drill.until_paged()
    drill.act("shed class/ask 95%")
    drill.run_for("1m")
    drill.act("shed class/ask 70%")
    drill.run_for("90s")
    drill.act("shed class/ask 40%")
    drill.run_for("1m")
    drill.act("shed class/ask 0%")

    assert drill.end().is_recovered()


def test_shedding_too_little_only_refuses_users() -> None:
    ended = responded(DRILL, "shed class/ask 80%", more=SHORTEST)

    assert ended.bad_share_at_the_end > 0.85


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("restart catalogue", id="restarting the database"),
        pytest.param("restart facts", id="restarting the cache"),
        pytest.param("flush facts", id="flushing the cache again"),
        pytest.param("scale gateway 8", id="more gateways"),
        pytest.param("timeout gateway -> catalogue 3s", id="waiting longer"),
        pytest.param("retries gateway -> catalogue 5", id="asking more often"),
    ],
)
def test_what_is_tempting_does_not_cure_it(command: str) -> None:
    ended = responded(DRILL, command, more=SHORTEST)

    assert ended.bad_share_at_the_end > 0.6
    assert not ended.is_recovered()


def test_no_more_users_came_than_on_a_good_day_yet_calls_multiply() -> None:
    trouble, well = left_alone(DRILL).record, left_alone(DRILL, twin="healthy").record

    calls_again = [
        next(s for s in record.series if (s.name, s.component) == ("retries", "catalogue"))
        for record in (trouble, well)
    ]

    inside = harm.window(well.header)
    assert (harm.total(trouble)[inside] == harm.total(well)[inside]).all()
    assert calls_again[0].values[-1] > 500
    assert calls_again[1].values[-1] < 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_morning_is_the_same_story(seed: int) -> None:
    alone, reference = left_alone(DRILL, seed=seed), rescued(DRILL, seed=seed)

    assert alone.bad_share_at_the_end > 0.7
    assert reference.is_recovered()
