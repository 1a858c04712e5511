import math

import numpy as np
import pytest

from simulator.plant.chance import draw, law_table, mix
from simulator.plant.spec import Distribution
from simulator.system.topology.distribution import counts, durations
from simulator.units import MS, SECOND


@pytest.mark.parametrize(
    ("written", "law"),
    [
        pytest.param("2ms", Distribution("fixed", 2 * MS), id="fixed"),
        pytest.param({"exponential": "5ms"}, Distribution("exponential", 5 * MS), id="exponential"),
        pytest.param(
            {"uniform": ["1ms", "2ms"]}, Distribution("uniform", MS, 2 * MS), id="uniform"
        ),
        pytest.param(
            {"erlang": {"mean": "5ms", "stages": 3}}, Distribution("erlang", 5 * MS, 3), id="erlang"
        ),
        pytest.param(
            {"hyperexponential": {"mean": "5ms", "cv": 3}},
            Distribution("hyperexponential", 5 * MS, 9),
            id="hyperexponential",
        ),
        pytest.param(
            {"pareto": {"at_least": "1ms", "shape": 1.5, "at_most": "1s"}},
            Distribution("pareto", MS, 1.5, SECOND),
            id="pareto",
        ),
        pytest.param(
            {"quantiles": {"99%": "2s", "50%": "400ms"}},
            Distribution("quantiles", points=((0.5, 400 * MS), (0.99, 2 * SECOND))),
            id="quantiles in any order",
        ),
    ],
)
def test_every_law_is_read(written: object, law: Distribution) -> None:
    assert durations(written) == law


def test_a_lognormal_goes_through_both_its_quantiles() -> None:
    law = durations({"lognormal": {"50%": "5ms", "99%": "40ms"}})

    table, draws = law_table([law]), 40_000
    drawn = np.array([draw(table, 0, mix(7, i)) for i in range(draws)])
    below_median = (drawn < 5 * MS).mean()
    below_tail = (drawn < 40 * MS).mean()
    # Three standard errors of a share.
    assert below_median == pytest.approx(0.5, abs=3 * math.sqrt(0.25 / draws))
    assert below_tail == pytest.approx(0.99, abs=3 * math.sqrt(0.0099 / draws))


def test_measured_token_counts_have_a_name() -> None:
    law = counts({"traced": "azure_code_output"})

    assert law.law == "quantiles"
    assert dict(law.points)[0.5] == 13


@pytest.mark.parametrize(
    ("written", "message"),
    [
        pytest.param(5, "'5' needs a unit here: write 5s, 5m or 5h", id="no unit"),
        pytest.param(
            {"expnential": "5ms"}, "'expnential' is not a law (did you mean 'exponential'?)",
            id="unknown law",
        ),
        pytest.param(
            {"exponential": "5ms", "fixed": "1ms"}, "write one law, such as 2ms", id="two laws"
        ),
        pytest.param({}, "write one law, such as 2ms", id="no law"),
        pytest.param(
            {"uniform": "1ms"}, "uniform takes two values, such as {uniform: [1ms, 2ms]}",
            id="one end",
        ),
        pytest.param(
            {"uniform": ["2ms", "1ms"]}, "uniform takes the smaller value first: [1ms, 2ms]",
            id="ends the wrong way round",
        ),
        pytest.param(
            {"quantiles": {"50%": "2s", "99%": "1s"}}, "values must grow from 0.5 to 0.99",
            id="quantiles that fall",
        ),
        pytest.param(
            {"quantiles": {"50%": "2"}}, "quantiles 50%: '2' is not a duration",
            id="a quantile without unit",
        ),
        pytest.param({"quantiles": {}}, "{quantiles: {50%: .., 99%: ..}}", id="no quantiles"),
        pytest.param(
            {"lognormal": {"50%": "5ms"}}, "lognormal takes two quantiles", id="one quantile"
        ),
        pytest.param(
            {"erlang": {"mean": "5ms"}}, "write {erlang: {mean: 5ms, stages: 3}}", id="no stages"
        ),
        pytest.param(
            {"erlang": {"mean": "5ms", "stages": 0}}, "stages must be from 1 to 1000",
            id="no stage at all",
        ),
        pytest.param(
            {"hyperexponential": {"mean": "5ms", "cv": 0.5}}, "cv must be from 1 to 100; found 0.5",
            id="too steady",
        ),
        pytest.param(
            {"hyperexponential": {"mean": "5ms", "cv": "3"}}, "cv must be a number; found '3'",
            id="text for a number",
        ),
        pytest.param(
            {"pareto": {"at_least": "2s", "shape": 1.5, "at_most": "1s"}},
            "at_most above at_least", id="pareto the wrong way round",
        ),
    ],
)  # fmt: skip
def test_a_wrong_duration_law_says_what_to_write(written: object, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the message is compared below
        durations(written)

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        pytest.param("5ms", "'5ms' is not a count; write a whole number, such as 1200", id="unit"),
        pytest.param(1.5, "1.5 is not a count", id="fraction"),
        pytest.param(True, "True is not a count", id="truth"),
        pytest.param(-1, "-1 is not a count", id="negative"),
        pytest.param(
            {"traced": "azure_conversation_promt"}, "(did you mean 'azure_conversation_prompt'?)",
            id="not measured",
        ),
    ],
)  # fmt: skip
def test_a_wrong_count_law_says_what_to_write(written: object, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the message is compared below
        counts(written)

    assert message in str(refused.value)
