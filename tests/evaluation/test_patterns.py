import pytest

from simulator.evaluation.patterns import patterns, reaction_ns, reversals
from simulator.evaluation.summary import Decision
from simulator.units import MINUTE
from tests.evaluation.fakes import run, went

SWINGING = [went(11, 2, 4), went(15, 4, 2), went(20, 2, 4), went(25, 4, 2)]
CALM = [went(12, 2, 4), went(35, 4, 2)]


@pytest.mark.parametrize(
    ("decisions", "count"),
    [
        pytest.param(SWINGING, 3, id="back and forth"),
        pytest.param(CALM, 0, id="a slow change of mind is none"),
        pytest.param([went(11, 2, 3), went(12, 3, 4), went(13, 4, 5)], 0, id="one way"),
        pytest.param([went(11, 2, 3), went(12, 3, 3), went(13, 3, 2)], 1, id="staying is no step"),
    ],
)
def test_changes_of_direction_are_counted(decisions: list[Decision], count: int) -> None:
    assert reversals(decisions) == count


@pytest.mark.parametrize(
    ("decisions", "minutes"),
    [
        pytest.param([went(15, 2, 4)], 3, id="three minutes after users began to hurt"),
        pytest.param([went(11, 2, 4)], 0, id="ahead of the hurt"),
        pytest.param([went(5, 2, 4), went(14, 4, 5)], 2, id="before the window does not count"),
        pytest.param([went(5, 2, 6)], 0, id="asks for all it may already"),
    ],
)
def test_reaction_counts_from_the_first_bad_minute(decisions: list[Decision], minutes: int) -> None:
    hurt = run(first_over_at=12 * MINUTE, minutes_over=9, decisions=decisions)

    assert reaction_ns(hurt) == minutes * MINUTE


def test_never_reacting_is_not_reacting_at_once() -> None:
    assert reaction_ns(run(first_over_at=12 * MINUTE, minutes_over=9)) is None


@pytest.mark.parametrize(
    ("hurt_at", "decisions", "said"),
    [
        pytest.param(None, CALM, [], id="nothing stands out"),
        pytest.param(
            None,
            SWINGING,
            [("oscillates: 3 or more changes of direction, each within 10 min of the last, "
             "in 2 of 2 runs")],
            id="oscillation",
        ),
        pytest.param(
            12, [went(15, 2, 4), went(30, 4, 2)],
            ["reacts late: users hurt for 3 min (median) before it asked for more"],
            id="late reaction",
        ),
        pytest.param(
            12, [],
            ["does not react: objectives were missed and it asked for no more, 2 runs"],
            id="no reaction",
        ),
        pytest.param(
            None, [went(12, 2, 4)],
            ["never scales down: 28 min (median) were left after it went up"],
            id="never scales down",
        ),
        pytest.param(None, [went(35, 2, 4)], [], id="no time was left to scale down"),
    ],
)  # fmt: skip
def test_habits_are_named(hurt_at: int | None, decisions: list[Decision], said: list[str]) -> None:
    first = None if hurt_at is None else hurt_at * MINUTE
    runs = [run(seed, first_over_at=first, decisions=decisions) for seed in (1, 2)]

    assert list(patterns(runs, is_fixed=False)) == said


def test_a_fixed_policy_is_not_blamed_for_staying() -> None:
    runs = [run(first_over_at=12 * MINUTE, minutes_over=9)]

    assert patterns(runs, is_fixed=True) == ()


def test_pods_without_a_node_are_told() -> None:
    runs = [run(1, pods_unplaced=2), run(2)]

    assert patterns(runs, is_fixed=True) == ("pods found no node to run on in 1 of 2 runs",)
