"""Message queues: who gets a message, how often, and what becomes of it."""

import heapq

import pytest

from simulator.plant import arithmetic, chance
from simulator.plant import broker_tables as bt
from simulator.plant.api import Outcome, PoolKnob, ReplicaKnob
from simulator.plant.contents import Queue
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe as R
from simulator.plant.spec import Call, EdgeSpec, PoolSpec, Return, Step, Workers
from simulator.plant.spec_parts import ConnectionPool
from tests.plant.systems import (
    MS,
    SECOND,
    Times,
    exponential,
    fixed,
    outcomes,
    plant,
    poisson,
    pool,
)

API, JOBS, WORKER = range(3)


def system(
    source: Times, *steps: Step, queue: Queue | None = None, consumers: int = 1, workers: int = 1,
    capacity: int = 4096, edges: tuple[EdgeSpec, ...] = (), more: tuple[PoolSpec, ...] = (),
) -> Plant:  # fmt: skip
    """An api that enqueues, a queue, and a consumer that runs `steps` per message."""
    content = queue or Queue("worker", prefetch=1)
    pools = [
        pool("api", 10_000, Call("jobs")),
        PoolSpec("jobs", Workers(10_000, content=content), 1),
        pool("worker", workers, *(steps or (fixed(10),)), replicas=consumers),
        *more,
    ]
    return plant(pools, source, edges=edges, capacity=capacity)


def until(plant: Plant, seconds: float) -> None:
    while plant.now < int(seconds * SECOND):
        plant.advance(int(seconds * SECOND), inclusive=True)
    plant.check_conservation()
    plant.check_no_idling()


def books(plant: Plant) -> list[int]:
    """Enqueued, done, dead, waiting, handed out, and endings that came too late."""
    row = plant.queue_row(JOBS)
    columns = (
        bt.Q_ENQUEUED, bt.Q_DONE, bt.Q_DEAD, bt.Q_READY, bt.Q_OUT, bt.Q_DUPLICATES,
    )  # fmt: skip
    return [int(row[column]) for column in columns]


def shown(plant: Plant, *probes: R) -> list[int]:
    row = plant.replica_row(1)
    return [int(row[probe]) for probe in probes]


def test_the_sender_is_answered_at_once_and_messages_are_handled_in_order() -> None:
    plant = system(Times([1, 2, 3]))

    until(plant, 0.015)

    assert outcomes(plant)[Outcome.GOOD] == 3
    assert int(plant.class_row(0)[14]) == 0
    assert books(plant) == [3, 1, 0, 1, 1, 0]
    assert shown(plant, R.MESSAGES_READY, R.MESSAGES_UNACKED, R.AGE_NS) == [1, 1, 15 * MS - 3]
    until(plant, 1.0)
    assert books(plant) == [3, 3, 0, 0, 0, 0]
    assert shown(plant, R.PUBLISHED, R.DELIVERED, R.ACKNOWLEDGED) == [3, 3, 3]


def test_a_backlog_grows_by_what_comes_in_less_what_is_done() -> None:
    """30 a second in, 20 out: after 20 s some 200 wait, and the oldest came 6.7 s ago."""
    plant = system(poisson(30, 20), fixed(50))

    until(plant, 20)

    waiting, age = shown(plant, R.MESSAGES_READY, R.AGE_NS)
    assert waiting == pytest.approx(10 * 20, abs=60)
    assert age == pytest.approx(waiting / 30 * SECOND, rel=0.15)


def test_a_message_that_takes_longer_than_it_is_invisible_is_handled_twice() -> None:
    plant = system(
        Times([1]), fixed(1000), queue=Queue("worker", visible_ns=600 * MS, prefetch=1), consumers=2
    )

    until(plant, 0.7)
    both = [int(plant.replica_row(r)[R.MESSAGES]) for r in (2, 3)]
    until(plant, 5.0)

    assert both == [1, 1]
    assert books(plant) == [1, 1, 0, 0, 0, 1]
    assert shown(plant, R.DELIVERED, R.REDELIVERED) == [2, 1]
    assert int(plant.replica_row(2)[R.COMPLETED] + plant.replica_row(3)[R.COMPLETED]) == 2


@pytest.mark.parametrize("retry_ns", [0, 50 * MS])
def test_poison_blocks_nobody_and_ends_among_the_dead_letters(retry_ns: int) -> None:
    plant = system(
        poisson(40, 20), exponential(10),
        queue=Queue("worker", visible_ns=SECOND, receives_max=3, retry_ns=retry_ns,
                    poison_share=0.1),
    )  # fmt: skip

    until(plant, 30)

    enqueued, done, dead, waiting, out, late = books(plant)
    assert (waiting, out, late) == (0, 0, 0)
    assert done + dead == enqueued
    assert dead == pytest.approx(0.1 * enqueued, rel=0.3)
    assert shown(plant, R.DEAD_LETTERS, R.DELIVERED) == [dead, done + 3 * dead]


def test_what_fails_comes_again_after_its_time_or_sooner() -> None:
    slow = Queue("worker", visible_ns=10 * SECOND, receives_max=2)
    fast = Queue("worker", visible_ns=10 * SECOND, receives_max=2, retry_ns=SECOND)
    later, sooner = (
        system(Times([1]), fixed(5), Return("failed"), queue=each) for each in (slow, fast)
    )

    until(later, 9.0)
    until(sooner, 9.0)

    assert books(later) == [1, 0, 0, 0, 1, 0]
    assert books(sooner) == [1, 0, 1, 0, 0, 0]
    until(later, 21.0)
    assert books(later) == [1, 0, 1, 0, 0, 0]


def test_a_full_queue_rejects() -> None:
    plant = system(Times([1, 2, 3, 4]), queue=Queue("worker", depth_max=2, prefetch=1))

    until(plant, 0.005)

    assert books(plant)[0] == 2
    assert [outcomes(plant)[x] for x in (Outcome.GOOD, Outcome.FAILED)] == [2, 2]


def test_nobody_reads_while_the_queue_is_paused_or_consumers_share_it_out_anew() -> None:
    plant = system(
        poisson(20, 60), fixed(10), queue=Queue("worker", rebalance_ns=3 * SECOND, prefetch=1),
        consumers=2,
    )  # fmt: skip
    until(plant, 10)
    plant.kill(3)
    done = books(plant)[1]

    until(plant, 12.9)
    held_up = books(plant)[1]
    until(plant, 16)
    caught_up = books(plant)[3]
    plant.turn_pool(JOBS, PoolKnob.PAUSED, 1.0)
    paused = books(plant)[1]
    until(plant, 20)

    assert held_up <= done + 1
    assert caught_up < 3
    assert books(plant)[1] <= paused + 1
    plant.turn_pool(JOBS, PoolKnob.PAUSED, 0.0)
    until(plant, 30)
    assert books(plant)[3] < 3


@pytest.mark.parametrize("lost", ["killed", "unreachable"])
def test_what_a_lost_consumer_held_is_handled_by_another(lost: str) -> None:
    plant = system(
        Times([1, 2, 3, 4]), fixed(100), queue=Queue("worker", visible_ns=SECOND, prefetch=2),
        consumers=2,
    )  # fmt: skip
    until(plant, 0.05)

    if lost == "killed":
        plant.kill(2)
    else:
        plant.turn_replica(2, ReplicaKnob.REACHABLE, 0.0)
    until(plant, 0.5)
    meanwhile = books(plant)
    until(plant, 3.0)

    assert meanwhile == [4, 2, 0, 0, 2, 0]
    assert books(plant)[:5] == [4, 4, 0, 0, 0]


def test_a_broker_that_is_away_keeps_its_messages_and_hears_no_endings() -> None:
    plant = system(
        Times([1, 2, 3]), fixed(100), queue=Queue("worker", visible_ns=SECOND, prefetch=1)
    )
    until(plant, 0.05)
    plant.kill(1)
    until(plant, 0.5)
    away = books(plant)
    plant.revive(1)
    plant.set_ready(1, ready=True)

    until(plant, 3.0)

    assert away == [3, 0, 0, 2, 1, 0]
    assert books(plant) == [3, 3, 0, 0, 0, 0]
    assert int(plant.replica_row(2)[R.COMPLETED]) == 4


def test_a_consumer_may_wait_for_others_and_for_their_connections() -> None:
    db = pool("db", 100, fixed(20))
    plant = system(
        poisson(30, 10), fixed(1), Call("db"), queue=Queue("worker", prefetch=8), workers=8,
        edges=(EdgeSpec("worker", "db", pool=ConnectionPool(1, 60 * SECOND)),), more=(db,),
    )  # fmt: skip

    until(plant, 20)

    enqueued, done, *rest = books(plant)
    assert (done, rest) == (enqueued, [0, 0, 0, 0])


class _ByHand:
    """A queue and consumers of one message each, message by message."""

    def __init__(self, visible: int, receives: int, servers: int) -> None:
        self.visible, self.receives, self.free = visible, receives, servers
        self.waiting: list[int] = []
        self.received: dict[int, int] = {}
        self.ended: set[int] = set()
        self.done = self.dead = self.handed_out = self.late = 0

    def run(self, times: list[int], lasts: int) -> list[int]:
        """Done, dead, handed out and endings too late."""
        ahead = [(at, 2, number, 0) for number, at in enumerate(times)]
        heapq.heapify(ahead)
        while ahead:
            now, kind, number, which = heapq.heappop(ahead)
            # At one instant what was begun first ends first, and work lasts longer.
            (self.end, self.become_visible, self.come)[kind](number, which)
            while self.free and self.waiting:
                first = min(self.waiting)
                self.waiting.remove(first)
                self.free -= 1
                self.handed_out += 1
                self.received[first] = self.received.get(first, 0) + 1
                heapq.heappush(ahead, (now + lasts, 0, first, 0))
                heapq.heappush(ahead, (now + self.visible, 1, first, self.received[first]))
        return [self.done, self.dead, self.handed_out, self.late]

    def come(self, number: int, _: int) -> None:
        self.waiting.append(number)

    def end(self, number: int, _: int) -> None:
        self.free += 1
        if number in self.ended:
            self.late += 1
            return
        self.done += 1
        self.ended.add(number)
        if number in self.waiting:
            self.waiting.remove(number)

    def become_visible(self, number: int, which: int) -> None:
        if number in self.ended or self.received[number] != which:
            return
        if which < self.receives:
            self.waiting.append(number)
            return
        self.dead += 1
        self.ended.add(number)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("visible_ms", [15, 25])
def test_random_tapes_as_worked_out_by_hand(seed: int, visible_ms: int) -> None:
    times: list[int] = []
    now = 0
    for number in range(60):
        u = chance.uniform(chance.mix(chance.mix(seed, 8), number))
        now += 1 + int(-arithmetic.log(u) * 14 * MS)
        times.append(now)
    plant = system(
        Times(times), fixed(31), consumers=3, capacity=16,
        queue=Queue("worker", visible_ns=visible_ms * MS, receives_max=2, prefetch=1),
    )  # fmt: skip
    expected = _ByHand(visible_ms * MS, 2, 3).run(times, 31 * MS)

    until(plant, 20)

    _, done, dead, waiting, out, late = books(plant)
    assert [done, dead, *shown(plant, R.DELIVERED), late] == expected
    assert (waiting, out) == (0, 0)
