"""The HPA's controller, case by case; long because each rule of it has its own table."""

from dataclasses import replace

import pytest

from simulator.system.autoscaling.hpa import Decision, decide
from simulator.system.autoscaling.normalise import rate_limit_down, rate_limit_up
from simulator.system.autoscaling.observed import Unavailable
from simulator.system.autoscaling.spec import (
    DEFAULT_CONTROLLER,
    Behavior,
    HpaSpec,
    Policy,
    Rules,
    TargetType,
)
from simulator.system.autoscaling.state import (
    Condition,
    HpaState,
    Recommendation,
    ScaleEvent,
    with_event,
)
from simulator.units import SECOND
from tests.system.autoscaling._builders import (
    DOWN,
    UP,
    behavior,
    external,
    hpa,
    per_pod,
    pods,
    seen,
)

PER_POD = external(TargetType.AVERAGE_VALUE, 1)
NO_WAIT = Rules(0, "Max", (Policy("Percent", 100, 15 * SECOND),))


def _play(spec: HpaSpec, wanted: list[int], *, start: int, every_s: int = 15) -> list[int]:
    """Sizes after each decision, where the metric asks for `wanted` in turn."""
    state, size, sizes = HpaState(), start, []
    for tick, want in enumerate(wanted):
        decision = decide(spec, state, seen(want * 1000, now_s=tick * every_s, replicas=size))
        state, size = decision.state, decision.desired
        sizes.append(size)
    return sizes


def _reasons(decision: Decision) -> dict[str, tuple[bool, str]]:
    return {c.type: (c.holds, c.reason) for c in decision.conditions}


def test_up_at_once_but_at_most_double_or_four() -> None:
    assert _play(hpa(PER_POD), [50] * 6, start=1) == [4, 8, 16, 32, 50, 50]


def test_nothing_scales_down_in_the_first_five_minutes() -> None:
    sizes = _play(hpa(PER_POD), [2] * 24, start=10)

    # The size at the start is the first recommendation; it counts while it is no older than 300 s.
    assert sizes == [10] * 21 + [2] * 3


def test_down_follows_the_highest_recommendation_of_the_window() -> None:
    sizes = _play(hpa(PER_POD), [10, 9, 8, 7, *[2] * 24], start=10)

    # 10 asked at 0 s and 9 at 15 s (within tolerance, so 10 again) leave the window at 330 s.
    assert sizes[21:28] == [10, 8, 7, 2, 2, 2, 2]


def test_the_raw_proposal_is_what_is_logged_over_an_old_entry() -> None:
    log = (Recommendation(0, 9), Recommendation(10 * SECOND, 8), Recommendation(400 * SECOND, 3))
    observed = seen(50_000, now_s=500, replicas=4)

    decision = decide(hpa(PER_POD), HpaState(log), observed)

    assert decision.desired == 8
    assert decision.state.recommendations == (
        Recommendation(0, 9), Recommendation(500 * SECOND, 50), Recommendation(400 * SECOND, 3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("replicas", "desired", "reason"),
    [
        (12, 10, "Current number of replicas above Spec.MaxReplicas"),
        (1, 3, "Current number of replicas below Spec.MinReplicas"),
    ],
)
def test_bounds_are_restored_without_reading_metrics(
    replicas: int, desired: int, reason: str
) -> None:
    spec = hpa(PER_POD, least=3, most=10, rules=behavior())

    decision = decide(spec, HpaState(), seen(Unavailable("down"), replicas=replicas))

    assert (decision.desired, decision.reason, decision.proposed) == (desired, reason, None)
    assert _reasons(decision) == {"AbleToScale": (True, "SucceededRescale")}
    assert len(decision.state.ups + decision.state.downs) == 1


@pytest.mark.parametrize(
    ("least", "state", "from_zero"),
    [
        pytest.param(1, HpaState(), False, id="set to 0 by a person: off"),
        pytest.param(0, HpaState(), False, id="even with a minimum of 0"),
        pytest.param(
            0,
            HpaState(conditions=(Condition("ScaledToZero", True, "ScaledToZero", ""),)),  # noqa: FBT003 - as printed
            True,
            id="its own doing: works",
        ),
    ],
)
def test_zero_replicas(least: int, state: HpaState, from_zero: bool) -> None:  # noqa: FBT001 - a table's column
    decision = decide(hpa(PER_POD, least=least), state, seen(3000, replicas=0))

    assert decision.desired == (3 if from_zero else 0)
    expected = (True, "ValidMetricFound") if from_zero else (False, "ScalingDisabled")
    assert _reasons(decision)["ScalingActive"] == expected


def test_before_1_36_a_minimum_of_zero_is_enough() -> None:
    old = replace(DEFAULT_CONTROLLER, zero_when="min_is_zero")

    assert decide(hpa(PER_POD, least=0), HpaState(), seen(3000, replicas=0), old).desired == 3


def test_scaling_to_zero_is_remembered_as_its_own_doing() -> None:
    spec = hpa(PER_POD, least=0, rules=behavior(down=NO_WAIT))

    down = decide(spec, HpaState(), seen(0, replicas=2))
    up = decide(spec, down.state, seen(1000, replicas=0, now_s=15))

    assert (down.desired, up.desired) == (0, 1)
    assert _reasons(down)["ScaledToZero"][0]
    assert not _reasons(up)["ScaledToZero"][0]


BROKEN = Unavailable("unable to get external metric queue: no metrics returned")


def test_the_largest_proposal_wins_and_is_named() -> None:
    spec = hpa(PER_POD, per_pod(4))

    decision = decide(spec, HpaState(), seen(6000, pods(8000, 8000, 8000, 8000)))

    assert (decision.proposed, decision.desired) == (8, 8)
    assert decision.reason == (
        "pods metric running above target; "
        "pods metric running is 8, target 4, ratio 2.000 x 4 pods: 8"
    )


@pytest.mark.parametrize(
    ("other", "desired", "active"),
    [
        pytest.param(pods(8000, 8000, 8000, 8000), 8, (True, "ValidMetricFound"), id="up"),
        pytest.param(pods(4000, 4000, 4000, 4000), 4, (True, "ValidMetricFound"), id="stay"),
        pytest.param(
            pods(1000, 1000, 1000, 1000), 4, (False, "FailedGetExternalMetric"), id="not down"
        ),
        pytest.param(Unavailable("x"), 4, (False, "FailedGetExternalMetric"), id="all broken"),
    ],
)
def test_one_metric_down(other: object, desired: int, active: tuple[bool, str]) -> None:
    spec = hpa(PER_POD, per_pod(4))
    aged = HpaState((Recommendation(-400 * SECOND, 1),))

    decision = decide(spec, aged, seen(BROKEN, other))  # type: ignore[arg-type]  # a table's column

    assert (decision.desired, _reasons(decision)["ScalingActive"]) == (desired, active)


def test_two_hpas_on_the_same_pods_both_stop() -> None:
    observed = replace(seen(50_000), clashes_with=("other",))

    decision = decide(hpa(PER_POD), HpaState(), observed)

    assert not decision.rescales
    assert (
        decision.reason
        == "AmbiguousSelector: pods of llm are controlled by multiple HPAs: llm, other"
    )


@pytest.mark.parametrize(
    ("replicas", "wanted", "desired", "able", "limited"),
    [
        (4, 4, 4, "ReadyForNewScale", (False, "DesiredWithinRange")),
        (4, 7, 7, "SucceededRescale", (False, "DesiredWithinRange")),
        (4, 50, 8, "SucceededRescale", (True, "ScaleUpLimit")),
        (9, 50, 10, "SucceededRescale", (True, "TooManyReplicas")),
        (4, 1, 2, "SucceededRescale", (True, "TooFewReplicas")),
    ],
)
def test_conditions_without_a_behavior_block(
    replicas: int, wanted: int, desired: int, able: str, limited: tuple[bool, str]
) -> None:
    aged = HpaState((Recommendation(-400 * SECOND, 1),))

    decision = decide(hpa(PER_POD, least=2, most=10), aged, seen(wanted * 1000, replicas=replicas))

    assert decision.desired == desired
    assert _reasons(decision) == {
        "AbleToScale": (True, able),
        "ScalingActive": (True, "ValidMetricFound"),
        "ScalingLimited": limited,
    }


def test_a_stabilised_decision_says_so() -> None:
    decision = decide(hpa(PER_POD), HpaState(), seen(1000, replicas=6))

    assert decision.desired == 6
    assert _reasons(decision)["AbleToScale"] == (True, "ScaleDownStabilized")
    assert decision.reason.endswith("applying the highest recent recommendation")


def test_a_refused_scale_is_not_remembered_as_a_change() -> None:
    spec = hpa(PER_POD, rules=behavior())

    decision = decide(spec, HpaState(), seen(8000))

    assert decision.state.ups == (ScaleEvent(0, 4),)
    assert decision.state_if_refused.ups == ()
    assert decision.state_if_refused.condition("AbleToScale") == Condition(
        "AbleToScale", False, "FailedUpdateScale",  # noqa: FBT003 - as printed
        "the HPA controller was unable to update the target scale",
    )  # fmt: skip


def test_default_behavior_goes_up_by_four_or_double() -> None:
    assert _play(hpa(PER_POD, rules=behavior()), [50] * 5, start=1) == [5, 10, 20, 40, 50]


def test_an_up_window_waits_for_the_lowest_recommendation() -> None:
    spec = hpa(PER_POD, rules=behavior(up=replace(UP, window_ns=60 * SECOND)))

    assert _play(spec, [4, 8, 9, 8, 7, 9], start=4) == [4, 4, 4, 4, 7, 7]


def test_both_windows_hold_at_once() -> None:
    rules = behavior(
        up=replace(UP, window_ns=60 * SECOND), down=replace(DOWN, window_ns=60 * SECOND)
    )

    assert _play(hpa(PER_POD, rules=rules), [4, 9, 2, 9, 2], start=4) == [4] * 5


@pytest.mark.parametrize(
    ("log", "wanted", "desired", "able"),
    [
        ([(-60, 6)], 10, 6, "ScaleUpStabilized"),
        ([(-120, 6)], 10, 8, "ReadyForNewScale"),  # 120 s old is not within 120 s
        ([(-119, 6)], 10, 6, "ScaleUpStabilized"),
        ([(-200, 3)], 2, 3, "ScaleDownStabilized"),
        ([(-300, 3)], 2, 2, "ReadyForNewScale"),
    ],
)
def test_stabilisation_with_a_behavior_block(
    log: list[tuple[int, int]], wanted: int, desired: int, able: str
) -> None:
    rules = behavior(up=replace(UP, window_ns=120 * SECOND))
    state = HpaState(tuple(Recommendation(at * SECOND, n) for at, n in log))

    decision = decide(hpa(PER_POD, rules=rules), state, seen(wanted * 1000, replicas=4))

    assert decision.desired == desired
    assert decision.state_if_refused.condition("ScalingLimited") is not None
    log_reason = _reasons(decide(hpa(PER_POD, rules=rules), state, seen(wanted * 1000, replicas=4)))
    assert log_reason["AbleToScale"][1] in (able, "SucceededRescale")


@pytest.mark.parametrize(
    ("select", "policies", "ups", "downs", "limit"),
    [
        pytest.param("Max", [("Pods", 4, 60)], [], [], 14, id="pods"),
        pytest.param("Max", [("Percent", 5, 60)], [], [], 11, id="a percentage rounds up"),
        pytest.param("Max", [("Pods", 4, 60)], [(-30, 3)], [], 11, id="less what was added"),
        pytest.param("Max", [("Pods", 4, 60)], [(-60, 3)], [], 14, id="a period ago is over"),
        pytest.param("Max", [("Pods", 4, 60)], [], [(-30, 2)], 16, id="plus what was removed"),
        pytest.param("Max", [("Pods", 4, 60), ("Percent", 100, 60)], [], [], 20, id="most"),
        pytest.param("Min", [("Pods", 4, 60), ("Percent", 100, 60)], [], [], 14, id="least"),
        pytest.param("Disabled", [("Pods", 4, 60)], [], [], 10, id="disabled"),
    ],
)
def test_rate_limit_up(
    select: str,
    policies: list[tuple[str, int, int]],
    ups: list[tuple[int, int]],
    downs: list[tuple[int, int]],
    limit: int,
) -> None:
    assert rate_limit_up(_rules(select, policies), _events(ups, downs), 10, 0) == limit


@pytest.mark.parametrize(
    ("select", "policies", "ups", "downs", "limit"),
    [
        pytest.param("Max", [("Pods", 4, 60)], [], [], 6, id="pods"),
        pytest.param("Max", [("Percent", 15, 60)], [], [], 8, id="a percentage is cut: 8.5"),
        pytest.param("Max", [("Pods", 4, 60)], [], [(-30, 3)], 9, id="less what was removed"),
        pytest.param("Max", [("Pods", 4, 60)], [(-30, 2)], [], 4, id="plus what was added"),
        pytest.param("Max", [("Pods", 4, 60), ("Percent", 100, 60)], [], [], 0, id="most"),
        pytest.param("Min", [("Pods", 4, 60), ("Percent", 100, 60)], [], [], 6, id="least"),
        pytest.param("Disabled", [("Pods", 4, 60)], [], [], 10, id="disabled"),
    ],
)
def test_rate_limit_down(
    select: str,
    policies: list[tuple[str, int, int]],
    ups: list[tuple[int, int]],
    downs: list[tuple[int, int]],
    limit: int,
) -> None:
    assert rate_limit_down(_rules(select, policies), _events(ups, downs), 10, 0) == limit


def test_a_limit_passed_already_means_stay() -> None:
    rules = behavior(up=Rules(0, "Max", (Policy("Pods", 2, 60 * SECOND),)))
    state = HpaState((Recommendation(-1, 10),), ups=(ScaleEvent(-SECOND, 6),))

    decision = decide(hpa(PER_POD, rules=rules), state, seen(50_000, replicas=10))

    assert decision.desired == 10
    assert _reasons(decision)["ScalingLimited"] == (True, "ScaleUpLimit")


def test_a_slow_policy_spreads_a_scale_down() -> None:
    rules = Behavior(UP, Rules(0, "Max", (Policy("Pods", 1, 60 * SECOND),)))

    sizes = _play(hpa(PER_POD, rules=rules), [2] * 12, start=5)

    assert sizes == [4, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2]


def test_an_outdated_events_slot_is_used_again() -> None:
    events = (ScaleEvent(0, 1), ScaleEvent(50 * SECOND, 2))

    stored = with_event(events, 5, 60 * SECOND, 100 * SECOND)

    assert stored == (ScaleEvent(100 * SECOND, 5), ScaleEvent(50 * SECOND, 2))
    assert len(with_event(events, 5, 100 * SECOND, 100 * SECOND)) == 3


def _rules(select: str, policies: list[tuple[str, int, int]]) -> Rules:
    made = tuple(Policy(kind, value, s * SECOND) for kind, value, s in policies)  # type: ignore[arg-type]  # a table's column
    return Rules(0, select, made)  # type: ignore[arg-type]  # a table's column


def _events(ups: list[tuple[int, int]], downs: list[tuple[int, int]]) -> HpaState:
    return HpaState(
        ups=tuple(ScaleEvent(at * SECOND, change) for at, change in ups),
        downs=tuple(ScaleEvent(at * SECOND, change) for at, change in downs),
    )
