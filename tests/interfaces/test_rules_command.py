"""`brownout rules check` and `rules test`, and promtool beside them where it is to be had."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.instruments.handover.real_prometheus import missing, tool
from tests.interfaces.brownout import Brownout

SAME = [
    ("  interval: 1m\n", "\n"),
    ("{eval_time: 3m, alertname: Down}", "{alertname: Down}"),
    ("evaluation_interval: 1m", "evaluation_interval: 1m\ngroup_eval_order: [h, i]"),
    ("expr: job:up:sum < 1", "expr: job:up:sum < 1 unless up offset -1m > 9"),
    ("rule_files:", "fuzzy_compare: true\nrule_files:"),
    ("[rules.yaml]", "[none.yaml, rules.yaml]"),
]
RULES = """
groups:
- name: g
  interval: 7m
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: Down
    expr: job:up:sum < 1
    for: 2m
    keep_firing_for: 1m
    labels: {severity: page, where: '{{ $externalLabels.region }}'}
    annotations: {summary: '{{ $labels.job }} has {{ $value }} of {{ with query "count(up)" }}\
{{ . | first | value }}{{ end }}'}
"""
TESTS = """
rule_files: [rules.yaml]
evaluation_interval: 1m
tests:
- name: falls and comes back
  interval: 1m
  external_labels: {region: eu}
  input_series:
  - {series: 'up{job="a"}', values: '1 1 0x4 1x5'}
  - {series: 'up{job="b"}', values: '1x3 _ stale 1'}
  alert_rule_test:
  - {eval_time: 3m, alertname: Down}
  - eval_time: 4m
    alertname: Down
    exp_alerts:
    - exp_labels: {job: a, severity: page, where: eu}
      exp_annotations: {summary: a has 0 of 2}
  - eval_time: 8m
    alertname: Down
  promql_expr_test:
  - expr: job:up:sum
    eval_time: 2m
    exp_samples:
    - {labels: 'job:up:sum{job="a"}', value: 0}
    - {labels: 'job:up:sum{job="b"}', value: 1}
  - {expr: 'ALERTS{alertstate="firing"}', eval_time: 1m}
  - {expr: '1 + 1', eval_time: 1m, exp_samples: [{value: 2}]}
"""
BROKEN = [
    ("exp_annotations: {summary: a has 0 of 2}", "exp_annotations: {}"),
    ("{eval_time: 3m, alertname: Down}", "{eval_time: 5m, alertname: Down}"),
    ("value: 0}", "value: 0.5}"),
    ("{labels: 'job:up:sum{job=\"b\"}', value: 1}", "{labels: 'job:up:sum{job=\"c\"}', value: 1}"),
    ("for: 2m", "for: 20m"),
    ("  interval: 1m\n", "  interval: 30s\n"),
    ("value: 2}", "value: .nan}"),
    ("value: 2}", "value: 2.0000000000000004}"),
    ("expr: '1 + 1', eval", "expr: '0 / 0', eval"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "test.yaml").write_text(TESTS)
    return tmp_path


def break_(folder: Path, old: str, new: str) -> None:
    for file in ("rules.yaml", "test.yaml"):
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace(old, new))


def test_good_rules_pass_their_tests(brownout: Brownout, folder: Path) -> None:
    done = brownout("rules", "test", str(folder / "test.yaml"))

    assert (done.code, done.out) == (0, f"{folder / 'test.yaml'}: SUCCESS\n")


@pytest.mark.parametrize(("old", "new"), SAME)
def test_what_promtool_lets_pass_passes(
    brownout: Brownout, folder: Path, old: str, new: str
) -> None:
    break_(folder, old, new)

    done = brownout("rules", "test", str(folder / "test.yaml"))

    assert done.out == f"{folder / 'test.yaml'}: SUCCESS\n"


@pytest.mark.parametrize(("old", "new"), BROKEN)
def test_what_differs_is_told_with_its_line(
    brownout: Brownout, folder: Path, old: str, new: str
) -> None:
    break_(folder, old, new)

    done = brownout("rules", "test", str(folder / "test.yaml"))

    assert done.code == 4
    assert " 1 failed" in done.out
    assert "expected:" in done.out
    assert "found:" in done.out


@pytest.mark.skipif(
    bool(missing()), reason=f"{len([*BROKEN, *SAME]) + 1} verdicts not compared: {missing()}"
)
@pytest.mark.parametrize(("old", "new"), [("", ""), *BROKEN, *SAME])
def test_promtool_gives_the_same_verdict(
    brownout: Brownout, folder: Path, old: str, new: str
) -> None:
    if old:
        break_(folder, old, new)
    theirs = subprocess.run(
        [tool("promtool"), "test", "rules", str(folder / "test.yaml")],
        capture_output=True, check=False,
    )  # fmt: skip

    ours = brownout("rules", "test", str(folder / "test.yaml"))

    assert (ours.code == 0) is (theirs.returncode == 0)


def test_a_broken_test_file_is_told_at_once_with_its_places(
    brownout: Brownout, folder: Path
) -> None:
    (folder / "test.yaml").write_text("""
rule_files: [none.yaml]
evaluation_interval: 1x
tests:
- input_series: [{series: 'up{', values: '1 x'}, {}]
  alert_rule_tests: []
  promql_expr_test: [{expr: 'sum(', eval_time: 1m}]
""")

    done = brownout("rules", "test", str(folder / "test.yaml"))

    assert done.code == 3
    for said in ("3:22: ", "'up{' lacks", "'x' is not a value", "'series' is missing", "6:3: ",
                 "bad-expression"):  # fmt: skip
        assert said in done.err


def test_a_rule_file_that_is_not_there_is_named(brownout: Brownout, folder: Path) -> None:
    (folder / "rules.yaml").unlink()

    done = brownout("rules", "test", str(folder / "test.yaml"))

    assert done.code == 4
    assert "warning: no file matches the pattern 'rules.yaml'" in done.err


def test_rules_are_counted(brownout: Brownout, folder: Path) -> None:
    done = brownout("rules", "check", str(folder / "rules.yaml"))

    assert done.code == 0
    assert done.out.endswith("1 alerts and 1 recording rules in 1 groups\n")


@pytest.mark.parametrize("rest", ["groups: []", "[", "words"])
def test_what_prometheus_leaves_unread_is_said(
    brownout: Brownout, tmp_path: Path, rest: str
) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(f"groups:\n- {{name: a}}\n---\n{rest}")

    done = brownout("rules", "check", str(file))

    assert done.code == 0
    assert re.search(r"two.yaml:[45]: what follows '---' is not read", done.out)


def test_an_empty_test_file_is_said_to_be_empty(brownout: Brownout, tmp_path: Path) -> None:
    file = tmp_path / "none.yaml"
    file.write_text("")

    done = brownout("rules", "test", str(file))

    assert done.code == 3
    assert "none.yaml:1:1: this file is empty" in done.err


def test_mistakes_of_all_rule_files_are_told(brownout: Brownout, folder: Path) -> None:
    (folder / "a.yaml").write_text(RULES.replace("sum by", "sum bye"))
    (folder / "b.yaml").write_text(RULES.replace("for: 2m", "for: 2x"))

    done = brownout("rules", "check", str(folder / "a.yaml"), str(folder / "b.yaml"))

    assert done.code == 3
    assert "a.yaml:7:11" in done.err
    assert "b.yaml:10:10" in done.err
