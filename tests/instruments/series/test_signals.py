from simulator.instruments.series.anomalies import Drift, drift
from simulator.instruments.series.events import KEPT_NS, EventStore, KubeEvent
from simulator.instruments.series.tickets import Ticket, TicketStore
from simulator.units import MINUTE

STEADY = [10.0, 10.5, 9.5, 10.2, 9.8, 10.1]


def test_a_line_that_jumps_is_unusual_and_one_that_wobbles_is_not() -> None:
    jumped, wobbled = drift(STEADY, [31.0, 30.0, 29.0]), drift(STEADY, [10.6, 9.9])

    assert jumped is not None
    assert (jumped.is_unusual, jumped.now) == (True, 30.0)
    assert wobbled is not None
    assert not wobbled.is_unusual


def test_one_spike_before_hides_nothing() -> None:
    found = drift([*STEADY, 1000.0], [30.0])

    assert found is not None
    assert found.is_unusual


def test_a_small_step_of_a_line_that_never_moved_is_nothing() -> None:
    assert drift([5.0] * 8, [5.2]) == Drift(5.0, 5.2, 2.0000000000000018)
    assert not Drift(5.0, 5.2, 2.0).is_unusual


def test_gaps_do_not_count_and_too_little_is_not_compared() -> None:
    nan = float("nan")

    assert drift([1.0, nan, nan, nan, nan], [1.0]) is None
    assert drift(STEADY, [nan]) is None


def event(at: int, reason: str = "BackOff") -> KubeEvent:
    return KubeEvent(at, at, True, reason, "pod/llm-0", "restarting", "llm")  # noqa: FBT003 - a row


def test_repeated_events_are_counted_and_the_last_time_stands() -> None:
    store = EventStore()
    for at in (0, MINUTE, 2 * MINUTE):
        store.append(event(at))
    store.append(event(MINUTE, "Killing"))

    found = store.search(2 * MINUTE)

    assert [(e.reason, e.count, e.first_ns, e.last_ns) for e in found] == [
        ("Killing", 1, MINUTE, MINUTE),
        ("BackOff", 3, 0, 2 * MINUTE),
    ]


def test_the_api_server_forgets_events_after_an_hour() -> None:
    store = EventStore()
    store.append(event(0))

    assert store.search(KEPT_NS)
    assert not store.search(KEPT_NS + 1)
    store.append(event(KEPT_NS + 1))
    assert [e.count for e in store.search(KEPT_NS + 1)] == [1]


def test_events_are_found_by_component_pod_and_type() -> None:
    store = EventStore()
    store.append(event(0))

    for name in ("llm", "llm-0", ""):
        assert store.search(0, component=name, warnings=True)
    assert not store.search(0, component="gateway")


def test_a_ticket_is_seen_only_once_it_is_written() -> None:
    store = TicketStore()
    store.append(Ticket(5, "chat", "slow"))
    store.append(Ticket(3, "facts", "wrong"))

    assert [t.route for t in store.search(4)] == ["facts"]
    assert store.counted(5, "chat") == 1
    assert [t.t_ns for t in store.search(9, since_ns=4)] == [5]
