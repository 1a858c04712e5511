from itertools import pairwise

import pytest

from simulator.system.topology.checks import problems
from tests.system.topology.worked import ASKDOCS, parts

ROUND = """
classes: {chat: {arrives_at: a}, other: {arrives_at: b}}
components:
  a: {kind: workers, workers: 1, handles: {chat: [call: b]}, service: 1ms}
  b: {kind: workers, workers: 1, handles: {chat: [call: c]}, service: 1ms}
  c: {kind: workers, workers: 1, handles: {chat: [{chance: 10%, then: [call: a]}]}, service: 1ms}
"""


def test_a_system_that_fits_has_no_problems() -> None:
    assert problems(parts()) == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "code", "message"),
    [
        pytest.param(
            "call: llm", "call: lmm", ("components", "gateway", "handles", "chat", 2, "call"),
            "unknown-target", "no component 'lmm' (did you mean 'llm'?); there is: embed, gateway, "
            "llm, passages, provider, vectors", id="a callee that is not there",
        ),
        pytest.param(
            "call: vectors", "call: vctors",
            ("components", "gateway", "handles", "chat", 1, "on_miss", 1, "call"),
            "unknown-target", "no component 'vctors' (did you mean 'vectors'?); there is: embed, "
            "gateway, llm, passages, provider, vectors", id="a callee deep inside",
        ),
        pytest.param(
            "{call: passages, on_miss", "{call: embed, on_miss",
            ("components", "gateway", "handles", "chat", 1, "on_miss"),
            "not-a-cache", "on_miss needs a cache; 'embed' is of kind batch", id="no cache",
        ),
        pytest.param(
            "      chat:\n        -", "      chatt:\n        -",
            ("components", "gateway", "handles", "chatt"),
            "unknown-class", "no class 'chatt' (did you mean 'chat'?); there is: chat",
            id="a class that is not there",
        ),
        pytest.param(
            "gateway -> llm", "gateway -> vllm", ("edges", "gateway -> vllm"),
            "unknown-target", "no component 'vllm' (did you mean 'llm'?); there is: embed, "
            "gateway, llm, passages, provider, vectors", id="an edge to nowhere",
        ),
        pytest.param(
            "gateway -> llm", "gateway to llm", ("edges", "gateway to llm"),
            "edge", "'gateway to llm' is not an edge; write caller -> callee", id="no arrow",
        ),
        pytest.param(
            "gateway -> llm", "llm -> users", ("edges", "llm -> users"),
            "unknown-target", "no component 'users'; there is: embed, gateway, llm, passages, "
            "provider, vectors", id="users are called by nobody",
        ),
        pytest.param(
            "gateway -> llm", "llm -> llm", ("edges", "llm -> llm"),
            "cycle", "llm calls itself; calls would never finish", id="a call to oneself",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_where_it_is_written(
    old: str, new: str, path: tuple[str | int, ...], code: str, message: str
) -> None:
    found = problems(parts(ASKDOCS.replace(old, new, 1)))

    assert [(problem.path, problem.code, problem.message) for problem in found] == [
        (path, code, message)
    ]


def test_a_cycle_is_told_once_in_the_order_of_the_calls() -> None:
    (found,) = problems(parts(ROUND))

    assert found.code == "cycle"
    names = found.message.removesuffix(" is a cycle; calls would never finish").split(" → ")
    assert names[0] == names[-1]
    assert set(pairwise(names)) == {("a", "b"), ("b", "c"), ("c", "a")}


def test_going_round_by_different_classes_is_no_cycle() -> None:
    text = ROUND.replace("{chance: 10%, then: [call: a]}", "work: 1ms").replace(
        "b: {kind: workers, workers: 1, handles: {", "b: {kind: workers, workers: 1, handles: {"
        "other: [call: a], ",
    )  # fmt: skip

    assert problems(parts(text)) == ()


def test_a_class_that_reaches_a_component_without_steps_for_it_is_told_what_to_write() -> None:
    text = ASKDOCS.replace("components:", "  batch: {arrives_at: gateway}\ncomponents:")

    (found,) = (problem for problem in problems(parts(text)) if not problem.is_warning)

    assert (found.path, found.code) == (("components", "gateway"), "no-steps")
    assert "write handles: {batch: [work: 2ms]} or service: 2ms" in found.message


def test_what_nothing_reaches_is_a_warning() -> None:
    text = ASKDOCS.replace(", on_failure: [{call: provider}]", "")
    text += "  vectors -> llm: {delay: 1ms}\n"

    found = problems(parts(text))

    assert [(problem.path, problem.is_warning) for problem in found] == [
        (("components", "provider"), True),
        (("edges", "vectors -> llm"), True),
    ]


@pytest.mark.parametrize(("other", "found"), [(0, ["same-priority"]), (1, [])])
def test_a_queue_by_priority_that_has_only_one_is_a_warning(other: int, found: list[str]) -> None:
    text = f"""
classes: {{chat: {{arrives_at: a}}, job: {{arrives_at: a, priority: {other}}}}}
components:
  a: {{kind: workers, workers: 1, service: 1ms, by_priority: true}}
"""

    told = problems(parts(text))

    assert [problem.code for problem in told] == found
    assert all(problem.is_warning for problem in told)
