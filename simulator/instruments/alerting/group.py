"""Evaluates rule groups: rules in order, each seeing what earlier ones wrote this tick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from simulator.errors import QueryError
from simulator.instruments.alerting.alert_state import AlertStates, Found
from simulator.instruments.alerting.model import (
    ActiveAlert,
    AlertRule,
    AlertTransition,
    RecordingRule,
    Rule,
    RuleGroup,
)
from simulator.instruments.alerting.output import RuleOutput, recorded
from simulator.instruments.alerting.retired import RetiredRule
from simulator.instruments.alerting.template_values import Record, TemplateError, Value
from simulator.instruments.alerting.templates import expand
from simulator.instruments.promql.budget import SAMPLES_MAX, Budget
from simulator.instruments.promql.plan import Plan, compile_query
from simulator.instruments.series.labels import NAME, Labels, labels_of
from simulator.instruments.series.store import SeriesStore


@dataclass(frozen=True, slots=True)
class EvaluationFailure:
    """A rule that could not be evaluated; its series and alerts stay as they were."""

    t_ms: int
    rule: str
    message: str


class RunningGroup:
    """A rule group at work on one store. Expressions are planned once, when it is made."""

    def __init__(
        self,
        group: RuleGroup,
        store: SeriesStore,
        *,
        external_labels: Mapping[str, str] | None = None,
        external_url: str = "",
    ) -> None:
        self.group = group
        self.store = store
        self.failures: list[EvaluationFailure] = []
        self._external = (external_labels or {}, external_url)
        self._rules = [self._running(rule) for rule in group.rules]
        self._retired: list[RetiredRule] = []

    def next_ms(self, after_ms: int) -> int:
        """The first evaluation later than an instant."""
        return self.group.next_ms(after_ms)

    def become(self, group: RuleGroup) -> None:
        """Take a changed file over, as Prometheus does when it reloads.

        A rule of the same name and labels keeps its alerts, whatever its expression; series of
        rules that are gone end at the next evaluation.
        """
        before, self.group = self._rules, group
        taken: list[_RunningRecording | _RunningAlert] = []
        rules = []
        for rule in group.rules:
            old = next((r for r in before if r.is_same(rule) and r not in taken), None)
            if old is None:
                rules.append(self._running(rule))
            else:
                taken.append(old)
                old.take(rule, group)
                rules.append(old)
        self._rules = rules
        for running in before:
            if running not in taken:
                self._retired.append(running.retired())

    def _running(self, rule: Rule) -> "_RunningRecording | _RunningAlert":
        if isinstance(rule, AlertRule):
            return _RunningAlert(rule, self.group, self.store, self._external)
        return _RunningRecording(rule, self.group, self.store)

    def evaluate(self, t_ms: int) -> list[AlertTransition]:
        """Evaluate every rule at one instant; what failed this time is in `failures`."""
        self.failures = []
        transitions: list[AlertTransition] = []
        for gone in list(self._retired):
            transitions += gone.evaluate(t_ms)
            if gone.is_done:
                self._retired.remove(gone)
        for rule in self._rules:
            try:
                transitions += rule.evaluate(t_ms)
            except QueryError as error:
                self.failures.append(EvaluationFailure(t_ms, rule.name, str(error)))
        return transitions

    def reads(self, t_ms: int) -> int:
        """How many samples its expressions read at an instant; those that fail read none."""
        at, budget = t_ms - self.group.query_offset_ms, Budget()
        for rule in self._rules:
            try:
                rule.plan.instant(self.store, at, budget=budget)
            except QueryError:
                continue
        return SAMPLES_MAX - budget.left

    def alerts(self) -> list[ActiveAlert]:
        """Pending and firing alerts, rule by rule."""
        return [alert for rule in self._rules for alert in rule.alerts()]


class _RunningRecording:
    def __init__(self, rule: RecordingRule, group: RuleGroup, store: SeriesStore) -> None:
        self.name = rule.name
        self._rule, self._group, self._store = rule, group, store
        self.plan = compile_query(rule.expr)
        self._output = RuleOutput(store)

    def is_same(self, rule: Rule) -> bool:
        """Whether a rule of a changed file carries this one on."""
        mine = (self._rule.record, self._rule.labels)
        return isinstance(rule, RecordingRule) and (rule.record, rule.labels) == mine

    def take(self, rule: Rule, group: RuleGroup) -> None:
        """Go on with a changed expression."""
        if isinstance(rule, RecordingRule):
            self._rule, self._group, self.plan = rule, group, compile_query(rule.expr)

    def retired(self) -> RetiredRule:
        """What is left to do when the rule is gone."""
        return RetiredRule((self._output,), (), self._group)

    def evaluate(self, t_ms: int) -> list[AlertTransition]:
        """Write the result under the rule's name."""
        result = self.plan.vector(self._store, t_ms - self._group.query_offset_ms)
        vector = recorded(result, self._rule.record, self._rule.labels)
        if vector.frame.repeats:
            vector.checked()
        _check_limit(self._group.limit, len(vector))
        self._output.write_vector(t_ms, vector)
        return []

    def alerts(self) -> list[ActiveAlert]:
        """A recording rule has none."""
        return []


class _RunningAlert:
    def __init__(
        self,
        rule: AlertRule,
        group: RuleGroup,
        store: SeriesStore,
        external: tuple[Mapping[str, str], str],
    ) -> None:
        self.name = rule.name
        self._rule, self._group, self._store = rule, group, store
        self._external = external
        self.plan = compile_query(rule.expr)
        self._states = AlertStates(rule, group.name)
        self._queries: dict[str, Plan] = {}
        self._alerts, self._since = RuleOutput(store), RuleOutput(store)
        self._is_quiet = True
        self._is_plain = _is_plain(rule)

    def is_same(self, rule: Rule) -> bool:
        """Whether a rule of a changed file carries this one on."""
        mine = (self._rule.alert, self._rule.labels)
        return isinstance(rule, AlertRule) and (rule.alert, rule.labels) == mine

    def take(self, rule: Rule, group: RuleGroup) -> None:
        """Go on with a changed expression or `for`; alerts stay as they are."""
        if isinstance(rule, AlertRule):
            self._rule, self._group, self.plan = rule, group, compile_query(rule.expr)
            self._states.take(rule)
            self._is_plain = _is_plain(rule)

    def retired(self) -> RetiredRule:
        """What is left to do when the rule is gone."""
        return RetiredRule((self._alerts, self._since), self.alerts(), self._group)

    def evaluate(self, t_ms: int) -> list[AlertTransition]:
        """Step the alerts and write `ALERTS` and `ALERTS_FOR_STATE`."""
        at = t_ms - self._group.query_offset_ms
        result = self.plan.vector(self._store, at)
        if self._is_quiet and not len(result):
            return []
        samples = result.samples()
        found = [self._found(labels, value, at) for labels, value in samples]
        if len({each.labels for each in found}) < len(found):
            raise QueryError(
                "vector contains metrics with the same labelset after applying alert labels"
            )
        transitions = self._states.step(t_ms, found)
        current = self._states.current()
        self._check_limit(len(current))
        self._write(t_ms, current)
        # Nothing is known and the last row ended every series: an empty result changes nothing.
        self._is_quiet = not self._states.active and not current
        return transitions

    def alerts(self) -> list[ActiveAlert]:
        """Pending and firing alerts."""
        return self._states.current()

    def _found(self, labels: Labels, value: float, t_ms: int) -> Found:
        if self._is_plain:
            return Found(_alert_labels(labels, self._rule), self._rule.annotations, value)
        named = dict(labels)

        def query(text: str) -> Sequence[Value]:
            return self._query(text, t_ms)

        def filled(text: str) -> str:
            return expand(text, named, value, query, *self._external)

        own = {name: filled(text) for name, text in self._rule.labels}
        kept = {name: text for name, text in named.items() if name != NAME}
        return Found(
            labels_of({**kept, **own, "alertname": self._rule.alert}),
            tuple((name, filled(text)) for name, text in self._rule.annotations),
            value,
        )

    def _query(self, text: str, t_ms: int) -> Sequence[Value]:
        """What a template's `query` gives; errors end up in the expanded text."""
        try:
            if text not in self._queries:
                self._queries[text] = compile_query(text)
            samples = self._queries[text].vector(self._store, t_ms).samples()
        except QueryError as error:
            raise TemplateError(str(error)) from error
        return [Record(Labels=dict(labels), Value=value) for labels, value in samples]

    def _check_limit(self, count: int) -> None:
        """Forget every alert when there are too many, as Prometheus does."""
        try:
            _check_limit(self._group.limit, count)
        except QueryError:
            self._states.active.clear()
            raise

    def _write(self, t_ms: int, current: Sequence[ActiveAlert]) -> None:
        states = [(_state_series(a.labels, a.state.value), 1.0) for a in current]
        since = [(_since_series(a.labels), float(a.active_at_ms // 1000)) for a in current]
        self._alerts.write_samples(t_ms, states)
        self._since.write_samples(t_ms, since)


def _is_plain(rule: AlertRule) -> bool:
    """Whether a rule's texts are the same for every element."""
    return not any("{{" in text for _, text in (*rule.labels, *rule.annotations))


@lru_cache(maxsize=4096)
def _alert_labels(labels: Labels, rule: AlertRule) -> Labels:
    """An element's labels as its alert's, for a rule without templates."""
    kept = {name: text for name, text in labels if name != NAME}
    return labels_of({**kept, **dict(rule.labels), "alertname": rule.alert})


@lru_cache(maxsize=4096)
def _state_series(labels: Labels, state: str) -> Labels:
    return labels_of({**dict(labels), NAME: "ALERTS", "alertstate": state})


@lru_cache(maxsize=4096)
def _since_series(labels: Labels) -> Labels:
    return labels_of({**dict(labels), NAME: "ALERTS_FOR_STATE"})


def _check_limit(limit: int, count: int) -> None:
    if limit and count > limit:
        raise QueryError(f"exceeded limit of {limit} with {count} series or alerts")
