import json
import math
from dataclasses import replace

import pytest

from simulator.evaluation.alert_picture import alert_picture
from simulator.evaluation.alert_quality import evaluate, judged
from simulator.evaluation.alert_runs import Episode, Watched
from simulator.units import SECOND
from tests.drill.small import small

FAULT = Watched(
    "s", 1, "fault", 100 * SECOND, (), 0, None, -1, math.nan, ("Good", "Noisy", "Dead"), (), {}
)
HEALTHY = replace(FAULT, twin="healthy")


def fired(run: Watched, *episodes: tuple[str, int]) -> Watched:
    found = tuple(Episode(name, at * SECOND, None) for name, at in episodes)
    return replace(run, episodes=found)


def test_precision_recall_and_delay_count_what_fired_after_the_strike() -> None:
    runs = [
        fired(FAULT, ("Noisy", 50), ("Good", 130), ("Good", 300), ("Noisy", 150)),
        fired(replace(FAULT, seed=2), ("Good", 150)),
        fired(HEALTHY, ("Noisy", 10)),
        HEALTHY,
    ]

    good, noisy, _ = judged(runs).rules

    assert (good.firings, good.precision, good.recall) == (3, 1.0, 1.0)
    assert (good.delay_s, good.flaps) == (40.0, 0.5)
    assert (noisy.firings, noisy.recall, noisy.delay_s) == (3, 0.5, 50.0)
    assert noisy.precision == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("blind", "pending", "why"),
    [
        ({"Dead": "no exporter here shows x"}, (), "no exporter here shows x"),
        ({}, ("Dead",), "its condition held, but never for as long as it asks"),
        ({}, (), "its condition was never true"),
    ],
)
def test_a_rule_that_never_fired_says_why(
    blind: dict[str, str], pending: tuple[str, ...], why: str
) -> None:
    run = replace(FAULT, blind=blind, pending=pending)

    dead = judged([run]).rules[2]

    assert (dead.firings, dead.dead) == (0, why)


def test_pages_are_counted_per_incident_and_on_healthy_days() -> None:
    paged = replace(FAULT, pages=3, first_page_at=160 * SECOND, bad_before_page=50,
                    budget_share=0.02)  # fmt: skip

    quality = judged([paged, FAULT, replace(HEALTHY, pages=1)])

    assert (quality.pages_per_incident, quality.detected, quality.false_pages) == (1.5, 0.5, 1.0)
    assert (quality.page_delay_s, quality.bad_before_page) == (60.0, 50.0)


def test_what_is_unknown_is_null_in_json() -> None:
    text = json.dumps(judged([FAULT]).plain(), allow_nan=False)

    assert json.loads(text)["rules"][0]["precision"] is None


@pytest.mark.xdist_group("small")
def test_rules_on_real_drills_fire_or_say_why_not() -> None:
    rules = """
groups:
- name: g
  rules:
  - {alert: Always, expr: vector(1), labels: {severity: page}}
  - {alert: NoSuchMetric, expr: nothing_shows_this > 1}
  - {alert: NoSuchLabel, expr: 'up{job="nobody"} == 0'}
  - {alert: NeverLongEnough, expr: vector(1), for: 10h}
  - {alert: NeverTrue, expr: up > 5}
"""
    scenario = small("alerts=[x.yaml]", files={"x.yaml": rules})

    quality = evaluate([scenario.source], [1])

    found = {rule.name: rule.dead for rule in quality.rules}
    assert found == {
        "Always": "",
        "NoSuchMetric": "no exporter here shows nothing_shows_this",
        "NoSuchLabel": 'no series of up has job="nobody"',
        "NeverLongEnough": "its condition held, but never for as long as it asks",
        "NeverTrue": "its condition was never true",
    }
    assert quality.rules[0].precision == 0.0  # it fired before anything struck


def test_the_picture_has_a_mark_for_every_firing_and_says_why_others_have_none() -> None:
    quality = judged([fired(FAULT, ("Good", 130), ("Noisy", 50)), fired(HEALTHY, ("Noisy", 10))])

    drawn = alert_picture(quality)

    assert drawn.count('class="right"') == 1
    assert drawn.count('class="wrong"') == 2
    assert "never fired: its condition was never true" in drawn
    assert drawn.index(">Good<") < min(drawn.index(">Noisy<"), drawn.index(">Dead<"))
