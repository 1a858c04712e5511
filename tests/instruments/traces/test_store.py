"""The collector waits, then keeps what failed, what was slow, and a share of the rest."""

from collections.abc import Iterable

import pytest

from simulator.instruments.traces.model import Span
from simulator.instruments.traces.store import Fate, Policy, TraceStore
from tests.instruments.traces.spans import SECOND, span

_NEVER_DRAWN = 0xFFFFFFFFFFFFFFFF << 64  # the upper half of an id decides
_POLICY = Policy(ordinary_share=0.5, slow_ns=2 * SECOND, wait_ns=10 * SECOND)


def _store(spans: Iterable[Span], policy: Policy = _POLICY, until_s: int = 1000) -> TraceStore:
    parts = [list(spans)]
    return TraceStore(policy, lambda: (parts.pop() if parts else (), until_s * SECOND))


@pytest.mark.parametrize(
    ("root", "fate"),
    [
        pytest.param(span(_NEVER_DRAWN + 1, "root", 0, 100), Fate.DROPPED, id="ordinary"),
        pytest.param(span(1, "root", 0, 100), Fate.KEPT, id="ordinary, and drawn"),
        pytest.param(span(_NEVER_DRAWN + 1, "root", 0, 2500), Fate.KEPT, id="slow"),
        pytest.param(span(_NEVER_DRAWN + 1, "root", 0, 9, error="no"), Fate.KEPT, id="failed"),
    ],
)
def test_what_the_collector_keeps(root: Span, fate: Fate) -> None:
    store = _store([root])

    found, _ = store.find(root.trace_id, 20 * SECOND)

    assert found is fate


def test_a_failure_below_the_root_is_enough_and_one_after_the_decision_is_too_late() -> None:
    early = [
        span(_NEVER_DRAWN + 1, "root", 0, 9),
        span(_NEVER_DRAWN + 1, "a", 0, 9, parent="root", error="x"),
    ]
    late = [
        span(_NEVER_DRAWN + 2, "root", 0, 9),
        span(_NEVER_DRAWN + 2, "a", 0, 10_010, parent="root", error="x"),
    ]

    store = _store([*early, *late])

    assert [store.find(f"{_NEVER_DRAWN + n:032x}", 60 * SECOND)[0] for n in (1, 2)] == [
        Fate.KEPT,
        Fate.DROPPED,
    ]


def test_nothing_is_shown_before_the_decision() -> None:
    store = _store([span(1, "root", 0, 100)])

    fates = [store.find("1", s * SECOND)[0] for s in (0, 5, 10, 11)]

    assert fates == [Fate.UNKNOWN, Fate.WAITING, Fate.WAITING, Fate.KEPT]


def test_a_span_that_is_still_under_way_is_not_shown_yet() -> None:
    store = _store([span(1, "root", 0, 100), span(1, "orphan", 50, 30_000, parent="root")])

    _, then = store.find("1", 20 * SECOND)
    _, later = store.find("1", 31 * SECOND)

    assert then is not None
    assert later is not None
    assert [len(trace.spans) for trace in (then, later)] == [1, 2]


def test_decisions_do_not_hang_on_when_somebody_looks() -> None:
    spans = [span(n, "root", 500 * n, 500 * n + (3000 if n % 3 else 10)) for n in range(1, 40)]
    eager, patient = _store(spans), _store(spans)

    for second in range(0, 60, 3):
        eager.search(second * SECOND)

    assert eager.search(60 * SECOND) == patient.search(60 * SECOND)


def test_what_has_not_been_exported_yet_is_not_decided_on() -> None:
    store = _store([span(1, "root", 0, 100)], until_s=9)

    assert store.find("1", 60 * SECOND)[0] is Fate.WAITING


def test_traces_are_found_by_component_pod_speed_and_failure() -> None:
    store = _store(
        [
            span(1, "root", 0, 100),
            span(2, "root", 10, 2600),
            span(2, "call", 20, 2500, parent="root", service="llm", pod="llm-0"),
            span(3, "root", 20, 120, error="upstream request timeout"),
        ]
    )

    def found(**wanted: object) -> list[int]:
        return [int(trace.trace_id, 16) for trace in store.search(60 * SECOND, **wanted)]  # type: ignore[arg-type]  # a table of options

    assert found() == [1, 2, 3]
    assert (found(slow=True), found(errors=True), found(slow=True, errors=True)) == (
        [2],
        [3],
        [2, 3],
    )
    assert (found(component="llm"), found(component="llm-0"), found(component="llm-1")) == (
        [2],
        [2],
        [],
    )
    assert found(since_ns=2 * SECOND) == [2]


def test_an_id_is_known_by_either_end_unless_two_traces_have_it() -> None:
    store = _store([span(0xABC1, "root", 0, 9), span(0xDBC1, "root", 0, 9)])

    fates = [store.find(end, 60 * SECOND)[0] for end in ("abc1", "ABC1", "bc1", f"{0xABC1:032x}")]

    assert fates == [Fate.KEPT, Fate.KEPT, Fate.UNKNOWN, Fate.KEPT]
