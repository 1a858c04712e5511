"""A grade is computed from users' harm, exactly, and explains itself."""

from dataclasses import replace

import pytest

from simulator.debrief.grading import Grade, Variants, grade
from simulator.debrief.grading.grade import combine
from simulator.debrief.grading.model import Category
from simulator.record.model import Entry, Json
from simulator.units import MINUTE, SECOND
from tests.debrief import records as r


def line(graded: Grade, rule: str) -> tuple[str, float]:
    found = next(each for each in graded.lines if each.rule == rule)
    return found.verdict, found.points


def test_a_good_rescue_scores_what_its_lines_add_up_to() -> None:
    graded = grade(r.lived(), r.variants())

    assert graded.score == pytest.approx(95.42, abs=0.01)
    assert sum(each.points for each in graded.lines) == pytest.approx(graded.score)
    assert graded.is_passed is True


def test_mitigation_is_the_share_of_avoidable_harm_that_was_spared() -> None:
    lived, nothing, best = 8489.8, 42402.4, 5371.4

    graded = grade(r.lived(), r.variants())

    assert graded.harm.value == pytest.approx(lived)
    assert graded.parts["mitigation"] == pytest.approx((nothing - lived) / (nothing - best))


def test_safety_counts_only_acts_whose_absence_helps() -> None:
    graded = grade(r.lived(), r.variants())

    assert graded.own_harm == pytest.approx(8489.8 - 7580.2)
    assert {row.left_out: row.effect for row in graded.rows if row.left_out} == {
        (r.SCALE,): "made no difference",
        (r.LIMIT,): "helped",
        (r.RESTART,): "hurt",
    }


def test_times_are_measured_from_the_strike() -> None:
    times = grade(r.lived(), r.variants()).times

    assert (times.detect, times.acknowledge, times.declare, times.diagnose) == (
        216 * SECOND,
        221 * SECOND,
        240 * SECOND,
        245 * SECOND,
    )
    assert (times.mitigate, times.resolve) == (380 * SECOND, 680 * SECOND)


def test_doing_nothing_is_gated_and_never_recovers() -> None:
    runs = Variants(r.do_nothing(), r.reference())

    graded = grade(r.do_nothing(), runs)

    assert graded.gates == ("not_recovered",)
    assert graded.score == 15.0
    assert (graded.times.mitigate, graded.times.resolve) == (None, None)


def test_hurting_again_after_closing_gates_at_sixty() -> None:
    back = r.outage(33 * MINUTE, 38 * MINUTE, r.BAD)
    once = r.outage(r.STRIKE + 20 * SECOND, 26 * MINUTE, r.BAD)
    lived = r.make(lambda at: once(at) or back(at), r.RESCUE)

    graded = grade(lived, r.variants())

    assert graded.gates == ("relapse",)
    assert graded.score is not None
    assert graded.score <= 60
    assert graded.times.resolve is None


def test_closing_while_users_hurt_is_no_resolution() -> None:
    early = r.entries((r.STRIKE + MINUTE, "closed", "resolve", {}))
    lived = r.make(r.outage(r.STRIKE, 26 * MINUTE, r.BAD), early)

    graded = grade(lived, Variants(r.do_nothing(), r.reference()))

    assert graded.gates == ("relapse",)


def test_a_scenario_nobody_could_have_helped_gets_no_score() -> None:
    graded = grade(r.lived(), Variants(r.do_nothing(), r.do_nothing()))

    assert graded.score is None
    assert "no response could have made enough of a difference" in graded.why_no_score


def test_a_harmless_drill_is_not_graded() -> None:
    quiet = r.make()

    assert grade(quiet, Variants(quiet, quiet)).score is None


def test_hints_cost_points_and_never_go_below_zero() -> None:
    lived = replace(r.do_nothing(), header=replace(r.HEADER, hints=9))

    graded = grade(lived, Variants(r.do_nothing(), r.reference()))

    assert graded.score == 0.0
    assert sum(each.points for each in graded.lines) == pytest.approx(0.0)


def test_leaving_a_healthy_twin_alone_is_perfect() -> None:
    twin = r.healthy()

    assert grade(twin, Variants(twin, twin)).score == 100.0


@pytest.mark.parametrize(
    "said",
    [
        pytest.param((r.STRIKE, "declared", "declare", {"severity": "SEV-2"}), id="an incident"),
        pytest.param(r.act(r.STRIKE, "restart llm"), id="a change"),
    ],
)
def test_a_needless_response_to_a_healthy_twin_gates_at_fifty(
    said: tuple[int, str, str, dict[str, Json]],
) -> None:
    twin = r.healthy((Entry(0, *said),))  # type: ignore[arg-type] # kinds come from the table
    runs = Variants(r.healthy(), r.healthy(), {0: r.healthy()})

    graded = grade(twin, runs)

    assert graded.gates == ("needless_response",)
    assert graded.score is not None
    assert graded.score <= 50


def test_claiming_a_cause_in_a_healthy_twin_costs_the_diagnosis() -> None:
    twin = r.healthy(r.entries((r.STRIKE, "hypothesised", "hypothesis", r.CLAIM)))

    graded = grade(twin, Variants(twin, twin))

    assert graded.parts["diagnosis"] == 0.0


@pytest.mark.parametrize(
    ("claims", "share"),
    [
        pytest.param([], 0.0, id="nothing claimed"),
        pytest.param([("llm", "kv_exhaustion", 0.8)], 1.0, id="right"),
        pytest.param([("llm", "load_spike", 0.8)], 0.8, id="right family: half the mechanism"),
        pytest.param([("embed", "slow_gpu", 0.8)], 0.0, id="wrong"),
        pytest.param(
            [("embed", "slow_gpu", 0.5), ("llm", "kv_exhaustion", 0.5)], 2 / 3, id="a half guess"
        ),
        pytest.param(
            [("embed", "slow_gpu", 0.5), ("embed", "slow_gpu", 0.0), ("llm", "kv_exhaustion", 1)],
            1.0,
            id="a claim withdrawn",
        ),
        pytest.param(
            [("llm", "slow_gpu", 0.9), ("llm", "kv_exhaustion", 0.9)], 1.0, id="a claim revised"
        ),
        pytest.param(
            [(name, "kv_exhaustion", 0.9) for name in r.HEADER.components],
            0.6 * (2 / 7) + 0.4,
            id="everything blamed",
        ),
    ],
)
def test_diagnosis_weighs_component_and_mechanism(
    claims: list[tuple[str, str, float]], share: float
) -> None:
    said: list[dict[str, Json]] = [
        {"component": c, "mechanism": m, "confidence": sure} for c, m, sure in claims
    ]
    spoken = [Entry(n, r.STRIKE + n, "hypothesised", "h", detail) for n, detail in enumerate(said)]
    lived = r.make(r.outage(r.STRIKE, r.HORIZON, r.BAD), tuple(spoken))

    graded = grade(lived, Variants(r.do_nothing(), r.reference()))

    assert graded.parts["diagnosis"] == pytest.approx(share)


def test_a_missing_leave_one_out_run_is_unknown_and_counts_nothing() -> None:
    runs = replace(r.variants(), without={r.LIMIT: r.without_act(r.LIMIT)})

    graded = grade(r.lived(), runs)

    assert line(graded, "safety") == ("unknown", 0.0)


def test_looks_that_came_back_empty_are_unknown_evidence() -> None:
    silent = tuple(
        replace(e, detail={**e.detail, "answer": ""}) if e.kind == "looked" else e for e in r.RESCUE
    )
    lived = replace(r.lived(), entries=silent)

    graded = grade(lived, r.variants())

    assert line(graded, "evidence_before_action") == ("unknown", 0.0)


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [("SEV-1", "pass"), ("SEV-2", "pass"), ("SEV-3", "fail"), ("SEV-9", "fail")],
)
def test_severity_may_be_one_step_off(declared: str, verdict: str) -> None:
    said = tuple(
        replace(e, detail={"severity": declared}) if e.kind == "declared" else e for e in r.RESCUE
    )

    graded = grade(replace(r.lived(), entries=said), r.variants())

    assert line(graded, "severity_right")[0] == verdict


def test_two_acts_of_which_either_would_have_done_are_named() -> None:
    worse = r.make(r.outage(r.STRIKE + 20 * SECOND, 34 * MINUTE, r.BAD))
    alone = {seq: r.lived() for seq in (r.SCALE, r.LIMIT, r.RESTART)}
    runs = replace(r.variants(), without=alone, pairs={(r.SCALE, r.LIMIT): worse})

    graded = grade(r.lived(), runs)

    assert graded.rows[-1].effect == "either alone would have done"


def test_an_alert_that_fired_before_the_strike_detects_nothing() -> None:
    chronic = Entry(900, r.STRIKE - MINUTE, "fired", "TimeToFirstTokenHigh", {})
    lived = replace(r.lived(), entries=(chronic, *r.RESCUE[1:]))

    assert grade(lived, r.variants()).times.detect is None


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"channel": "ticket"}, id="a ticket wakes nobody"),
        pytest.param({"firing": [], "resolved": ["TimeToFirstTokenHigh"]}, id="an all-clear"),
    ],
)
def test_only_a_page_about_something_firing_detects(changed: dict[str, Json]) -> None:
    said = tuple(
        replace(e, detail={**e.detail, **changed}) if e.kind == "paged" else e for e in r.RESCUE
    )

    assert grade(replace(r.lived(), entries=said), r.variants()).times.detect is None


@pytest.mark.parametrize(
    ("gate", "hints", "score"), [(100, 0, 80.0), (60, 0, 60.0), (100, 2, 70.0), (40, 9, 0.0)]
)
def test_gates_cap_the_points_before_hints_are_taken_off(
    gate: int, hints: int, score: float
) -> None:
    parts: dict[Category, float] = {
        "mitigation": 0.8,
        "diagnosis": 0.8,
        "safety": 0.8,
        "process": 0.8,
    }

    assert combine(parts, gate, hints) == pytest.approx(score)


def test_a_reference_that_keeps_refusing_widens_the_band() -> None:
    held = r.outage(r.STRIKE, 2 * r.HORIZON, {"refused": 0.2})
    runs = Variants(r.do_nothing(), r.make(held))

    graded = grade(r.make(held), runs)

    assert graded.recovery.is_widened
    assert graded.recovery.is_recovered
