import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import InvalidInput
from simulator.instruments.alerting.model import AlertRule, RecordingRule, RuleGroup
from simulator.instruments.alerting.rules import read_rules
from simulator.instruments.alerting.templates import expand
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
  - record: "1x"
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


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ $labels.job }} at {{ $value }}", "decode at 1.234567e+06"),
        ("{{ $value | humanize }}", "1.235M"),
        ("{{ humanizePercentage 0.1234 }}", "12.34%"),
        ("{{ humanizeDuration $value }}", "14d 6h 56m 7s"),
        ("{{ humanizeDuration 0.1 }} {{ humanizeDuration 0.00001 }}", "100ms 10us"),
        ("{{ humanizeDuration 3.5 }}", "3.5s"),
        ('{{ printf "%.2f of %s" $value $labels.job }}', "1234567.00 of decode"),
        ('{{ $value | printf "%.3g" }}', "1.23e+06"),
        ('{{ with query "up" }}{{ . | first | value }}{{ end }}', "7"),
        ("{{ if gt $value 3.0 }}hi{{ else }}lo{{ end }}", "hi"),
        ("{{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}", "job=decode pod=p1 "),
        ('{{ range query "up" }}{{ .Labels.a }}{{ end }}', "b"),
        ("{{ .Labels.pod }} {{- /* gone */ -}} !", "p1!"),
        ("[{{ $labels.nothing }}]", "[]"),
        ("{{ $nope }}", '<error expanding template: undefined variable "$nope">'),
    ],
)
def test_templates_are_filled_in_as_prometheus_does(template: str, text: str) -> None:
    labels = {"job": "decode", "pod": "p1"}

    filled = expand(template, labels, 1234567.0, lambda _: [{"Labels": {"a": "b"}, "Value": 7.0}])

    assert filled == text
