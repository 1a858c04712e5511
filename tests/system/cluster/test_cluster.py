"""Stories of a cluster; long because they share one fake plant and follow a pod through life."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ActionRefused, NotFound
from simulator.system.cluster.model import NodePool
from simulator.units import SECOND
from simulator.world import PodPhase
from tests.system.cluster._rig import LOAD, PULL, WARM, Rig, gateway, gpu_pool, llm

COLD = PULL + LOAD + WARM
WARM_START = LOAD + WARM


def test_everything_runs_at_the_start() -> None:
    rig = Rig([gateway(), llm()], {"gpu": gpu_pool()})

    pods = rig.cluster.pods()

    assert [pod.name for pod in pods] == [
        "gateway-0", "gateway-1", "gateway-2", "llm-0", "llm-1", "llm-2", "llm-3",
    ]  # fmt: skip
    assert all(pod.is_ready and pod.phase is PodPhase.RUNNING for pod in pods)
    assert [pod.node for pod in pods[3:]] == ["gpu-0", "gpu-1", "gpu-2", "gpu-3"]
    assert rig.cluster.node_pools() == ["gpu", "general"]
    assert len(rig.plant.ready) == 7


def test_a_pod_no_node_fits_stays_pending_in_the_schedulers_words() -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})

    answer = rig.cluster.scale("llm", 5)

    pending = rig.cluster.pod("llm-4")
    assert answer == "llm scaled from 4 to 5"
    assert (pending.phase, pending.node) == (PodPhase.PENDING, None)
    assert pending.reason == "0/4 nodes are available: 4 Insufficient nvidia.com/gpu."
    assert rig.cluster.component("llm").replicas_desired == 5


def test_reasons_are_counted_per_node() -> None:
    rig = Rig([gateway(1), llm(3)], {"gpu": gpu_pool()})
    rig.cluster.cordon("gpu-3", cordoned=True)

    rig.cluster.scale("llm", 4)

    assert rig.cluster.pod("llm-3").reason == (
        "0/7 nodes are available: 1 node(s) were unschedulable, 6 Insufficient nvidia.com/gpu."
    )


def test_uncordoning_lets_a_waiting_pod_in() -> None:
    rig = Rig([llm(3)], {"gpu": gpu_pool()})
    rig.cluster.cordon("gpu-3", cordoned=True)
    rig.cluster.scale("llm", 4)

    rig.cluster.cordon("gpu-3", cordoned=False)

    assert rig.cluster.pod("llm-3").node == "gpu-3"


def test_a_cold_start_takes_all_its_parts() -> None:
    rig = Rig([llm(3)], {"gpu": gpu_pool()})

    rig.cluster.scale("llm", 4)
    rig.run(600)

    assert rig.drawn == ["llm-3/0/image_pull", "llm-3/0/weights_load", "llm-3/0/warm_up"]
    assert rig.at("Started", "pod/llm-3") == [PULL]
    assert rig.at("Ready", "pod/llm-3") == [COLD]
    pod = rig.cluster.pod("llm-3")
    assert (pod.created_at, pod.started_at) == (0, 0)
    assert pod.ready_changed_at == COLD * 10**9


def test_an_image_the_node_has_is_not_pulled() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool()})
    rig.cluster.scale("llm", 3)
    rig.run(40)

    rig.cluster.scale("llm", 4)
    rig.run(600)

    assert rig.at("Pulling") == []
    assert rig.at("Ready", "pod/llm-4") == [40 + WARM_START]


def test_cached_images_are_not_pulled() -> None:
    rig = Rig([llm(3)], {"gpu": gpu_pool(images_cached=True)})

    rig.cluster.scale("llm", 4)
    rig.run(600)

    assert rig.at("Ready") == [WARM_START]


def test_a_new_node_takes_its_time_then_the_waiting_pod() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool(count_max=6)})
    rig.cluster.scale("llm", 5)

    answer = rig.cluster.add_nodes("gpu", 1)
    rig.run(1000)

    assert answer == "1 more node asked of pool gpu"
    assert rig.at("RegisteredNode") == [300]
    assert rig.at("Scheduled", "pod/llm-4") == [300]
    assert rig.at("Ready", "pod/llm-4") == [300 + COLD]
    assert rig.cluster.node("gpu-4").created_at == 300 * 10**9


def test_node_loss_to_the_second() -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})
    rig.run(100)
    rig.cluster.lose_node("gpu-1")

    rig.run(149.9)
    before = (rig.cluster.pod("llm-1").is_ready, rig.cluster.node("gpu-1").is_ready)
    rig.run(150)
    unknown = (rig.cluster.pod("llm-1").is_ready, rig.cluster.node("gpu-1").is_ready)
    rig.run(449.9)
    tolerated = rig.names()
    rig.run(450)

    assert (before, unknown) == ((True, True), (False, False))
    assert ("unreachable", 1) in rig.plant.told
    assert tolerated == ["llm-0", "llm-1", "llm-2", "llm-3"]
    assert rig.at("NodeNotReady") == [150]
    # Five minutes and fifty seconds after the loss, and not before.
    assert rig.at("SuccessfulCreate") == [450]
    assert rig.cluster.pod("llm-1").phase is PodPhase.TERMINATING
    assert rig.cluster.pod("llm-4").reason == (
        "0/4 nodes are available: 1 node(s) had untolerated taint "
        "{node.kubernetes.io/unreachable: }, 3 Insufficient nvidia.com/gpu."
    )


def test_a_stuck_pod_goes_when_its_node_returns() -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})
    rig.cluster.lose_node("gpu-1")
    rig.run(400)
    assert "llm-1" in rig.names()

    rig.cluster.return_node("gpu-1")
    rig.run(400 + COLD)

    assert rig.names(ready=True) == ["llm-0", "llm-2", "llm-3", "llm-4"]
    assert rig.cluster.pod("llm-4").node == "gpu-1"


def test_a_stuck_pod_goes_when_deleted_by_force() -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})
    rig.cluster.lose_node("gpu-1")
    rig.run(60)

    rig.cluster.force_delete_pod("llm-1")

    assert rig.names() == ["llm-0", "llm-2", "llm-3", "llm-4"]
    assert rig.cluster.pod("llm-4").phase is PodPhase.PENDING


@pytest.mark.parametrize("returns_after_s", [20, 100])
def test_a_node_back_before_eviction_restarts_its_pods(returns_after_s: int) -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})
    rig.cluster.lose_node("gpu-1")
    rig.run(returns_after_s)

    rig.cluster.return_node("gpu-1")
    rig.run(1000)

    assert rig.names(ready=True) == ["llm-0", "llm-1", "llm-2", "llm-3"]
    assert rig.cluster.pod("llm-1").restarts == 1
    assert rig.at("Ready", "pod/llm-1") == [returns_after_s + WARM_START]
    assert rig.at("TaintManagerEviction") == []


def test_a_start_on_a_host_that_stops_does_not_go_on() -> None:
    rig = Rig([llm(3)], {"gpu": gpu_pool()})
    rig.cluster.scale("llm", 4)
    rig.run(PULL + 1)

    rig.cluster.lose_node("gpu-3")
    rig.run(300)

    assert rig.at("Ready") == []


def test_the_first_crash_restarts_at_once_and_the_next_ones_back_off() -> None:
    rig = Rig([llm(1)], {"gpu": gpu_pool(1)})

    waits: list[float] = []
    for count in range(1, 9):
        rig.cluster.crash_pod("llm-0", "OOMKilled")
        crashed_at = rig.clock.now
        while rig.cluster.pod("llm-0").restarts < count:
            rig.clock.step()
        waits.append((rig.clock.now - crashed_at) / SECOND)

    assert waits == [0, 10, 20, 40, 80, 160, 300, 300]


def test_a_pod_that_backs_off_says_so() -> None:
    rig = Rig([llm(1)], {"gpu": gpu_pool(1)})
    rig.cluster.crash_pod("llm-0", "OOMKilled")
    rig.run(1)

    rig.cluster.crash_pod("llm-0", "OOMKilled")

    pod = rig.cluster.pod("llm-0")
    assert (pod.phase, pod.reason) == (PodPhase.CRASH_LOOP, "OOMKilled; back-off 10s")
    with pytest.raises(ActionRefused, match="backing off"):
        rig.cluster.crash_pod("llm-0")


def test_ten_quiet_minutes_forget_the_back_off() -> None:
    rig = Rig([llm(1)], {"gpu": gpu_pool(1)})
    rig.cluster.crash_pod("llm-0")
    rig.run(WARM_START + 601)

    rig.cluster.crash_pod("llm-0")
    rig.run(3000)

    assert rig.at("BackOff") == []
    assert rig.cluster.pod("llm-0").restarts == 2


def test_a_restart_in_place_keeps_node_and_name() -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})
    rig.run(10)

    answer = rig.cluster.restart_pod("llm-2")
    during = rig.cluster.pod("llm-2")
    rig.run(10 + WARM_START)

    after = rig.cluster.pod("llm-2")
    assert answer == "pod/llm-2 restarted"
    assert (during.is_ready, after.is_ready) == (False, True)
    assert (during.node, after.node, after.restarts) == ("gpu-2", "gpu-2", 1)
    row = rig.plant.rows["llm-2"]
    assert [what for what, of in rig.plant.told if of == row] == [
        "add", "ready", "not ready", "kill", "revive", "ready",
    ]  # fmt: skip


def test_scale_down_takes_pods_that_are_not_ready_then_the_newest() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool(5)})
    rig.cluster.restart_pod("llm-1")
    rig.cluster.scale("llm", 5)
    rig.run(1)

    rig.cluster.scale("llm", 2)
    rig.run(60)

    assert rig.names() == ["llm-0", "llm-2"]


def test_a_drained_pod_leaves_when_empty() -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})

    rig.cluster.drain_pod("llm-0")
    rig.run(5)
    during = rig.cluster.pod("llm-0").phase
    rig.cluster.drained(rig.plant.rows["llm-0"])

    assert during is PodPhase.TERMINATING
    assert rig.names() == ["llm-1", "llm-2", "llm-3", "llm-4"]
    assert rig.cluster.pod("llm-4").node == "gpu-0"


def test_a_pod_that_does_not_empty_is_killed_after_its_grace() -> None:
    rig = Rig([llm()], {"gpu": gpu_pool()})

    rig.cluster.drain_pod("llm-0")
    rig.run(29.9)
    before = rig.names()
    rig.run(30)

    assert "llm-0" in before
    assert "llm-0" not in rig.names()


def test_draining_a_node_moves_its_pods() -> None:
    rig = Rig([llm(3)], {"gpu": gpu_pool()})

    answer = rig.cluster.drain_node("gpu-0")
    rig.run(31)

    assert answer == "node/gpu-0 cordoned, 1 pods evicted"
    assert rig.cluster.node("gpu-0").pods == ()
    assert rig.cluster.pod("llm-3").node == "gpu-3"


@pytest.mark.parametrize("desired", [1, 2, 3, 4, 5, 8, 11])
def test_a_rollout_keeps_its_promises(desired: int) -> None:
    rig = Rig([llm(desired)], {"gpu": gpu_pool(2 * desired)})
    least, most = desired - desired // 4, desired + -(-desired // 4)

    rig.cluster.release("llm", "v2")
    counts = []
    while rig.clock.peek() < float("inf"):
        rig.clock.step()
        pods = [p for p in rig.cluster.pods("llm") if p.phase is not PodPhase.TERMINATING]
        counts.append((len(rig.plant.ready), len(pods)))

    assert min(ready for ready, _ in counts) >= least
    assert max(total for _, total in counts) <= most
    assert {pod.revision for pod in rig.cluster.pods("llm")} == {"v2"}
    view = rig.cluster.component("llm")
    assert (view.replicas_ready, view.rollout_in_progress) == (desired, False)
    assert (view.revision, view.revision_before) == ("v2", "v1")
    assert len(rig.at("RolloutComplete")) == 1


def test_a_rollout_finishes_on_a_full_pool() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool(4)})

    rig.cluster.release("llm", "v2")
    rig.run(4000)

    assert {p.revision for p in rig.cluster.pods("llm") if p.is_ready} == {"v2"}
    assert len(rig.names(ready=True)) == 4


def test_rolling_back_returns_to_the_revision_before_and_back_again() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool(8)})
    rig.cluster.release("llm", "v2")
    rig.run(1000)

    answer = rig.cluster.roll_back("llm")
    rig.run(2000)
    first = rig.cluster.component("llm")
    rig.cluster.roll_back("llm")
    rig.run(3000)

    assert answer == "llm rolling back from v2 to v1"
    assert (first.revision, first.revision_before) == ("v1", "v2")
    assert rig.cluster.component("llm").revision == "v2"


def test_rolling_back_in_mid_rollout_ends_where_it_began() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool(8)})
    rig.cluster.release("llm", "v2")
    rig.run(200)

    rig.cluster.roll_back("llm")
    rig.run(2000)

    assert {pod.revision for pod in rig.cluster.pods("llm")} == {"v1"}
    assert len(rig.names(ready=True)) == 4


def test_a_rollout_restart_renews_every_pod() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool(8)})

    rig.cluster.restart_component("llm")
    rig.run(2000)

    assert rig.names(ready=True) == ["llm-4", "llm-5", "llm-6", "llm-7"]
    assert rig.cluster.component("llm").revision_before is None


REFUSALS: list[tuple[Callable[[Rig], object], str]] = [
    (lambda rig: rig.cluster.scale("provider", 2), "runs outside"),
    (lambda rig: rig.cluster.scale("llm", -1), "from 0 to 1000"),
    (lambda rig: rig.cluster.roll_back("llm"), "no earlier revision"),
    (lambda rig: rig.cluster.release("llm", "v1"), "already runs"),
    (lambda rig: rig.cluster.add_nodes("gpu", 1), "may hold 4 nodes; it has 4"),
    (lambda rig: rig.cluster.add_nodes("gpu", 0), "from 1"),
    (lambda rig: rig.cluster.return_node("gpu-0"), "is not lost"),
]


@pytest.mark.parametrize(("ask", "why"), REFUSALS)
def test_a_refusal_says_why_and_changes_nothing(ask: Callable[[Rig], object], why: str) -> None:
    provider = llm(0, name="provider", kind="external", has_pods=False)
    rig = Rig([llm(), provider], {"gpu": gpu_pool()})
    before = (rig.cluster.pods(), rig.cluster.nodes(), rig.cluster.components())

    with pytest.raises(ActionRefused, match=why):
        ask(rig)

    assert (rig.cluster.pods(), rig.cluster.nodes(), rig.cluster.components()) == before
    assert rig.events == []


def test_pods_that_cannot_be_reached_refuse() -> None:
    rig = Rig([llm(5)], {"gpu": gpu_pool()})
    rig.cluster.lose_node("gpu-0")

    with pytest.raises(ActionRefused, match="node/gpu-0 does not answer"):
        rig.cluster.restart_pod("llm-0")
    with pytest.raises(ActionRefused, match="has no container yet: 0/4 nodes"):
        rig.cluster.restart_pod("llm-4")
    with pytest.raises(NotFound, match="did you mean 'llm-3'"):
        rig.cluster.restart_pod("llm-33")


def test_nodes_cost_from_joining_whether_used_or_not() -> None:
    rig = Rig([gateway(), llm()], {"gpu": gpu_pool(count_max=5)})
    rig.cluster.add_nodes("gpu", 1)
    rig.cluster.lose_node("gpu-0")
    rig.run(3600)

    cost = rig.cluster.cost(3600 * 10**9)

    expected_hours = 4 + 55 / 60
    assert cost.gpu_hours == pytest.approx(expected_hours)
    assert cost.price == pytest.approx(2.5 * expected_hours)
    assert cost.node_hours == pytest.approx(expected_hours + 3)
    assert rig.cluster.cost(3600 * 10**9, since=1800 * 10**9).gpu_hours == pytest.approx(2.5)


def test_held_nodes_cost_what_the_size_asks_for() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool()})
    rig.run(600)
    rig.cluster.scale("llm", 2)
    rig.run(1800)
    rig.cluster.scale("llm", 3)
    rig.run(3600)

    cost = rig.cluster.cost(3600 * SECOND)
    later = rig.cluster.cost(3600 * SECOND, since=1800 * SECOND)

    # Four nodes for 600 s and the grace of two pods, two for the hour, a third for half of it.
    assert cost.gpu_hours == 4
    assert cost.held_gpu_hours == pytest.approx((2 * 3600 + 2 * 630 + 1800) / 3600)
    assert cost.held_price == pytest.approx(2.5 * cost.held_gpu_hours)
    assert later.held_gpu_hours == pytest.approx(1.5)


def test_a_declared_pool_without_gpus_takes_what_needs_none() -> None:
    rig = Rig([gateway()], {"cpu": NodePool.model_validate({"count": 2, "cpu": 2})})

    assert rig.cluster.node_pools() == ["cpu"]
    assert [pod.node for pod in rig.cluster.pods()] == ["cpu-0", "cpu-1", "cpu-0"]


def _busy_hour(*, with_gateway: bool) -> Rig:
    rig = Rig([gateway(), llm()], {"gpu": gpu_pool(count_max=6)})
    rig.run(50)
    rig.cluster.add_nodes("gpu", 2)
    rig.cluster.scale("llm", 6)
    if with_gateway:
        rig.cluster.scale("gateway", 9)
        rig.cluster.restart_pod("gateway-1")
    rig.run(100)
    rig.cluster.lose_node("gpu-2")
    rig.cluster.release("llm", "v2")
    rig.run(700)
    rig.cluster.return_node("gpu-2")
    rig.run(3600)
    return rig


def test_the_same_acts_give_the_same_events() -> None:
    assert _busy_hour(with_gateway=True).events == _busy_hour(with_gateway=True).events


def test_an_unrelated_act_shifts_nothing() -> None:
    def of_llm(rig: Rig) -> list[tuple[int, str, str, str]]:
        return [event for event in rig.events if "gateway" not in event[2]]

    assert of_llm(_busy_hour(with_gateway=True)) == of_llm(_busy_hour(with_gateway=False))


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["scale", "restart", "drain", "force", "lose", "return", "release", "back"]
        ),
        st.integers(0, 7),
        st.integers(0, 200),
    ),
    max_size=12,
)


@given(ACTS)
def test_whatever_is_done_the_cluster_recovers(acts: list[tuple[str, int, int]]) -> None:
    rig = Rig([llm(3)], {"gpu": gpu_pool(12)})
    now = 0
    for what, which, wait in acts:
        _try(rig, what, which)
        now += wait
        rig.run(now)
    for node in rig.cluster.nodes():
        _try(rig, "return", int(node.name.removeprefix("gpu-")))

    rig.run(now + 3000)

    view = rig.cluster.component("llm")
    pods = rig.cluster.pods("llm")
    assert view.replicas_ready == view.replicas_desired == len(pods)
    assert rig.plant.alive == {rig.cluster.row_of(pod.name) for pod in pods} == rig.plant.ready
    assert len({pod.node for pod in pods}) == len(pods)
    assert {pod.revision for pod in pods} <= {view.revision}


def _try(rig: Rig, what: str, which: int) -> None:
    cluster = rig.cluster
    acts: dict[str, Callable[[], object]] = {
        "scale": lambda: cluster.scale("llm", which),
        "restart": lambda: cluster.restart_pod(f"llm-{which}"),
        "drain": lambda: cluster.drain_pod(f"llm-{which}"),
        "force": lambda: cluster.force_delete_pod(f"llm-{which}"),
        "lose": lambda: cluster.lose_node(f"gpu-{which}"),
        "return": lambda: cluster.return_node(f"gpu-{which}"),
        "release": lambda: cluster.release("llm", f"v{which}"),
        "back": lambda: cluster.roll_back("llm"),
    }
    with suppress(ActionRefused, NotFound):
        acts[what]()
