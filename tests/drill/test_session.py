from pathlib import Path

import pytest

from simulator.drill.run import Flight, run, take_off
from simulator.drill.session import PAUSED, Session
from simulator.errors import NotFound, UsageError
from simulator.response.navigation import Until
from simulator.scenario.model import Scenario
from simulator.scenario.reader import load
from simulator.units import MINUTE, SECOND

BUSY = Path(__file__).parent.parent / "interfaces/data/busy-lunch.drill.yaml"
ALERT = Until(what="alert")


@pytest.fixture(scope="module")
def busy() -> Scenario:
    return load(BUSY)


def _saved(flight: Flight) -> Session:
    """Do what mends it, at set times."""
    session = flight.session
    session.advance(2 * MINUTE)
    session.do("ack")
    session.do("scale store 4")
    session.advance(4 * MINUTE)
    session.do("resolve")
    return session


def test_watching_every_minute_changes_nothing(busy: Scenario) -> None:
    unwatched, watched = take_off(busy, seed=3), take_off(busy, seed=3)
    told: list[int] = []

    def look(now: int) -> None:
        told.append(now)
        watched.session.evaluate("sum(rate(http_requests_total[1m]))")

    watched.session.on_advance = look
    for flight in (unwatched, watched):
        flight.session.until(ALERT)
        _saved(flight).idle_to_end()

    assert {MINUTE, 2 * MINUTE, 6 * MINUTE} <= set(told)
    assert watched.land().digest == unwatched.land().digest


def test_pausing_between_any_two_events_changes_nothing(busy: Scenario) -> None:
    straight, halting = take_off(busy, seed=3), take_off(busy, seed=3)
    straight.session.until(Until(what="time", ns=2 * MINUTE))

    halting.session.should_pause = lambda: True
    stops = []
    while halting.session.now < 2 * MINUTE:
        stops.append(halting.session.until(Until(what="time", ns=2 * MINUTE)))
    halting.session.should_pause = lambda: False

    assert len(stops) > 10
    assert {stop.why for stop in stops[:-1]} == {PAUSED}
    assert _saved(halting).now == _saved(straight).now
    assert halting.land().digest == straight.land().digest


def test_a_journal_done_again_gives_the_same_record(busy: Scenario) -> None:
    lived = take_off(busy, seed=3)
    session = lived.session
    session.until(ALERT)
    session.do("status")
    session.do("scale store 4")
    session.do("scale store 4")  # refused, and written down so
    session.do("hint")
    record = lived.land()

    again = run(busy, seed=3, lines=session.journal.lines)

    assert again.digest == record.digest
    assert again.journal == record.journal
    assert again.header.hints == 1


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param("dance", UsageError, id="no such verb"),
        pytest.param("scale storex 4", NotFound, id="no such target"),
        pytest.param("scale store", UsageError, id="words missing"),
        pytest.param("step 1m", UsageError, id="not a command"),
    ],
)
def test_what_is_not_understood_costs_no_time(
    busy: Scenario, line: str, error: type[Exception]
) -> None:
    session = take_off(busy).session

    with pytest.raises(error):
        session.do(line)

    assert (session.now, session.journal.lines) == (0, ())


def test_a_refused_act_costs_no_time(busy: Scenario) -> None:
    session = take_off(busy).session

    answer = session.do("rollback store")

    assert answer.is_refused
    assert session.now == 0


def test_until_alert_wakes_for_a_page_and_not_for_a_ticket(busy: Scenario) -> None:
    session = take_off(busy, seed=3).session

    stop = session.until(ALERT)

    (page,) = [e for e in session.entries() if e.kind == "paged" and e.subject == "OrdersFail"]
    assert stop.why == "paged OrdersFail"
    assert page.at - session.warm_up == session.now


def test_hints_run_out(busy: Scenario) -> None:
    session = take_off(busy).session

    answers = [session.do("hint") for _ in range(3)]

    assert [answer.is_refused for answer in answers] == [False, False, True]
    assert session.hints_used == 2
    assert session.hints_left == 0


def test_nothing_can_be_done_once_it_is_resolved(busy: Scenario) -> None:
    session = take_off(busy).session
    session.do("resolve")

    with pytest.raises(UsageError, match="the drill is over"):
        session.do("ack")


def test_entries_at_the_seat_never_show_the_fault(busy: Scenario) -> None:
    flight = take_off(busy, seed=3)
    flight.session.advance(3 * MINUTE)

    seen = " ".join(f"{e.kind} {e.subject} {e.detail}" for e in flight.session.entries())

    assert flight.causes
    assert "load_spike" not in seen
    assert "struck" not in seen


def test_time_beyond_the_end_is_the_end(busy: Scenario) -> None:
    session = take_off(busy).session

    stop = session.until(Until(what="span", ns=3600 * SECOND))

    assert (stop.why, session.now, session.is_over) == ("the end", 6 * MINUTE, True)
