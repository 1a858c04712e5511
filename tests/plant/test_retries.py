"""Retries: what is tried again, and when."""

from collections.abc import Callable

import pytest

from simulator.plant import layout as at
from simulator.plant.api import ReplicaKnob
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe
from simulator.plant.spec import Distribution, EdgeSpec, External, PoolSpec, RetryOn, Workers
from tests.plant.systems import MS, SECOND, Times, fixed, plant, pool

ALL: tuple[RetryOn, ...] = ("connect", "reset", "timeout", "5xx", "429")


def _retries(system: Plant) -> int:
    return int(system.edge_row(0)[EdgeProbe.RETRIES])


def _until(system: Plant, seconds: float) -> None:
    until = int(seconds * SECOND)
    while system.now < until:
        system.advance(until, inclusive=False)
    system.check_conservation()


def _edge(on: tuple[RetryOn, ...], **options: int) -> list[EdgeSpec]:
    return [EdgeSpec("users", "a", delay_ns=MS, retries_max=1, retries_on=on, **options)]  # type: ignore[arg-type]  # a table


def _unreachable(on: tuple[RetryOn, ...]) -> Plant:
    system = plant([pool("a", 1, fixed(100))], Times([SECOND]), edges=_edge(on))
    system.turn_replica(0, ReplicaKnob.REACHABLE, 0.0)
    return system


def _killed(on: tuple[RetryOn, ...]) -> Plant:
    system = plant([pool("a", 1, fixed(100), replicas=2)], Times([SECOND]), edges=_edge(on))
    _until(system, 1.05)
    system.kill(0)
    return system


def _slow(on: tuple[RetryOn, ...]) -> Plant:
    edges = _edge(on, timeout_ns=50 * MS)
    return plant([pool("a", 1, fixed(100))], Times([SECOND]), edges=edges)


def _failing(on: tuple[RetryOn, ...]) -> Plant:
    system = plant([pool("a", 1, fixed(100))], Times([SECOND]), edges=_edge(on))
    system.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)
    return system


def _full(on: tuple[RetryOn, ...]) -> Plant:
    servers = PoolSpec("a", Workers(1, queue_max=0), 1, default_handler=(fixed(100),))
    return plant([servers], Times([SECOND, SECOND + 1]), edges=_edge(on))


def _over_quota(on: tuple[RetryOn, ...]) -> Plant:
    provider = External(Distribution("fixed", 100 * MS), 100.0, requests_per_minute=1)
    return plant([PoolSpec("a", provider, 1)], Times([SECOND, SECOND + 1]), edges=_edge(on))


@pytest.mark.parametrize(
    ("meets", "name"),
    [
        pytest.param(_unreachable, "connect", id="a host that does not answer"),
        pytest.param(_killed, "reset", id="a process that dies"),
        pytest.param(_slow, "timeout", id="an answer too late"),
        pytest.param(_failing, "5xx", id="an error"),
        pytest.param(_full, "5xx", id="a full queue"),
        pytest.param(_over_quota, "429", id="a quota"),
    ],
)
def test_only_what_is_named_is_tried_again(
    meets: Callable[[tuple[RetryOn, ...]], Plant], name: RetryOn
) -> None:
    told = meets((name,))
    others = meets(tuple(each for each in ALL if each != name))

    _until(told, 5)
    _until(others, 5)

    assert _retries(told) == 1
    assert _retries(others) == 0


def _told_to_wait(after_ns: int, *, honours: bool) -> Plant:
    """One call is refused at 1.001 s; its answer, which arrives 1 ms later, names a time."""
    edge = EdgeSpec(
        "users", "a", delay_ns=MS, retries_max=1, backoff_ns=100 * MS, retries_on=("429",),
        honours_retry_after=honours,
    )  # fmt: skip
    provider = External(Distribution("fixed", 100 * MS), 100.0, requests_per_minute=1)
    system = plant([PoolSpec("a", provider, 1)], Times([0, SECOND]), edges=[edge])
    system.advance(SECOND + MS, inclusive=True)
    slots = system._s.slots  # noqa: SLF001  in the place of a provider that says when
    refused = (slots[:, at.STATE] == at.RETURNING) & (slots[:, at.RESULT] == at.LIMITED)
    slots[refused, at.RETRY_AT] = system.now + MS + after_ns
    return system


@pytest.mark.parametrize(
    ("after_s", "honours", "pause_s"),
    [
        pytest.param(7, True, 7, id="as long as the answer says"),
        pytest.param(61, True, 0.1, id="but not a minute"),
        pytest.param(7, False, 0.1, id="or the own backoff"),
    ],
)
def test_a_retry_comes_when_the_answer_says(after_s: int, honours: bool, pause_s: float) -> None:  # noqa: FBT001  a table
    system = _told_to_wait(after_s * SECOND, honours=honours)

    _until(system, 1.001 + pause_s)
    before = int(system.edge_row(0)[EdgeProbe.CALLS])
    _until(system, 1.003 + pause_s)

    assert before == 2
    assert int(system.edge_row(0)[EdgeProbe.CALLS]) == 3
