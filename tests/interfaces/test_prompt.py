import os
import re
import signal
from pathlib import Path

import pytest

from simulator.drill.run import take_off
from simulator.interfaces.prompt.moving import Pace, move
from simulator.interfaces.prompt.pauses import pausable
from simulator.interfaces.prompt.words import completions
from simulator.record.journal import read_journal
from simulator.response.navigation import Play, Step
from simulator.scenario.reader import load
from simulator.units import MINUTE
from tests.interfaces.brownout import BUSY, Brownout

CAUSE = re.compile(r"load[_ -]spike|strike|struck|demand_change.*order|multiplier", re.IGNORECASE)
RESCUE = "until alert\nack\ndeclare sev1\nscale store 4\nuntil resolved\nstep 30s\nresolve\n"


def _play(brownout: Brownout, lines: str, *options: str) -> list[str]:
    said = brownout("play", BUSY, "--seed", "3", "--echo", *options, lines=lines)
    assert said.code == 0
    return said.out.splitlines()


def _after(out: list[str], typed: str) -> str:
    """What was answered to a line, and the clock of the next prompt."""
    start = next(n for n, line in enumerate(out) if line.endswith(f"▸ {typed}"))
    return "\n".join(out[start : start + 3])


def test_a_person_can_rescue_a_drill_from_a_pipe(brownout: Brownout) -> None:
    out = _play(brownout, RESCUE)

    text = "\n".join(out)
    assert out[0] == "A busy lunch · seed 3 · 6 min, clock 09:00 UTC"
    assert "00:01:56 PAGE      OrdersFail  23.71% of orders fail" in out
    assert "RESOLVED  OrdersFail" in text
    assert re.search(r"^Score \d+ / 100 {3}mitigation \d+/50 · diagnosis", text, re.MULTILINE)
    assert "It was load spike on class/order from 00:01:00" in text
    assert "as it was   brownout replay runs/0001-busy-lunch" in out
    assert re.fullmatch(r"digest [0-9a-f]{32}", out[-1])
    assert Path("runs/0001-busy-lunch/report.html").read_text(encoding="utf-8").startswith("<!")


def test_a_pipe_is_read_in_silence(brownout: Brownout) -> None:
    said = brownout("play", BUSY, lines="# a comment\n\nstep 30s\nack\n")

    assert "▸" not in said.out
    assert said.out.endswith("  acknowledged\n")
    assert said.err == "saved; go on with: brownout resume runs/0001-busy-lunch\n"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("scael store 4", "no command 'scael' (did you mean 'scale'?); help lists them"),
        ("stp", "no command 'stp' (did you mean 'step'?); help lists them"),
        ("scale storex 4", "no component 'storex' (did you mean 'store'?); there is: store, web"),
        ("rollback store", "refused: "),
        ("until 00:00:00 and more (", ""),
        ("step sometime", "is not a duration"),
        ("undo", "undo: nothing was said yet"),
        ("query sum(", ""),
        ("logs nobody", ""),
    ],
)
def test_what_cannot_be_done_is_explained_and_costs_nothing(
    brownout: Brownout, typed: str, answer: str
) -> None:
    out = _play(brownout, f"{typed}\nbrief\n")

    assert answer in _after(out, typed)
    if not typed.startswith(("query", "logs")):
        assert "00:00:00 ▸ brief" in out


def test_undo_goes_back_and_marks_the_run_as_practice(brownout: Brownout) -> None:
    out = _play(brownout, "until alert\nack\nscale store 4\nundo 2\nnote again\n")

    head, lines = read_journal(Path("runs/0001-busy-lunch/journal.jsonl"))
    assert "  undone: ack; scale store 4" in out
    assert "00:01:56 ▸ note again" in out
    assert head.is_practice
    assert [line.text for line in lines] == ['note "again"']


def test_a_practice_run_says_so_with_its_score(brownout: Brownout) -> None:
    out = _play(brownout, f"note one\nundo\n{RESCUE}")

    assert "  practice: undo was used, so the score does not count" in out


def test_a_hint_says_its_price_first(brownout: Brownout) -> None:
    out = _play(brownout, "hint\nhint\nhint\n")

    assert [line for line in out if re.match("  [^ ]", line)] == [
        "  A hint costs 5 points; 2 left.",
        "  Which queue grows?",
        "  A hint costs 5 points; 1 left.",
        "  More of it would help.",
        "  there is no hint left",
    ]


def test_what_was_left_goes_on_where_it_was(brownout: Brownout) -> None:
    straight = _play(brownout, RESCUE)
    first = brownout("play", BUSY, "--seed", "3", lines="until alert\nack\ndeclare sev1\n")

    second = brownout(
        "resume", "2", "--echo", lines="scale store 4\nuntil resolved\nstep 30s\nresolve\n"
    )

    assert "go on with: brownout resume runs/0002-busy-lunch" in first.err
    assert "A busy lunch · seed 3 · goes on at 00:02:06, 2 commands in" in second.out
    assert second.last == straight[-1]


def test_the_clock_is_kept_though_passing_time_is_no_command(brownout: Brownout) -> None:
    brownout("play", BUSY, "--seed", "3", lines="until alert\n")

    said = brownout("resume", "1", "--echo", lines="brief\n")

    assert "00:01:56 ▸ brief" in said.out


def test_what_has_ended_cannot_be_resumed(brownout: Brownout) -> None:
    _play(brownout, "give-up\n")

    said = brownout("resume", "1")

    assert said.code == 2
    assert "this drill has ended; see it with: brownout replay" in said.err


@pytest.mark.parametrize("name", ["healthy", "noisy"])
def test_a_twin_has_nothing_to_mend(brownout: Brownout, name: str) -> None:
    out = _play(brownout, "until 00:05\nresolve\n", "--twin", name)

    assert f"It was the {name} twin: nothing had to be mended." in out
    assert not any("PAGE" in line for line in out)


def test_blind_tells_nothing_until_the_end(brownout: Brownout) -> None:
    said = brownout("play", BUSY, "--seed", "0", "--blind", lines="step 1m\nstatus\n")
    folder = Path("runs/0001-busy-lunch")
    kept = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    ended = brownout("resume", "1", lines="give-up\n")

    assert not re.search("healthy|noisy|fault", said.out + said.err + kept)
    assert '"twin":"blind"' in kept
    assert re.search("It was (load spike|the healthy twin|the noisy twin)", ended.out)


def test_nothing_at_the_seat_names_the_fault(brownout: Brownout) -> None:
    looks = "status\nalerts\nchanges\ntopology\npods\nnodes\nmetrics store\nlogs store\nlogs web\n"
    lines = f"until alert\n{looks}brief\nhint\nhint\nhelp\nquery up\nuntil +30s\nstep\n"

    said = brownout("play", BUSY, "--seed", "3", lines=lines)
    listed = brownout("runs")
    shown = brownout("show", BUSY)
    replayed = brownout("replay", "1")

    folder = Path("runs/0001-busy-lunch")
    kept = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    names = " ".join(path.name for path in folder.iterdir())
    for text in (said.out, said.err, listed.out, shown.out, replayed.out, kept, names):
        assert text
        assert not CAUSE.search(text)


def test_help_knows_every_verb_and_its_price(brownout: Brownout) -> None:
    out = "\n".join(_play(brownout, "help\nhelp scale\n"))

    assert "Look (never changes anything)" in out
    assert "scale COMPONENT REPLICAS" in out
    assert "  takes 5s of your time" in out


def test_ctrl_c_pauses_at_an_instant_from_which_time_goes_on() -> None:
    flight = take_off(load(BUSY), seed=3)
    session = flight.session
    session.on_advance = lambda now: os.kill(os.getpid(), signal.SIGINT) if now == MINUTE else None

    with pausable() as wished:
        said = move(session, Step.read("5m"), Pace(wished, is_watched=False, tell=lambda: None))
    paused_at = session.now
    session.on_advance = lambda _now: None
    session.idle_to_end()

    straight = take_off(load(BUSY), seed=3)
    assert said.endswith("paused")
    assert MINUTE <= paused_at < 2 * MINUTE
    assert flight.land().digest == straight.land().digest


def test_playing_without_anyone_watching_runs_to_the_end() -> None:
    session = take_off(load(BUSY), seed=3).session

    with pausable() as wished:
        said = move(session, Play(), Pace(wished, is_watched=False, tell=lambda: None))

    assert said == "00:06:00 the drill is over"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sc", ("scale ",)),
        ("give", ("give-up ",)),
        ("scale st", ("store ",)),
        ("shed cl", ("class/order ",)),
        ("until re", ("resolved ",)),
        ("hypothesis store kv", ("kv_exhaustion ",)),
    ],
)
def test_tab_completes_verbs_and_names(line: str, words: tuple[str, ...]) -> None:
    assert set(words) <= set(completions(line, ("store", "web", "class/order")))
