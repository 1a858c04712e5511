import subprocess
import sys

import pytest

import simulator
from simulator import grade, load, run
from simulator.errors import UsageError
from tests.interfaces.brownout import BUSY, ROOT


def test_ten_lines_of_python_run_and_grade_a_drill() -> None:
    scenario = load(BUSY, ["lasts=5m"])
    record = run(scenario, seed=3, responder="reference")
    judged = grade(record, scenario)

    assert judged.grade.score is not None
    assert judged.grade.score > 50
    assert record.header.seed == 3


def test_a_record_is_graded_against_its_own_scenario_only() -> None:
    record = run(BUSY, seed=3)

    with pytest.raises(UsageError, match="not of busy-lunch as it is"):
        grade(record, load(BUSY, ["lasts=5m"]))


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, simulator; heavy = {'numpy', 'numba', 'simpy', 'networkx', 'pydantic'};"
        "print(sorted(heavy & set(sys.modules)), dir(simulator))"
    )

    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout == "[] ['__version__', 'compare', 'grade', 'load', 'run']\n"


def test_what_the_package_has_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fly'"):
        _ = simulator.fly
