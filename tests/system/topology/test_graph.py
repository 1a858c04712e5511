from simulator.system.topology.graph import (
    calls,
    calls_of_class,
    classes_reaching,
    cycle,
    hops,
    layers,
    reached,
)
from tests.system.topology.worked import parts

CHAIN = """
classes: {chat: {arrives_at: front}, search: {arrives_at: index}}
components:
  front: {kind: workers, workers: 1, handles: {chat: [parallel: [[call: index], [call: store]]]}}
  store: {kind: workers, workers: 1, service: 1ms}
  index: {kind: workers, workers: 1, handles: {chat: [call: store], search: [work: 1ms]}}
"""


def test_calls_start_with_the_users_and_follow_the_order_written() -> None:
    assert calls(parts(CHAIN)) == (
        ("users", "front"),
        ("users", "index"),
        ("front", "index"),
        ("front", "store"),
        ("index", "store"),
    )


def test_a_class_has_its_own_calls() -> None:
    system = parts(CHAIN)

    assert calls_of_class(system, "search") == (("users", "index"),)
    assert reached(system, "chat") == ("front", "index", "store")
    assert classes_reaching(system, "index") == ("chat", "search")


def test_hops_count_in_either_direction() -> None:
    assert hops(calls(parts()), "embed") == {
        "embed": 0, "gateway": 1, "users": 2, "passages": 2, "vectors": 2, "llm": 2, "provider": 2,
    }  # fmt: skip


def test_layers_follow_the_longest_way_from_the_users() -> None:
    assert layers(calls(parts(CHAIN))) == (("users",), ("front",), ("index",), ("store",))


def test_a_graph_without_a_cycle_has_none() -> None:
    assert cycle(calls(parts())) == ()
