"""A run is a function of scenario, seed and journal: same three, same record, to the byte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.debrief.grading import harm
from simulator.drill.run import run
from simulator.record.journal import Line
from simulator.record.model import Record
from simulator.units import SECOND
from tests.drill.small import CHAT, FACTS, seated, small

ROOT = Path(__file__).parent.parent.parent
TROUBLE = "faults=[{kind: cache_flush, at: 1m, target: pages}]"
LINES = (
    Line(70 * SECOND, "status"),
    Line(80 * SECOND, "limit gateway -> catalogue requests_per_second 8"),
    Line(100 * SECOND, "restart llm-1"),
    Line(120 * SECOND, "scale nowhere 3"),
    Line(150 * SECOND, "shed class/facts 20%"),
)
TINY = (
    "warm_up=0s",
    "lasts=4s",
    "faults=[{kind: slow_gpu, at: 1s, target: node/gpu-1}]",
    "workload=[{class: chat, poisson: 3/s}, {class: facts, poisson: 3/s}]",
)
SCRIPT = """
import sys
from simulator.drill.run import run
from simulator.record.journal import Line
from tests.drill.small import small
lines = [Line(int(at), text) for at, text in zip(sys.argv[1::2], sys.argv[2::2]) if at != "-"]
overrides = tuple(t for a, t in zip(sys.argv[1::2], sys.argv[2::2]) if a == "-")
print(run(small(*overrides), seed=1, lines=lines).digest)
"""

pytestmark = pytest.mark.xdist_group("small")


def lived(*, seed: int = 1, lines: tuple[Line, ...] = LINES, capacity: int = 4096) -> Record:
    return run(small(TROUBLE), seed=seed, lines=lines, capacity=capacity)


def elsewhere(overrides: tuple[str, ...], lines: tuple[Line, ...] = (), **environment: str) -> str:
    """Run the same drill in a process of its own; return its digest."""
    words = [word for text in overrides for word in ("-", text)]
    words += [word for line in lines for word in (str(line.at), line.text)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_another_process_and_hash_seed_give_the_same_record(hash_seed: str) -> None:
    here = lived().digest

    assert elsewhere((TROUBLE,), LINES, PYTHONHASHSEED=hash_seed) == here


@pytest.mark.parametrize("capacity", [16, 65_536])
def test_how_large_tables_start_changes_nothing(capacity: int) -> None:
    assert lived(capacity=capacity).digest == lived().digest


def test_interpreted_and_compiled_runs_agree() -> None:
    compiled = run(small(*TINY), seed=1, lines=())

    assert compiled.outcomes.sum() > 20
    assert elsewhere(TINY, NUMBA_DISABLE_JIT="1") == compiled.digest


def test_a_journal_replays_what_was_lived() -> None:
    first = lived()
    lines = tuple(Line(int(str(line["at"])), str(line["text"])) for line in first.journal)

    again = lived(lines=lines)

    assert any(line.text.startswith("refused ") for line in lines)
    assert again.journal == first.journal
    assert again.digest == first.digest


@pytest.mark.parametrize("piece", [7 * SECOND, SECOND // 3], ids=["7 s", "a third of a second"])
def test_time_may_pass_in_pieces_of_any_size(piece: int) -> None:
    flight = seated(TROUBLE)

    for line in LINES:
        while flight.session.now + piece < line.at:
            flight.session.advance(flight.session.now + piece)
        flight.session.replay((line,))

    flight.session.idle_to_end()
    assert flight.land().digest == lived().digest


def test_other_seeds_meet_other_users() -> None:
    one, other = lived(seed=1), lived(seed=2)

    assert one.digest != other.digest
    assert not (harm.total(one) == harm.total(other)).all()


def test_an_act_changes_only_what_it_causes() -> None:
    changed = (*LINES[:-1], Line(150 * SECOND, "shed class/facts 60%"))

    one, other = lived(), lived(lines=changed)

    before = slice(0, 15)
    assert (harm.total(one) == harm.total(other)).all()
    assert (one.outcomes[before] == other.outcomes[before]).all()
    assert (one.outcomes[:, CHAT] == other.outcomes[:, CHAT]).all()
    assert not (one.outcomes[:, FACTS] == other.outcomes[:, FACTS]).all()
