from typing import Any

import pytest
from pydantic import ValidationError

from simulator.system.workload.model import GENERATORS, Entry
from simulator.units import HOUR, MINUTE

ONE = "poisson, bursty, azure_conversation, azure_code, rate_series, trace, users"


def entry(**fields: Any) -> Entry:
    return Entry.model_validate({"class": "chat", **fields})


def test_a_trace_may_be_written_as_its_path() -> None:
    assert entry(trace="conv.csv") == entry(trace={"file": "conv.csv"})


def test_presets_have_the_rate_they_were_measured_with() -> None:
    assert (entry(azure_conversation={}).rate, entry(azure_code={}).rate) == (5.53, 2.57)


def test_a_day_starts_at_its_mean_unless_told_when_it_peaks() -> None:
    day = entry(poisson="1/s", shape={"diurnal": {"peak": 1.4}}).shape.diurnal
    told = entry(poisson="1/s", shape={"diurnal": {"peak": 1.4, "phase": "5m"}}).shape.diurnal

    assert day is not None
    assert told is not None
    assert (day.peak_at, told.peak_at) == (6 * HOUR, 5 * MINUTE)


@pytest.mark.parametrize("name", [*GENERATORS, "shape"])
def test_examples_of_entries_can_be_written(name: str) -> None:
    for example in Entry.model_fields[name].examples or ():
        generator = {} if name in GENERATORS else {"poisson": "1/s"}
        entry(**{name: example}, **generator)


@pytest.mark.parametrize(
    ("fields", "loc", "message"),
    [
        pytest.param(
            {}, (), f"write one of {ONE}, such as poisson: 40/s; found none", id="no generator"
        ),
        pytest.param(
            {"poisson": "1/s", "trace": "a.csv"}, (),
            f"write one of {ONE}, such as poisson: 40/s; found poisson and trace",
            id="two generators",
        ),
        pytest.param(
            {"poisson": 40}, ("poisson",),
            "40 is not a rate; write a number per s, m, h or d, such as 40/s", id="no unit",
        ),
        pytest.param(
            {"bursty": {"rate": "1/s", "cv": 0.5}}, ("bursty", "cv"),
            "Input should be greater than or equal to 1", id="steadier than Poisson",
        ),
        pytest.param(
            {"trace": "a.csv", "shape": {"ramp": {"lasts": "1m", "to": 2}}}, (),
            "a trace has a shape of its own; leave out shape, or write a rate",
            id="a shape for a trace",
        ),
        pytest.param(
            {"trace": {"file": "a.csv", "slice": ["2m", "1m"]}}, ("trace",),
            "slice must end later than it starts, such as [0, 20m]", id="an empty slice",
        ),
        pytest.param(
            {"poisson": "1/s", "shape": {"diurnal": {"peak": 3}}}, ("shape", "diurnal", "peak"),
            "Input should be less than or equal to 2", id="a night below zero",
        ),
        pytest.param(
            {"poisson": "1/s", "shape": {"diurnal": {"peak": 1.5, "period": "0"}}},
            ("shape", "diurnal"), "period must be longer than 0; write 24h", id="no period",
        ),
        pytest.param(
            {"poisson": "1/s",
             "shape": {"steps": [{"at": "2m", "factor": 2}, {"at": "1m", "factor": 1}]}},
            ("shape",), "steps must be in order of time, each later than the one before",
            id="steps out of order",
        ),
        pytest.param(
            {"poisson": "1/s", "shape": {"flash_crowd": {"at": "1m", "peak": 3, "decay": "0"}}},
            ("shape", "flash_crowd"), "decay must be longer than 0; write 5m", id="no decay",
        ),
        pytest.param(
            {"poisson": "1/s", "shape": {"diurnl": {"peak": 1.4}}}, ("shape", "diurnl"),
            "Extra inputs are not permitted", id="an unknown shape",
        ),
    ],
)  # fmt: skip
def test_a_wrong_entry_says_what_to_write(
    fields: dict[str, Any], loc: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        entry(**fields)

    found = [(of["loc"], of["msg"].removeprefix("Value error, ")) for of in refused.value.errors()]
    assert found == [(loc, message)]
