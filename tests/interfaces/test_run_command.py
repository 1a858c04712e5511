import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.interfaces.brownout import BUSY, Brownout, elsewhere

FAST = (BUSY, "--seed", "3", "--no-grade", "--responder", "reference")


def test_a_run_ends_with_its_digest_and_leaves_a_folder(brownout: Brownout) -> None:
    said = brownout("run", BUSY, "--responder", "reference", "--seed", "3")

    folder = Path("runs/0001-busy-lunch")
    assert said.code == 0
    assert said.out.startswith("A busy lunch · seed 3 · responder reference\n")
    assert re.fullmatch(r"digest [0-9a-f]{32}", said.last)
    assert f"report      {folder}/report.html" in said.out
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert {"journal.jsonl", "record.jsonl", "series.npz", "report.md"} <= {
        path.name for path in folder.iterdir()
    }


def test_every_simulated_minute_has_a_line_and_acts_have_theirs(brownout: Brownout) -> None:
    said = brownout("run", *FAST)

    minutes = re.findall(r"^00:0(\d):00 answered [\d.]+ of [\d.]+/s", said.out, re.MULTILINE)
    assert minutes == ["1", "2", "3", "4", "5", "6"]
    assert "00:02:11 ACT       scale store 4: store scaled from 1 to 4" in said.out
    assert "\033[" not in said.out


def test_one_seed_gives_one_digest_in_any_process(brownout: Brownout, tmp_path: Path) -> None:
    here = brownout("run", *FAST).digest

    there = [
        elsewhere("run", *FAST, cwd=tmp_path, PYTHONHASHSEED=seed) for seed in ("0", "1", "random")
    ]

    assert [said.digest for said in there] == [here] * 3
    assert brownout("run", BUSY, "--seed", "4", "--no-grade").digest != here


def test_jobs_change_neither_digest_nor_score(brownout: Brownout) -> None:
    one, two = (
        brownout("run", BUSY, "--responder", "reference", "--seed", "3", "--jobs", jobs)
        for jobs in ("1", "2")
    )

    assert one.out.replace("0001-", "0002-") == two.out


def test_set_changes_the_scenario_and_is_told_to_whoever_repeats_it(brownout: Brownout) -> None:
    said = brownout("run", BUSY, "--no-grade", "--set", "lasts=1m30s", "--set", "faults[0].at=20s")

    assert "from 00:00:20" in said.out
    assert "--set 'lasts=1m30s' --set 'faults[0].at=20s'" in said.out
    assert "00:02:00" not in said.out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("run", "busy-lnch"), 2, "no scenario 'busy-lnch'"),
        (("run", BUSY, "--runbook", "nothing"), 2, "no runbook 'nothing'"),
        (("run", BUSY, "--runbook", "no/thing.yaml"), 3, "there is no such file"),
        (("run", BUSY, "--runbook", "x", "--responder", "none"), 2, "both say who acts"),
        (("run", BUSY, "--seed", "-1"), 2, "--seed"),
        (("run", BUSY, "--set", "lasts=soon"), 3, "--set lasts"),
        (("run", BUSY, "--check", "--no-grade"), 2, "--check needs the grade"),
        (("run", BUSY, "--no-such-flag"), 2, "--no-such-flag"),
        (("play", BUSY, "--blind", "--twin", "noisy"), 2, "--blind draws the twin itself"),
        (("resume", "7"), 2, "no run '7'"),
        (("check", BUSY, "--seeds", "5..1"), 2, "counts backwards"),
        (("runs", "prune"), 2, "how many of the newest"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    brownout: Brownout, words: tuple[str, ...], code: int, says: str
) -> None:
    said = brownout(*words)

    assert (said.code, says in said.err) == (code, True)
    assert "Traceback" not in said.err
    assert not Path("runs").exists()


@pytest.mark.parametrize(("responder", "code"), [("none", 4), ("reference", 0)])
def test_check_says_by_its_exit_code_whether_pass_marks_are_met(
    brownout: Brownout, responder: str, code: int
) -> None:
    assert brownout("run", BUSY, "--responder", responder, "--check").code == code


def test_runbooks_are_found_beside_the_scenarios_of_the_path(
    brownout: Brownout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWNOUT_PATH", str(Path(BUSY).parent))

    said = brownout("run", "busy-lunch", "--runbook", "more-of-it", "--seed", "3", "--no-grade")

    assert said.code == 0
    assert "seed 3 · runbook more-of-it" in said.out
    assert "again       brownout run busy-lunch --runbook more-of-it --seed 4" in said.out


def test_check_runs_every_seed_and_writes_junit(brownout: Brownout) -> None:
    said = brownout("check", str(Path(BUSY).parent), "--seeds", "3,5", "--junit", "junit.xml")

    suites = ET.parse("junit.xml").getroot()  # noqa: S314  we wrote it
    assert said.code == 0
    assert said.out.splitlines()[0].startswith("OK    busy-lunch  seed 3  score ")
    assert said.out.splitlines()[-1] == "2 checked, 0 failed"
    assert [case.get("name") for case in suites.iter("testcase")] == ["seed 3", "seed 5"]
    assert suites.attrib == {
        "name": "brownout check", "tests": "2", "failures": "0", "skipped": "0",
    }  # fmt: skip


def test_check_fails_where_a_pass_mark_is_not_met(brownout: Brownout) -> None:
    said = brownout("check", BUSY, "--set", "pass.recovered_within=10s", "--junit", "junit.xml")

    suites = ET.parse("junit.xml").getroot()  # noqa: S314  we wrote it
    (failure,) = suites.iter("failure")
    assert said.code == 4
    assert "users were well again after" in said.out
    assert "must be within 10s" in str(failure.get("message"))
