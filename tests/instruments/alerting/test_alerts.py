from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.instruments.alerting.alert_state import AlertStates, Found
from simulator.instruments.alerting.group import RunningGroup
from simulator.instruments.alerting.model import AlertRule, AlertState, RecordingRule, RuleGroup
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series.labels import labels_of
from simulator.instruments.series.store import SeriesStore

MINUTE = 60_000
P, F, Q = AlertState.PENDING, AlertState.FIRING, AlertState.INACTIVE
UP = labels_of({"__name__": "up", "job": "a"})


def states_over(rule: AlertRule, holds: list[int], step_ms: int = MINUTE) -> list[AlertState]:
    machine, seen = AlertStates(rule), []
    for tick, held in enumerate(holds):
        machine.step(tick * step_ms, [Found((("a", "b"),), (), 1.0)] if held else [])
        current = machine.current()
        seen.append(current[0].state if current else Q)
    return seen


@pytest.mark.parametrize(
    ("for_ms", "keep_ms", "holds", "states"),
    [
        pytest.param(0, 0, [1, 0], [F, Q], id="without a wait it fires at once"),
        pytest.param(2 * MINUTE, 0, [1, 1, 1], [P, P, F], id="fires after two minutes"),
        pytest.param(2 * MINUTE, 0, [1, 0, 1], [P, Q, P], id="a gap starts the wait again"),
        pytest.param(5 * MINUTE, 0, [1] * 6, [P] * 5 + [F], id="five minutes: the sixth tick"),
        pytest.param(0, MINUTE, [1, 0, 0], [F, F, Q], id="keeps firing for a minute"),
        pytest.param(0, 2 * MINUTE, [1, 0, 1, 0, 0, 0], [F, F, F, F, F, Q], id="return resets it"),
        pytest.param(MINUTE, 0, [1, 1, 0, 1, 1], [P, F, Q, P, F], id="resolved starts anew"),
    ],
)
def test_alert_evaluated_every_minute(
    for_ms: int, keep_ms: int, holds: list[int], states: list[AlertState]
) -> None:
    rule = AlertRule("A", "up == 0", for_ms=for_ms, keep_firing_for_ms=keep_ms)

    assert states_over(rule, holds) == states


@dataclass
class SlowModel:
    """Says an alert's state from the whole history of its condition."""

    for_ticks: int
    keep_ticks: int

    def states(self, holds: list[int]) -> list[AlertState]:
        seen: list[AlertState] = []
        for tick in range(len(holds)):
            firing = self._firing(holds, tick, seen)
            seen.append(F if firing else P if holds[tick] else Q)
        return seen

    def _firing(self, holds: list[int], tick: int, seen: list[AlertState]) -> bool:
        was_firing = tick > 0 and seen[tick - 1] is F
        if holds[tick]:
            started = tick
            while started > 0 and holds[started - 1]:
                started -= 1
            return was_firing or tick - started >= self.for_ticks
        last = max((t for t in range(tick) if holds[t]), default=-1)
        return was_firing and tick - (last + 1) < self.keep_ticks


@given(
    st.lists(st.integers(0, 1), max_size=40),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_alerts_follow_their_definition(holds: list[int], for_ticks: int, keep: int) -> None:
    rule = AlertRule("A", "x", for_ms=for_ticks * MINUTE, keep_firing_for_ms=keep * MINUTE)

    assert states_over(rule, holds) == SlowModel(for_ticks, keep).states(holds)


def down(store: SeriesStore) -> RunningGroup:
    alert = AlertRule(
        "Down",
        "job:up < 1",
        (("severity", "page"),),
        (("summary", "{{ $labels.job }} is {{ $value }}"),),
        60_000,
        60_000,
    )
    record = RecordingRule("job:up", "sum by (job) (up)", (("source", "rule"),))
    return RunningGroup(RuleGroup("g", (record, alert), 15_000), store)


def test_alerts_follow_a_recording_of_the_same_tick_and_are_stored() -> None:
    store = SeriesStore()
    group = down(store)
    changes = []

    for second in range(0, 330, 15):
        store.append(UP, second * 1000, 0.0 if 60 <= second <= 195 else 1.0)
        changes += [(t.t_ms // 1000, str(t.change)) for t in group.evaluate(second * 1000)]

    assert changes == [(60, "pending"), (120, "firing"), (270, "resolved")]
    assert _times(store, 'ALERTS{alertstate="pending"}') == [60, 75, 90, 105]
    assert _times(store, 'ALERTS{alertstate="firing"}') == list(range(120, 270, 15))
    assert _times(store, "ALERTS_FOR_STATE == 60") == list(range(60, 270, 15))
    assert group.alerts() == []


def test_a_recorded_series_that_is_gone_is_stale() -> None:
    store = SeriesStore()
    record = RecordingRule("is:up", "up == 1")
    group = RunningGroup(RuleGroup("g", (record,), 15_000), store)

    for second, value in ((0, 1.0), (15, 0.0), (30, 1.0)):
        store.append(UP, second * 1000, value)
        group.evaluate(second * 1000)

    assert _times(store, "is:up")[:2] == [0, 30]
    assert not compile_query("is:up").vector(store, 29_999)


def test_a_rule_that_fails_leaves_its_alerts_and_says_why() -> None:
    store = SeriesStore()
    rule = AlertRule("A", "up * on (job) up")
    group = RunningGroup(RuleGroup("g", (rule,), 15_000), store)
    store.append(UP, 0, 1.0)
    group.evaluate(0)
    store.append(labels_of({"__name__": "up", "job": "a", "pod": "2"}), 15_000, 1.0)

    transitions = group.evaluate(15_000)

    assert transitions == []
    assert "many-to-many" in group.failures[0].message
    assert [alert.state for alert in group.alerts()] == [F]


def _times(store: SeriesStore, text: str) -> list[int]:
    matrix = compile_query(text).range(store, 0, 315_000, 15_000)
    return [t // 1000 for series in matrix for t in series.times_ms]
