"""An HPA on a real cluster: slow starts, a full pool, a lost node."""

from collections.abc import Mapping, Sequence

from simulator.system.autoscaling.adapter import PromqlAdapter
from simulator.system.autoscaling.hpa import Decision
from simulator.system.autoscaling.loop import loop_for
from simulator.system.autoscaling.policy import read_policy
from simulator.units import SECOND
from tests.system.cluster._rig import LOAD, PULL, WARM, Rig, gpu_pool, llm


def _scaled(rig: Rig, waiting_per_pod: float, most: int = 8) -> list[Decision]:
    """Start an HPA that wants 4 waiting per pod, where every ready pod has so many."""

    def query(_expression: str, _at: int) -> Sequence[tuple[Mapping[str, str], float]]:
        pods = rig.cluster.pods("llm")
        return [({"pod": pod.name}, waiting_per_pod) for pod in pods if pod.is_ready]

    spec = {
        "scaleTargetRef": {"kind": "Deployment", "name": "llm"},
        "minReplicas": 2,
        "maxReplicas": most,
        "metrics": [
            {
                "type": "Pods",
                "pods": {
                    "metric": {"name": "waiting"},
                    "target": {"type": "AverageValue", "averageValue": 4},
                },
            }
        ],
    }
    decisions: list[Decision] = []
    loop_for(
        read_policy({"kind": "hpa", "name": "llm", "spec": spec}).policy,
        rig.clock,
        rig.cluster,
        PromqlAdapter(query, lambda _resource: {}, lambda: ["waiting"]),
        lambda _component, _resource: None,
        rig.cluster.scale,
        lambda _name, decision: decisions.append(decision),
    ).start()
    return decisions


def test_pods_that_start_hold_the_next_step_back() -> None:
    rig = Rig([llm(2)], {"gpu": gpu_pool(8)})

    decisions = _scaled(rig, waiting_per_pod=8)
    rig.run(PULL + LOAD + WARM + 45)

    # Doubled at once; then the new pods count nothing until they serve, and it doubles again.
    sizes = [decision.desired for decision in decisions]
    first_ready = rig.at("Ready")[0] * SECOND
    assert sizes[0] == 4
    assert {d.desired for d in decisions if d.at < first_ready} == {4}
    assert sizes[-1] == 8


def test_a_full_pool_leaves_pods_pending_and_the_size_asked_for() -> None:
    rig = Rig([llm(2)], {"gpu": gpu_pool(3)})

    _scaled(rig, waiting_per_pod=8)
    rig.run(60)

    assert rig.cluster.component("llm").replicas_desired == 4
    assert rig.cluster.pod("llm-3").reason == (
        "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
    )


def test_a_lost_node_is_no_reason_to_scale_down() -> None:
    rig = Rig([llm(4)], {"gpu": gpu_pool(4)})
    decisions = _scaled(rig, waiting_per_pod=4)
    rig.run(400)

    rig.cluster.lose_node("gpu-1")
    rig.run(1200)

    assert {decision.desired for decision in decisions} == {4}
