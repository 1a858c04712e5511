import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import InvalidInput
from simulator.instruments.alerting.model import AlertRule, RecordingRule, RuleGroup
from simulator.instruments.alerting.rules import read_rules
from tests.instruments.development_data import DATA

PUBLIC = sorted((DATA / "rules").glob("*.yaml"))
UNIT_TESTS = "kubernetes-mixin-kubelet-unit-test.yaml"

GOOD = """
groups:
- name: serving
  interval: 15s
  labels: {team: ml}
  rules:
  - record: job:errors:ratio
    expr: sum by (job) (rate(errors_total[5m]))
  - alert: TooManyErrors
    expr: job:errors:ratio > 0.01
    for: 1m30s
    keep_firing_for: 5m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.job }}"}
"""

BAD = """groups:
- name: a
  interval: 5x
  rules:
  - alert: A
    expr: rate(foo)
    fro: 5m
    annotations: {x: "{{ foo }}", y: "{{ $lables.x }}"}
  - record: "x{a}"
    expr: up
    for: 5m
  - expr: up
- name: a
  rulez: []
"""


def test_a_rule_file_becomes_rules() -> None:
    (group,) = read_rules(GOOD, "serving.yaml")

    assert group == RuleGroup(
        "serving",
        (
            RecordingRule(
                "job:errors:ratio",
                "sum by (job) (rate(errors_total[5m]))",
                (("team", "ml"),),
            ),
            AlertRule(
                "TooManyErrors",
                "job:errors:ratio > 0.01",
                (("severity", "page"), ("team", "ml")),
                (("summary", "{{ $labels.job }}"),),
                90_000,
                300_000,
            ),
        ),
        15_000,
        "serving.yaml",
    )


def test_every_mistake_is_reported_with_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_rules(BAD, "f.yaml")

    places = [(m.line, m.col, m.code) for m in caught.value.mistakes]
    assert places == [
        (3, 13, "bad-duration"),
        (6, 11, "bad-expression"),
        (7, 5, "unknown-key"),
        (8, 22, "bad-template"),
        (8, 38, "bad-template"),
        (9, 13, "bad-name"),
        (11, 10, "unknown-key"),
        (12, 5, "missing-key"),
        (13, 3, "repeated-name"),
        (14, 3, "unknown-key"),
    ]


def test_what_is_not_yaml_is_said_at_once() -> None:
    with pytest.raises(InvalidInput, match=r"f\.yaml:2:1"):
        read_rules("groups: [\n", "f.yaml")


@pytest.mark.skipif(not PUBLIC, reason="public rule files are not here")
@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_public_rule_files_are_read(path: Path) -> None:
    if path.name == UNIT_TESTS:
        pytest.skip("holds unit tests, not rules")

    groups = read_rules(path.read_text(), path.name)

    assert sum(len(group.rules) for group in groups) > 0


def test_a_group_is_evaluated_on_a_grid_of_its_own() -> None:
    group = RuleGroup("serving", (), interval_ms=30_000)

    first = group.next_ms(0)
    instants = [first, group.next_ms(first), group.next_ms(first + 1), group.next_ms(first - 1)]

    assert instants == [first, first + 30_000, first + 30_000, first]
    assert first % 30_000 == group.offset_ms
    assert group.offset_ms == 27_000


def test_reading_rules_needs_no_arrays() -> None:
    code = (
        "import sys; import simulator.instruments.alerting.rules; "
        "print([m for m in ('numpy', 'numba', 'simpy', 'networkx') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "[]"


GO_READS = """groups:
- name: serving
  rules:
  - &slow
    alert: Slow
    expr: ttft_p99 > 2
    labels: {severity: page, team.name: null}
    annotations: {run-book: wiki/slow}
    for:
  -
  - <<: *slow
    alert: VerySlow
    expr: ttft_p99 > 9
  - record: "queue depth"
    expr: 1
    for: 0s
    annotations:
---
groups: later documents are not read
"""


def test_files_are_read_as_go_reads_them() -> None:
    (group,) = read_rules(GO_READS, "serving.yaml")

    labels, notes = (("severity", "page"), ("team.name", "")), (("run-book", "wiki/slow"),)
    assert group.rules == (
        AlertRule("Slow", "ttft_p99 > 2", labels, notes),
        AlertRule("VerySlow", "ttft_p99 > 9", labels, notes),
        RecordingRule("queue depth", "1"),
    )


MANIFESTS = """
apiVersion: v1
kind: List
items:
- kind: Service
  spec: {ports: []}
- kind: PrometheusRule
  spec:
    groups: [{name: a, partial_response_strategy: warn, rules: [{record: x, expr: up}]}]
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
spec:
  groups: [{name: a, rules: [{record: y, expr: up}]}]
"""


def test_rules_are_found_among_manifests() -> None:
    groups = read_rules(MANIFESTS, "all.yaml")

    assert [group.rules for group in groups] == [
        (RecordingRule("x", "up"),),
        (RecordingRule("y", "up"),),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: Service\nspec: {}", "1:1: here is no PrometheusRule, only Service"),
        ("kind: PrometheusRule", "1:1: a PrometheusRule needs a 'spec'"),
        ("apiVersion: 1\ngroups: []", "1:1: .*; Grafana's own alert rules are not read"),
        ("groups:\n- name: a\x07", r"2:10: this is not YAML"),
        ("groups: &all\n- rules: *all", "1:1: an alias stands inside of what it names"),
        ("groups:\n- {name: a, partial_response_strategy: warn}", "2:13: .* has no key"),
    ],
)
def test_what_holds_no_rules_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"f.yaml:{said}"):
        read_rules(text, "f.yaml")


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("rate(x[$__rate_interval])", "a variable of Grafana's"),
        ("x > {{ .Values.limit }}", "looks like a template"),
        ('sum(rate({app="x"} |= "error" [5m]))', "looks like Loki's LogQL"),
        ('count_over_time({app="x"} | json [5m])', "looks like Loki's LogQL"),
        ("histogram_share(1, x)", "looks like MetricsQL"),
        ("rate(x) keep_metric_names", "looks like MetricsQL"),
        ("x default 0", "looks like MetricsQL"),
    ],
)
def test_other_languages_are_told_by_their_words(expr: str, said: str) -> None:
    text = f"groups: [{{name: a, rules: [{{record: x, expr: {json.dumps(expr)}}}]}}]"

    with pytest.raises(
        InvalidInput, match=r"f\.yaml:1:\d+: 1:\d+: parse error: .* \(it "
    ) as caught:
        read_rules(text, "f.yaml")

    assert said in str(caught.value)


def test_a_mistake_in_promql_is_not_taken_for_another_language() -> None:
    text = "groups: [{name: a, rules: [{record: x, expr: 'rate(y{a=\"$1|=b\"})'}]}]"

    with pytest.raises(InvalidInput, match=r"got instant vector \[bad-expression\]$"):
        read_rules(text, "f.yaml")


def test_a_template_of_a_chart_is_told() -> None:
    with pytest.raises(InvalidInput, match=r"f\.yaml:1:3: this is not YAML: .* as Helm does"):
        read_rules("{{- if .Values.alerts }}\ngroups: []\n{{- end }}\n", "f.yaml")
