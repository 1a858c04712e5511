"""Mistakes outside the scenario's own file: in overrides, and in files it names."""

from dataclasses import replace

import pytest

from simulator.errors import InvalidInput
from simulator.scenario.reader import build
from tests.scenario.small import FILES, TEXT, said, source


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "faults[0].at=3",
            "--set faults[0].at: fault 1, at: '3' needs a unit here: write 3s, 3m or 3h [duration]",
        ),
        ("faults[3].at=3m", ("--set faults[3].at: there is no [3]; the list has 1 items, counted "
         "from 0 [override]")),
        ("faults.at=3m", ("--set faults.at: 'at' stands in a list; write its number, such as [0] "
         "[override]")),
        ("titel=x", "--set titel: unknown field 'titel' (did you mean 'title'?) [unknown-field]"),
        ("lasts.x=1", "--set lasts.x: nothing can be set below a single value at 'x' [override]"),
        ("lasts=[", ("--set lasts: did not find expected node content while parsing a flow node "
         "[syntax]")),
        ("lasts", "--set lasts: write it as path=value, such as faults[0].at=3m [override]"),
        (
            "faults[0].target=class/x",
            "--set faults[0].target: no class 'x' in this scenario; there is: chat [unknown-class]",
        ),
    ],
)  # fmt: skip
def test_an_override_that_is_wrong_says_which(override: str, expected: str) -> None:
    assert said(TEXT, (override,)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "alert: TimeToFirstTokenHigh", "alert: TimeToFirstTokenHihg",
            ("data/runbooks/small.yaml:3:13: no rule file has an alert 'TimeToFirstTokenHihg'; "
            "there is: TimeToFirstTokenHigh [unknown-alert]"),
        ),
        (
            "target: llm", "target: lmm",
            ("data/runbooks/small.yaml:6:27: no component 'lmm' in this scenario "
            "(did you mean 'llm'?); there is: embed, gateway, llm, passages [unknown-target]"),
        ),
        (
            "wait: 2m", "wait: 2",
            ("data/runbooks/small.yaml:7:11: step 3, wait: '2' needs a unit here: "
            "write 2s, 2m or 2h [duration]"),
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_the_reference_is_told_in_its_file(old: str, new: str, expected: str) -> None:
    assert _with_file("runbooks/small.yaml", old, new) == [expected]


def test_a_mistake_in_a_rule_file_is_told_in_its_file() -> None:
    found = _with_file("rules/small.rules.yaml", "[2m])))", "[2m]))")

    assert [line.split(" ")[0] for line in found] == ["data/rules/small.rules.yaml:5:15:"]


def test_a_mistake_in_a_manifest_is_told_in_its_file() -> None:
    found = _with_file("hpa/small.yaml", "name: gateway}\n  min", "name: gatway}\n  min")

    assert found == [
        (
            "data/hpa/small.yaml:5:65: no component 'gatway' in this scenario "
            "(did you mean 'gateway'?); there is: embed, gateway, llm, passages [unknown-target]"
        )
    ]


def test_a_utilization_that_cannot_be_known_is_warned_of() -> None:
    found = said(TEXT.replace("    requests: {cpu: 2}\n", ""))

    assert found == [
        (
            "hpa/small.yaml:10:17: component 'gateway' requests no cpu, so its "
            "utilization is unknown and this policy never acts; write requests: {cpu: ...} there "
            "[no-request] warning"
        )
    ]


def _with_file(name: str, old: str, new: str) -> list[str]:
    assert old in FILES[name]
    files = {**FILES, name: FILES[name].replace(old, new)}
    shown = {path: f"data/{path}" for path in files}
    with pytest.raises(InvalidInput) as caught:
        build(replace(source(), files=files, shown=shown))
    return [str(mistake) for mistake in caught.value.mistakes]
