from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from simulator.plant.spec import Call, Chance, Distribution, Loop, Parallel, Return, Work
from simulator.system.topology.steps import Step, callees, program
from simulator.units import MS

STEPS = TypeAdapter(list[Step])
GRAMMAR = (
    "a step is one of: work: 2ms, {call: NAME}, {enqueue: NAME}, {parallel: [[...], [...]]}, "
    "{chance: 40%, then: [...]}, {loop: {times: 4, steps: [...]}}, {return: ok}"
)


def test_every_step_is_said_in_the_plants_terms() -> None:
    steps = STEPS.validate_python(
        [
            {"work": "2ms"},
            {"call": "cache", "on_miss": [{"call": "store"}], "on_failure": [{"return": "ok"}]},
            {"parallel": [[{"call": "left"}], [{"call": "right"}]], "join": "first"},
            {"chance": "40%", "then": [{"return": "refused"}], "else": [{"call": "late"}]},
            {
                "loop": {
                    "times": 4,
                    "steps": [{"call": "llm", "prompt_tokens": 90, "output_tokens": 30}],
                    "max": 6,
                    "context_grows": {"by": 800},
                    "context_max": 9000,
                    "within": "30s",
                }
            },
        ]
    )

    said = program(steps)

    assert said == (
        Work(Distribution("fixed", 2 * MS)),
        Call("cache", (Call("store"),), (Return("ok"),)),
        Parallel(((Call("left"),), (Call("right"),)), "first"),
        Chance(0.4, (Return("refused"),), (Call("late"),)),
        Loop(
            Distribution("fixed", 4),
            (
                Call(
                    "llm",
                    prompt_tokens=Distribution("fixed", 90),
                    output_tokens=Distribution("fixed", 30),
                ),
            ),
            6,
            Distribution("fixed", 800),
            9000,
            30_000 * MS,
        ),
    )
    assert callees(said) == ("cache", "store", "left", "right", "late", "llm")


@pytest.mark.parametrize(
    ("step", "loc", "message"),
    [
        pytest.param("work", (0,), GRAMMAR, id="a word"),
        pytest.param({}, (0,), GRAMMAR, id="nothing"),
        pytest.param({"wrk": "2ms"}, (0,), GRAMMAR, id="an unknown step"),
        pytest.param({"work": "2ms", "call": "a"}, (0,), GRAMMAR, id="two steps in one"),
        pytest.param(
            {"call": "a", "on_mis": []}, (0, "call step", "on_mis"),
            "Extra inputs are not permitted", id="an unknown field",
        ),
        pytest.param(
            {"call": "a", "on_miss": [{"work": "2"}]},
            (0, "call step", "on_miss", 0, "work step", "work"),
            "Value error, '2' is not a duration; write a number and a unit, such as 90s",
            id="deep inside",
        ),
        pytest.param(
            {"call": 3}, (0, "call step", "call"),
            "Value error, 3 is not a text here; put it in quotes", id="a number for a name",
        ),
        pytest.param(
            {"parallel": [[{"call": "a"}]]}, (0, "parallel step", "parallel"),
            "List should have at least 2 items after validation, not 1", id="one branch",
        ),
        pytest.param(
            {"chance": "140%", "then": [{"return": "ok"}]}, (0, "chance step", "chance"),
            "Value error, '140%' is not between 0% and 100%", id="too likely",
        ),
        pytest.param(
            {"return": "fine"}, (0, "return step", "return"),
            "Input should be 'ok', 'failed' or 'refused'", id="an unknown outcome",
        ),
    ],
)  # fmt: skip
def test_a_wrong_step_is_said_where_it_is(step: Any, loc: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        STEPS.validate_python([step])

    assert [(of["loc"], of["msg"]) for of in refused.value.errors()] == [(loc, message)]
