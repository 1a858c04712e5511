"""What no grade may ever do."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulator.debrief.grading import Variants, grade
from simulator.record.model import Entry, EntryKind, Record
from simulator.units import MINUTE, SECOND
from tests.debrief import records as r

shares = st.fixed_dictionaries(
    {name: st.floats(0, 0.19) for name in ("refused", "abandoned", "failed", "wrong", "late")}
)
ends = st.integers(21 * 60, 50 * 60).map(lambda s: s * SECOND)
ACTLESS = tuple(e for e in r.RESCUE if e.kind != "acted")


def told(start: int, end: int, worst: dict[str, float], entries: tuple[Entry, ...]) -> Record:
    return r.make(r.outage(start, end, worst), entries)


@st.composite
def drills(draw: st.DrawFn) -> tuple[Record, Variants]:
    lived = told(r.STRIKE, draw(ends), draw(shares), draw(st.sampled_from([(), ACTLESS, r.RESCUE])))
    hinted = replace(lived, header=replace(lived.header, hints=draw(st.integers(0, 4))))
    nothing, best = (told(r.STRIKE, draw(ends), draw(shares), ()) for _ in range(2))
    seqs = draw(st.sets(st.sampled_from([r.SCALE, r.LIMIT, r.RESTART])))
    without = {seq: told(r.STRIKE, draw(ends), draw(shares), ()) for seq in sorted(seqs)}
    return hinted, Variants(nothing, best, without)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(drills())
def test_a_score_is_bounded_and_its_lines_add_up(drill: tuple[Record, Variants]) -> None:
    lived, runs = drill

    graded = grade(lived, runs)

    assert all(0.0 <= share <= 1.0 for share in graded.parts.values())
    if graded.score is not None:
        assert 0.0 <= graded.score <= 100.0
        assert abs(sum(line.points for line in graded.lines) - graded.score) < 1e-6


@settings(max_examples=10, deadline=None, derandomize=True)
@given(drills())
def test_the_same_record_gets_the_same_grade(drill: tuple[Record, Variants]) -> None:
    lived, runs = drill

    assert grade(lived, runs) == grade(lived, runs)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(ends, ends, shares)
def test_less_harm_never_scores_less_with_all_else_unchanged(
    one: int, other: int, worst: dict[str, float]
) -> None:
    runs = Variants(r.do_nothing(), r.reference())
    sooner, later = (
        grade(told(r.STRIKE, end, worst, ACTLESS), runs) for end in sorted((one, other))
    )
    assume(sooner.parts["process"] == later.parts["process"])

    assert sooner.harm.value <= later.harm.value
    assert (sooner.score or 0.0) >= (later.score or 0.0)


def _lost(entry: Entry, kinds: tuple[EntryKind, ...]) -> Entry:
    return replace(entry, detail={**entry.detail, "answer": ""}) if entry.kind in kinds else entry


@settings(max_examples=25, deadline=None, derandomize=True)
@given(ends, shares, st.sets(st.sampled_from(["pages", "looks", "charts"])))
def test_missing_telemetry_never_raises_a_score(
    end: int, worst: dict[str, float], lost: set[str]
) -> None:
    lived = replace(told(r.STRIKE, end, worst, r.RESCUE), series=r.series())
    kept = [e for e in lived.entries if e.kind != "paged" or "pages" not in lost]
    blind = [_lost(e, ("looked", "checked") if "looks" in lost else ()) for e in kept]
    dark = replace(lived, entries=tuple(blind), series=() if "charts" in lost else lived.series)

    whole, lacking = grade(lived, r.variants()), grade(dark, r.variants())

    assert (lacking.score or 0.0) <= (whole.score or 0.0)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(drills())
def test_what_is_unknown_gets_no_points(drill: tuple[Record, Variants]) -> None:
    lived, runs = drill

    graded = grade(lived, runs)

    assert all(line.points == 0.0 for line in graded.lines if line.verdict == "unknown")


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 24))
def test_users_who_never_leave_the_band_are_never_said_to_hurt(minute: int) -> None:
    lived = told(r.STRIKE + minute * MINUTE, r.HORIZON, {"late": 0.004}, ())

    graded = grade(lived, Variants(r.do_nothing(), r.reference()))

    assert graded.recovery.hurt_at is None
    assert graded.recovery.is_recovered
