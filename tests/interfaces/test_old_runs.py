import json
import os
import signal
import subprocess
from pathlib import Path

from simulator.record.journal import read_journal
from tests.interfaces.brownout import BUSY, ROOT, Brownout, command, elsewhere

FAST = ("run", BUSY, "--seed", "3", "--no-grade", "--responder", "reference")


def _killed_when_it_has_said(lines: int, *words: str, cwd: Path, typed: str = "") -> None:
    """Start a command and kill it once its journal holds so many entries."""
    journal = cwd / "runs/0001-busy-lunch/journal.jsonl"
    with subprocess.Popen(
        command(*words),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(typed)
        process.stdin.flush()
        for _ in process.stdout:
            if journal.exists() and len(journal.read_text(encoding="utf-8").splitlines()) > lines:
                process.send_signal(signal.SIGKILL)
                break


def test_a_killed_play_goes_on_with_nothing_lost(brownout: Brownout, tmp_path: Path) -> None:
    typed = "until alert\nack\ndeclare sev1\nscale store 4\n"
    rest = "until resolved\nresolve\n"
    straight = brownout("play", BUSY, "--seed", "3", "--out", "whole", lines=typed + rest)

    _killed_when_it_has_said(
        3, "play", BUSY, "--seed", "3", "--echo", cwd=tmp_path, typed=f"{typed}brief\n"
    )
    resumed = brownout("resume", "1", lines=rest)

    assert resumed.last == straight.last
    assert not read_journal(Path("runs/0001-busy-lunch/journal.jsonl"))[0].is_practice


def test_a_killed_run_starts_over_and_is_compared(brownout: Brownout, tmp_path: Path) -> None:
    whole = brownout(*FAST, "--out", "whole")
    _killed_when_it_has_said(2, *FAST, cwd=tmp_path)
    assert not Path("runs/0001-busy-lunch/record.jsonl").exists()

    resumed = brownout("resume", "1")

    assert resumed.last == whole.last
    assert "entries are those of the killed run" in resumed.err


def test_a_killed_run_in_which_nobody_acted_is_not_said_to_be_the_same(
    brownout: Brownout, tmp_path: Path
) -> None:
    idle = ("run", BUSY, "--seed", "3", "--no-grade", "--responder", "none")
    whole = brownout(*idle, "--out", "whole")
    _killed_when_it_has_said(0, *idle, cwd=tmp_path)

    resumed = brownout("resume", "1")

    assert resumed.last == whole.last
    assert "nothing to compare" in resumed.err
    assert "of the killed run" not in resumed.err


def test_a_cut_last_line_of_a_journal_is_left_out(brownout: Brownout) -> None:
    brownout("play", BUSY, "--seed", "3", lines="until alert\nack\n")
    journal = Path("runs/0001-busy-lunch/journal.jsonl")
    journal.write_text(journal.read_text(encoding="utf-8") + '{"at":12', encoding="utf-8")

    said = brownout("resume", "1", lines="brief\n")

    assert "1 commands in" in said.out


def test_a_changed_scenario_cannot_go_on(brownout: Brownout) -> None:
    brownout("play", BUSY, "--seed", "3", lines="ack\n")
    journal = Path("runs/0001-busy-lunch/journal.jsonl")
    text = journal.read_text(encoding="utf-8")
    digest = json.loads(text.splitlines()[0])["scenario_digest"]
    journal.write_text(text.replace(digest, "0" * 64), encoding="utf-8")

    said = brownout("resume", "1")

    assert said.code == 2
    assert "have changed since the run was made" in said.err


def test_a_replay_gives_the_same_record(brownout: Brownout) -> None:
    lived = brownout(*FAST)

    again = brownout("replay", "1")

    assert again.code == 0
    assert "equal: the replay gave the same record, to the byte" in again.out
    assert again.last == lived.last
    assert "ACT       scale store 4" in again.out


def test_a_replay_under_another_version_says_so_first(brownout: Brownout) -> None:
    brownout(*FAST)
    journal = Path("runs/0001-busy-lunch/journal.jsonl")
    text = journal.read_text(encoding="utf-8")
    journal.write_text(text.replace('"version":"', '"version":"9.'), encoding="utf-8")

    said = brownout("replay", "1")

    assert said.err.startswith("note: the run was made by brownout 9.")
    assert "equal:" in said.out


def test_a_replay_that_differs_is_our_bug(brownout: Brownout, tmp_path: Path) -> None:
    lived = brownout(*FAST)
    record = Path("runs/0001-busy-lunch/record.jsonl")
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace(lived.digest, "0" * 32), encoding="utf-8")

    said = elsewhere("replay", "1", cwd=tmp_path, TMPDIR=str(tmp_path))

    assert said.code == 1
    assert "different: the record written then has digest 000" in said.out
    assert "Traceback" not in said.err


def test_a_replay_stops_where_it_is_asked_to(brownout: Brownout) -> None:
    brownout(*FAST)

    said = brownout("replay", "1", "--until", "1m50s")

    assert "FIRING" in said.out
    assert "ACK" not in said.out
    assert "00:01:50 is as far as this goes" in said.out
    assert "digest" not in said.out


def test_a_report_is_written_where_there_is_none(brownout: Brownout) -> None:
    brownout(*FAST)

    printed = brownout("report", "1", "--format", "json")
    page = brownout("report", "1")

    assert json.loads(printed.out)
    assert page.out == "runs/0001-busy-lunch/report.html\n"
    assert Path(page.out.strip()).exists()


def test_a_drill_that_is_on_has_no_report(brownout: Brownout) -> None:
    brownout("play", BUSY, lines="ack\n")

    said = brownout("report", "1")

    assert said.code == 3
    assert "this drill has not ended" in said.err


def test_runs_are_listed_and_pruned(brownout: Brownout) -> None:
    brownout(*FAST)
    brownout("play", BUSY, "--seed", "8", lines="ack\n")

    listed = brownout("runs").out.splitlines()
    document = json.loads(brownout("runs", "--format", "json").out)
    gone = brownout("runs", "prune", "--keep", "1")

    assert listed == [
        "0001-busy-lunch  seed 3  reference  6 commands  ended",
        "0002-busy-lunch  seed 8  person  1 commands  on",
    ]
    assert document["schema_version"] == 1
    assert [run["state"] for run in document["runs"]] == ["ended", "on"]
    assert gone.out == "0001-busy-lunch\n"
    assert [path.name for path in Path("runs").iterdir()] == ["0002-busy-lunch"]
