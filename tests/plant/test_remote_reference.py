"""Prompts computed elsewhere: every request ends at the nanosecond a plain pair of servers says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant import chance
from simulator.plant.api import Pause
from simulator.plant.arrivals import name_key
from simulator.plant.llm_spec import RemotePrefill
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import USERS, ClassSpec, Distribution, EdgeSpec, Llm, PlantSpec, PoolSpec
from tests.plant.llm_face import Row
from tests.plant.reference_remote import Ask, FetchingServer, KeepingServer, Split
from tests.plant.systems import Times
from tests.plant.test_llm import SMALL

DECODE, PREFILL = 0, 1
LASTS_NS = 60_000_000_000
Seen = tuple[Sequence[tuple[int, ...]], Sequence[tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Story:
    """Two servers, what lies between them, and what happens."""

    decode: Llm
    prefill: Llm
    ns_per_token: float
    latency_ns: int
    delay_ns: int
    asks: tuple[Ask, ...]
    losses: tuple[tuple[int, int], ...]  # from, until
    looks: tuple[int, ...]


def servers(places_min: int) -> st.SearchStrategy[Llm]:
    return st.builds(
        replace,
        st.just(SMALL),
        kv_tokens=st.integers(10 * 16, 30 * 16),
        max_num_seqs=st.integers(places_min, 6),
        max_num_batched_tokens=st.sampled_from([7, 16, 50, 256]),
        step_noise_sigma=st.sampled_from([0.0, 0.05]),
        queue_max=st.just(1000),
        schedules_ahead=st.booleans(),
        whole_prompt_fits=st.booleans(),
        prefix_caching=st.booleans(),
    )


def stories() -> st.SearchStrategy[Story]:
    """Asks, losses and looks differ modulo 7 ns, so that no two happen at one instant."""
    at = st.integers(1, 10**8)
    ask = st.builds(
        Ask,
        at.map(lambda n: 7 * n),
        st.integers(1, 90),
        st.integers(1, 60),
        st.sampled_from([87_654_321, 456_789_123, LASTS_NS, LASTS_NS, LASTS_NS]),
    )
    lasts = st.sampled_from([1_234_567, 98_765_432, 456_789_101])
    loss = st.tuples(at.map(lambda n: 7 * n + 3), lasts).map(lambda pair: (pair[0], sum(pair)))
    return st.builds(
        Story,
        servers(2),  # on a single place, who needs the blocks of one that waits for it starves
        servers(1),
        st.sampled_from([0.0, 12_345.6, 987_654.3]),
        st.sampled_from([0, 5_000_003]),
        st.sampled_from([300_007, 9_000_011]),
        st.lists(ask, min_size=1, max_size=8, unique_by=lambda each: each.at).map(
            lambda asks: tuple(sorted(asks, key=lambda each: each.at))
        ),
        st.lists(loss, max_size=2).map(_apart),
        st.lists(at.map(lambda n: 7 * n + 5), max_size=3, unique=True).map(sorted).map(tuple),
    )


def _apart(losses: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Leave out losses of a server that is lost already."""
    kept: list[tuple[int, int]] = []
    for loss in sorted(losses):
        if not kept or loss[0] > kept[-1][1]:
            kept.append(loss)
    return tuple(kept)


def key_of(pool: str) -> int:
    return int(chance.mix(chance.mix(1, name_key(pool)), 0))


def play_plain(story: Story) -> Seen:
    """First token, end (-1: left) of every request; what could be seen of both servers."""
    decode = FetchingServer(story.decode, key_of("decode"))
    prefill = KeepingServer(story.prefill, key_of("prefill"))
    split = Split(decode, prefill, story.ns_per_token, story.latency_ns, story.delay_ns)
    for ask in story.asks:
        split.add(ask)
    for loss in story.losses:
        split.lose_prefill(*loss)
    seen: list[tuple[Row, Row]] = []
    for at in (*story.looks, LASTS_NS - 1):
        split.look(at, seen)
    split.run()
    ends = [(-1, -1) if j.left else (j.first_at, j.ended_at) for j in split.journeys]
    gauges = [
        (row.running, row.waiting, row.kv_used, row.steps, row.step_ns, row.preemptions,
         row.prompt_tokens, row.generation_tokens)
        for pair in seen for row in pair
    ]  # fmt: skip
    return ends, gauges


def _plant(story: Story) -> Plant:
    """A class per request, so that each has its own end."""
    classes = tuple(
        ClassSpec(
            f"class{i}", "decode", Distribution("fixed", ask.prompt),
            Distribution("fixed", ask.output), patience_ns=ask.patience_ns,
        )
        for i, ask in enumerate(story.asks)
    )  # fmt: skip
    remote = RemotePrefill("prefill", story.ns_per_token, story.latency_ns)
    pools = (
        PoolSpec("decode", replace(story.decode, prefill=remote, request_overhead_ns=0), 1),
        PoolSpec("prefill", replace(story.prefill, request_overhead_ns=0), 1),
    )
    edges = EdgeSpec(USERS, "decode"), EdgeSpec("decode", "prefill", delay_ns=story.delay_ns)
    times = {each.name: Times([ask.at]) for each, ask in zip(classes, story.asks, strict=True)}
    return Plant(PlantSpec(pools, edges, classes), 1, times)


def play_compiled(story: Story) -> Seen:
    """The same of the plant."""
    plant = _plant(story)
    stops = [(at, "lose") for at, _ in story.losses] + [(at, "back") for _, at in story.losses]
    stops += [(at, "look") for at in (*story.looks, LASTS_NS - 1)]
    gauges: list[tuple[int, ...]] = []
    for at, what in sorted(stops):
        while plant.advance(at, inclusive=True) is not Pause.DONE:
            pass
        if what == "lose":
            plant.kill(PREFILL)
        elif what == "back":
            plant.revive(PREFILL)
            plant.set_ready(PREFILL, ready=True)
        else:
            gauges += [_gauges(plant, replica) for replica in (DECODE, PREFILL)]
        plant.check_conservation()
    return [_end(plant, i, ask) for i, ask in enumerate(story.asks)], gauges


def _gauges(plant: Plant, replica: int) -> tuple[int, ...]:
    row = plant.replica_row(replica)
    probes = (
        ReplicaProbe.RUNNING, ReplicaProbe.QUEUED, ReplicaProbe.KV_BLOCKS_USED, ReplicaProbe.STEPS,
        ReplicaProbe.BUSY_NS, ReplicaProbe.PREEMPTIONS, ReplicaProbe.PROMPT_TOKENS,
        ReplicaProbe.GENERATION_TOKENS,
    )  # fmt: skip
    return tuple(int(row[probe]) for probe in probes)


def _end(plant: Plant, number: int, ask: Ask) -> tuple[int, int]:
    row = plant.class_row(number)
    if row[ClassProbe.ABANDONED]:
        return -1, -1
    assert row[ClassProbe.ANSWERED_2XX] == 1
    return ask.at + int(row[ClassProbe.TTFT_NS]), ask.at + int(row[ClassProbe.E2E_NS])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(stories())
def test_every_request_ends_when_the_plain_servers_say(story: Story) -> None:
    assert play_compiled(story) == play_plain(story)
