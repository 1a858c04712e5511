"""The cluster as the drill wires it: commands in, views out, the plant told through a port."""

from collections.abc import Mapping, Sequence

from simulator.clock import Clock
from simulator.errors import ActionRefused
from simulator.system.cluster.cost import Cost, cost_of
from simulator.system.cluster.deployments import Deployments
from simulator.system.cluster.kubelet import Kubelet
from simulator.system.cluster.model import GENERAL, Deployment, NodePool, general_pool
from simulator.system.cluster.nodes import Nodes
from simulator.system.cluster.port import Replicas
from simulator.system.cluster.scheduler import Scheduler
from simulator.system.cluster.state import Draw, OnEvent, Pod, Stage, State
from simulator.system.cluster.views import Views, component_view
from simulator.world import ComponentView, NodeView, PodView


class Cluster:
    """Pods, nodes and deployments on the drill's clock.

    At the start every pod runs and is Ready, as far as nodes fit. Commands raise NotFound for an
    unknown name and ActionRefused, having changed nothing, for what cannot be done now; each
    answers with what the tool would print. What follows from a command at the same instant (new
    pods made and bound) has happened when it returns.
    """

    def __init__(
        self,
        clock: Clock,
        port: Replicas,
        deployments: Sequence[Deployment],
        pools: Mapping[str, NodePool],
        draw: Draw,
        on_event: OnEvent,
    ) -> None:
        state = State(clock, port, _with_general(pools, deployments), deployments, draw, on_event)
        self._state = state
        self._views = Views()
        self._kubelet = Kubelet(state, self._changed)
        self._nodes = Nodes(state, self._kubelet, self._changed)
        self._deployments = Deployments(state, self._kubelet)
        self._scheduler = Scheduler(state)
        self._stale: list[str] = []
        self._is_settling = True
        self._begin()
        self._is_settling = False
        self._settle()

    def scale(self, component: str, replicas: int) -> str:
        """Set how many pods a component shall have."""
        answer = self._deployments.scale(component, replicas)
        self._changed(component)
        return answer

    def restart_component(self, component: str) -> str:
        """Roll all pods over, as `kubectl rollout restart` does."""
        answer = self._deployments.restart(component)
        self._changed(component)
        return answer

    def release(self, component: str, revision: str, note: str = "") -> str:
        """Roll out a revision: 25 % more pods at most, 25 % fewer ready at most."""
        answer = self._deployments.release(component, revision, note)
        self._changed(component)
        return answer

    def roll_back(self, component: str) -> str:
        """Roll out the revision before."""
        answer = self._deployments.roll_back(component)
        self._changed(component)
        return answer

    def restart_pod(self, name: str) -> str:
        """Restart a pod's container in place: its calls fail, it keeps its name and node."""
        self._kubelet.restart(self._running(name), "restarted by hand")
        return f"pod/{name} restarted"

    def crash_pod(self, name: str, why: str = "Error") -> None:
        """Have a pod's process die, for a reason as kubectl shows it, such as OOMKilled."""
        pod = self._running(name)
        if pod.stage is Stage.BACKING_OFF:
            raise ActionRefused(f"pod/{name} is backing off: nothing runs that could die")
        self._kubelet.crash(pod, why)

    def drain_pod(self, name: str) -> str:
        """Delete a pod gracefully: it finishes what it has, a new one is made at once."""
        pod = self._state.pod(name)
        if pod.is_deleted:
            raise ActionRefused(f"pod/{name} is Terminating already")
        self._kubelet.delete(pod, grace_ns=self._state.deployed[pod.component].spec.grace_ns)
        return f"pod/{name} deleted, draining"

    def force_delete_pod(self, name: str) -> str:
        """Delete a pod without waiting for its node; what it was doing is lost."""
        self._kubelet.remove(self._state.pod(name))
        return f"pod/{name} force deleted"

    def drained(self, row: int) -> None:
        """Take the plant's word that a draining row has emptied."""
        self._kubelet.drained(row)

    def died(self, row: int, why: str) -> None:
        """Take the plant's word that a row's process has died, and why as kubectl shows it."""
        self._kubelet.died(row, why)

    def cordon(self, node: str, *, cordoned: bool) -> str:
        """Keep new pods off a node, or let them on again."""
        answer = self._nodes.cordon(node, cordoned=cordoned)
        self._changed(None)
        return answer

    def drain_node(self, node: str) -> str:
        """Cordon a node and evict its pods."""
        return self._nodes.drain(node)

    def add_nodes(self, pool: str, count: int) -> str:
        """Ask for more nodes; they join when they are ready."""
        return self._nodes.add(pool, count)

    def lose_node(self, node: str) -> None:
        """Stop a host and its heartbeats."""
        self._nodes.lose(node)

    def return_node(self, node: str) -> None:
        """Start a lost host again."""
        self._nodes.return_(node)
        self._changed(None)

    @property
    def now(self) -> int:
        """Now, in ns."""
        return self._state.now

    def components(self) -> Sequence[ComponentView]:
        """Every component, in the scenario's order."""
        return [component_view(self._state, one) for one in self._state.deployed.values()]

    def component(self, name: str) -> ComponentView:
        """One component."""
        return component_view(self._state, self._state.deployment(name))

    def pods(self, component: str | None = None) -> Sequence[PodView]:
        """Every pod, or a component's, by component and ordinal."""
        if component is not None:
            self._state.deployment(component)
        wanted = self._state.deployed if component is None else (component,)
        return [self._views.pod(pod) for name in wanted for pod in self._state.pods_of(name)]

    def pod(self, name: str) -> PodView:
        """One pod."""
        return self._views.pod(self._state.pod(name))

    def row_of(self, pod: str) -> int | None:
        """Return the plant's row of a pod, None while its container has never started."""
        return self._state.pod(pod).row

    def nodes(self, pool: str | None = None) -> Sequence[NodeView]:
        """Every node, or a pool's, by pool and ordinal."""
        if pool is not None:
            self._state.pool(pool)
        order = list(self._state.pools)
        found = [n for n in self._state.nodes.values() if pool in (None, n.pool)]
        found.sort(key=lambda node: (order.index(node.pool), node.ordinal))
        return self._views.nodes(self._state, found)

    def node(self, name: str) -> NodeView:
        """One node."""
        return self._views.nodes(self._state, [self._state.node(name)])[0]

    def node_pools(self) -> Sequence[str]:
        """Names of the node pools, the one for pods without GPUs among them."""
        return list(self._state.pools)

    def node_pool(self, name: str) -> NodePool:
        """One node pool."""
        return self._state.pool(name)

    def booted(self) -> list[tuple[str, int | None]]:
        """Say of every node when its host last started, None while it stands still: the truth."""
        return [(n.name, None if n.is_lost else n.booted_at) for n in self._state.nodes.values()]

    def cost(self, until: int, since: int = 0) -> Cost:
        """Add up what the nodes cost from `since` to `until`, in ns."""
        return cost_of(self._state, until, since)

    def _begin(self) -> None:
        for pool, spec in self._state.pools.items():
            for _ in range(spec.count):
                self._nodes.create(pool)
        for deployed in self._state.deployed.values():
            for _ in range(deployed.desired):
                pod = self._deployments.create(deployed)
                if self._scheduler.place(pod):
                    image = (pod.component, pod.template[0])
                    self._state.nodes[pod.node or ""].images.add(image)
                    self._kubelet.start_ready(pod)

    def _running(self, name: str) -> Pod:
        """Find a pod whose container can be reached."""
        pod = self._state.pod(name)
        if pod.is_deleted:
            raise ActionRefused(f"pod/{name} is Terminating")
        if self._state.is_stranded(pod):
            raise ActionRefused(f"node/{pod.node} does not answer")
        if pod.stage in (Stage.PENDING, Stage.BOUND):
            raise ActionRefused(f"pod/{name} has no container yet: {pod.reason}")
        return pod

    def _changed(self, component: str | None) -> None:
        """Note that a component's pods changed (None: only where pods may go), and settle."""
        if component is not None and component not in self._stale:
            self._stale.append(component)
        if not self._is_settling:
            self._settle()

    def _settle(self) -> None:
        """Reconcile and schedule until nothing more follows at this instant."""
        self._is_settling = True
        while True:
            while self._stale:
                self._deployments.reconcile(self._stale.pop(0))
            for pod in self._scheduler.bind():
                self._kubelet.start(pod)
            if not self._stale:
                break
        self._is_settling = False


def _with_general(
    pools: Mapping[str, NodePool], deployments: Sequence[Deployment]
) -> dict[str, NodePool]:
    """Add a pool for pods without GPUs if they have none."""
    homeless = [d for d in deployments if d.has_pods and not d.gpus and d.node_pool is None]
    if not homeless or any(not pool.gpus for pool in pools.values()):
        return dict(pools)
    return {**pools, GENERAL: general_pool(homeless)}
