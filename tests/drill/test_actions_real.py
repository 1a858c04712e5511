"""Every action does what it says in a real drill, or is refused and changes nothing."""

import hashlib

import pytest

from simulator import kinds
from simulator.drill.run import Flight
from simulator.errors import NotFound, UsageError
from simulator.plant.probes import ClassProbe, EdgeProbe, ReplicaProbe
from simulator.record.journal import Line
from simulator.units import SECOND, duration
from simulator.world import PodPhase
from tests.drill.small import CHAT, FACTS, counted, landed, seated

NO_FAULT = "faults=[]"
pytestmark = pytest.mark.xdist_group("small")

DONE = {
    "add_nodes": "add_nodes gpu 1",
    "cordon": "cordon gpu-0",
    "delete_pod": "delete_pod llm-0 --force",
    "drain": "drain llm-0",
    "expire": "expire 1",
    "failover": "failover gateway -> llm provider 50%",
    "flush": "flush pages",
    "freeze": "freeze gateway",
    "limit": "limit class/chat requests_per_second 5",
    "restart": "restart llm-0",
    "retries": "retries gateway -> catalogue 0",
    "rollback": "rollback llm",
    "scale": "scale llm 3",
    "silence": "silence severity=page",
    "shed": "shed class/chat 50%",
    "timeout": "timeout gateway -> llm 50ms",
    "tune": "tune llm max_num_seqs 1",
    "uncordon": "uncordon gpu-0",
    "unfreeze": "unfreeze gateway",
    "warm": "warm pages",
}
FIRST = {
    "uncordon": "cordon gpu-0",
    "unfreeze": "freeze gateway",
    "warm": "flush pages",
    "expire": "silence severity=page",
}
"""What must have been done before."""
SYSTEM = {
    "failover": ("edges.gateway -> provider={timeout: 10s}",),
    "rollback": (
        "faults=[{kind: bad_release, at: 10s, target: llm, revision: v2, quality: 40%, note: v2}]",
    ),
}
REFUSED = [
    "add_nodes gpu 50",
    "rollback gateway",
    "unfreeze gateway",
    "expire 1",
    "silence nonsense",
    "tune llm queue_max 5",
    "scale provider 3",
    "drain general-9",
    "restart nobody",
    "flush llm",
    "limit class/nobody requests_per_second 5",
    "failover gateway -> llm provider",
]


def after(*commands: str, system: tuple[str, ...] = (), at: str = "1m") -> Flight:
    flight = seated(NO_FAULT, *system)
    flight.session.advance(duration(at))
    for command in commands:
        answer = flight.session.do(command)
        assert not answer.is_refused, answer.lines
    return flight


def plant_digest(flight: Flight) -> str:
    """Everything the plant counts, right now."""
    plant, names = flight.drill.plant, flight.drill.names
    total = hashlib.sha256()
    for number in sorted(flight.drill.effects.rows):
        total.update(plant.replica_row(number).tobytes())
    for number in range(len(names.spec.edges)):
        total.update(plant.edge_row(number).tobytes())
    for number in range(len(names.spec.classes)):
        total.update(plant.class_row(number).tobytes())
    return total.hexdigest()


def class_count(flight: Flight, request_class: int, probe: ClassProbe) -> int:
    return int(flight.drill.plant.class_row(request_class)[probe])


def replica(flight: Flight, pod: str, probe: ReplicaProbe) -> int:
    row = next(row for row in flight.drill.effects.rows.values() if row.pod == pod)
    return int(flight.drill.plant.replica_row(row.number)[probe])


def test_every_action_is_tried() -> None:
    assert sorted(DONE) == sorted(kinds.names("actions"))


@pytest.mark.parametrize("kind", sorted(DONE))
def test_an_action_changes_the_run(kind: str) -> None:
    first, system = FIRST.get(kind), SYSTEM.get(kind, ())
    before = (first,) if first else ()

    acted = after(*before, DONE[kind], system=system)
    alone = after(*before, system=system)

    # What an act did shows within two minutes: in counters, pods, nodes or an autoscaler.
    for flight in (acted, alone):
        flight.session.advance(duration("5m"))
    assert _seen(acted) != _seen(alone)


def _seen(flight: Flight) -> tuple[object, ...]:
    world = flight.drill.world
    frozen = [loop.is_frozen for loop in world.autoscaler_loops.values()]
    silences = world.alertmanager.rows()
    return (plant_digest(flight), world.pods(), world.nodes(), frozen, silences)


@pytest.mark.parametrize("command", REFUSED)
def test_a_refused_action_changes_nothing(command: str) -> None:
    system = ("edges.gateway -> llm={timeout: 15s}",)
    refused, alone = after(system=system), after(system=system)

    try:
        answer = refused.session.do(command)
    except (NotFound, UsageError):
        pass
    else:
        assert answer.is_refused

    assert refused.session.now == alone.session.now
    for flight in (refused, alone):
        flight.session.advance(duration("2m"))
    assert plant_digest(refused) == plant_digest(alone)
    assert refused.drill.world.pods() == alone.drill.world.pods()


def test_shedding_answers_429_to_that_share_of_that_class() -> None:
    flight = after("shed class/chat 50%")

    record = landed(flight)

    shed = class_count(flight, CHAT, ClassProbe.REFUSED_429)
    assert counted(record, "refused", CHAT) == shed
    assert 0.3 < shed / record.outcomes[:, CHAT].sum() < 0.5
    assert counted(record, "refused", FACTS) == 0


def test_a_rate_limit_answers_429_above_it() -> None:
    flight = after("limit class/chat requests_per_second 5")
    before = class_count(flight, CHAT, ClassProbe.ARRIVED) - class_count(
        flight, CHAT, ClassProbe.REFUSED_429
    )

    flight.session.advance(flight.session.now + 60 * SECOND)

    let_in = class_count(flight, CHAT, ClassProbe.ARRIVED) - class_count(
        flight, CHAT, ClassProbe.REFUSED_429
    )
    assert 295 <= let_in - before <= 306


def test_a_prompt_limit_answers_413_and_counts_as_refused() -> None:
    flight = after("limit class/chat prompt_tokens 600")

    record = landed(flight)

    too_long = class_count(flight, CHAT, ClassProbe.REFUSED_413)
    assert too_long > 1000
    assert counted(record, "refused", CHAT) == too_long


def test_no_retries_are_sent_once_they_are_set_to_none() -> None:
    flight = after("retries gateway -> catalogue 0", "flush pages")
    edge = flight.drill.names.edges["gateway -> catalogue"]
    before = int(flight.drill.plant.edge_row(edge)[EdgeProbe.RETRIES])

    landed(flight)

    assert int(flight.drill.plant.edge_row(edge)[EdgeProbe.TIMED_OUT]) > 100
    assert int(flight.drill.plant.edge_row(edge)[EdgeProbe.RETRIES]) == before


def test_draining_lets_calls_in_flight_finish_and_restarting_drops_them() -> None:
    drained, restarted = after("drain llm-0"), after("restart llm-0")

    drained.session.advance(duration("2m"))
    restarted.session.advance(duration("2m"))

    failed = [class_count(flight, CHAT, ClassProbe.FAILED_5XX) for flight in (drained, restarted)]
    assert failed[0] == 0
    assert failed[1] > 0


def test_a_replica_without_room_stays_pending() -> None:
    flight = after("scale llm 5")

    flight.session.advance(duration("3m"))

    phases = [pod.phase for pod in flight.drill.world.pods("llm")]
    assert phases.count(PodPhase.PENDING) == 2
    assert flight.drill.world.component("llm").replicas_ready == 3


def test_an_ordered_node_gives_it_room() -> None:
    flight = after("scale llm 4", "add_nodes gpu 1")

    flight.session.advance(duration("4m"))

    assert flight.drill.world.component("llm").replicas_ready == 4


def test_a_frozen_autoscaler_leaves_replicas_where_they_were_put() -> None:
    frozen, free = after("freeze gateway", "scale gateway 4"), after("scale gateway 4")

    for flight in (frozen, free):
        flight.session.advance(duration("4m"))

    assert frozen.drill.world.component("gateway").replicas_desired == 4
    assert free.drill.world.component("gateway").replicas_desired == 2


def test_failing_over_moves_calls_to_the_other_edge() -> None:
    flight = after(DONE["failover"], system=SYSTEM["failover"])
    edge = flight.drill.names.edges["gateway -> provider"]

    landed(flight)

    assert int(flight.drill.plant.edge_row(edge)[EdgeProbe.OK]) > 1000


def test_warming_fills_what_flushing_emptied() -> None:
    flight = after("flush pages")
    emptied = replica(flight, "pages-0", ReplicaProbe.KEYS)

    flight.session.do("warm pages 100%")

    assert emptied < 200
    assert replica(flight, "pages-0", ReplicaProbe.KEYS) > 2000


def test_an_act_is_undone_by_replaying_the_journal_without_it() -> None:
    lived = after("shed class/chat 50%")
    kept = [line for line in lived.session.journal.lines if "shed" not in line.text]

    again = seated(NO_FAULT)
    again.session.replay([*kept, Line(duration("1m"), "status")])
    alone = after("status")

    for flight in (again, alone):
        flight.session.advance(duration("3m"))
    assert plant_digest(again) == plant_digest(alone)
