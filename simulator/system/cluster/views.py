"""The API server's view of pods, nodes and components: what `kubectl get` shows."""

from collections.abc import Iterable

from simulator.system.cluster.state import Deployed, Node, Pod, Stage, State
from simulator.world import ComponentView, NodeView, PodPhase, PodView

_PHASES = {
    Stage.PENDING: PodPhase.PENDING,
    Stage.BOUND: PodPhase.PENDING,
    Stage.LOADING: PodPhase.RUNNING,
    Stage.WARMING: PodPhase.RUNNING,
    Stage.READY: PodPhase.RUNNING,
    Stage.BACKING_OFF: PodPhase.CRASH_LOOP,
}


def pod_view(pod: Pod) -> PodView:
    """Show a pod; one being deleted is Terminating and no longer ready, whatever it still does."""
    return PodView(
        name=pod.name,
        component=pod.component,
        node=pod.node,
        phase=PodPhase.TERMINATING if pod.is_deleted else _PHASES[pod.stage],
        is_ready=pod.is_ready,
        revision=pod.template[0],
        created_at=pod.created_at,
        started_at=pod.started_at,
        ready_changed_at=pod.ready_changed_at,
        restarts=pod.restarts,
        reason=pod.reason,
        was_ever_ready=pod.was_ever_ready,
        last_terminated=pod.last_terminated,
    )


class Views:
    """Shows pods and nodes; a view is made anew only when something it shows has changed."""

    def __init__(self) -> None:
        self._pods: dict[str, tuple[object, PodView]] = {}

    def pod(self, pod: Pod) -> PodView:
        """Show a pod."""
        stands = (
            pod.node, pod.stage, pod.is_deleted, pod.is_ready, pod.template[0], pod.created_at,
            pod.started_at, pod.ready_changed_at, pod.restarts, pod.reason, pod.was_ever_ready,
            pod.last_terminated, pod.component,
        )  # fmt: skip
        known = self._pods.get(pod.name)
        if known is None or known[0] != stands:
            known = self._pods[pod.name] = (stands, pod_view(pod))
        return known[1]

    @staticmethod
    def nodes(state: State, nodes: Iterable[Node]) -> list[NodeView]:
        """Show nodes, each with the pods bound to it by component and ordinal."""
        held: dict[str, list[Pod]] = {}
        for pod in state.pods.values():
            if pod.node is not None:
                held.setdefault(pod.node, []).append(pod)
        return [_node_view(state, node, held.get(node.name, [])) for node in nodes]


def _node_view(state: State, node: Node, held: list[Pod]) -> NodeView:
    held.sort(key=lambda pod: (pod.component, pod.ordinal))
    return NodeView(
        name=node.name,
        pool=node.pool,
        is_ready=node.is_ready,
        is_cordoned=node.is_cordoned,
        gpus=state.pools[node.pool].gpus,
        pods=tuple(pod.name for pod in held),
        created_at=node.created_at,
    )


def component_view(state: State, deployed: Deployed) -> ComponentView:
    """Show a deployment; what runs elsewhere has no replicas."""
    pods = state.pods_of(deployed.spec.name)
    return ComponentView(
        name=deployed.spec.name,
        kind=deployed.spec.kind,
        replicas_desired=deployed.desired,
        replicas_ready=sum(pod.is_ready for pod in pods),
        revision=deployed.template[0],
        revision_before=deployed.history[-1] if deployed.history else None,
        rollout_in_progress=deployed.is_rolling,
    )
