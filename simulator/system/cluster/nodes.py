"""Nodes: added after a while, lost without a word, cordoned, drained and returned."""

from collections.abc import Callable

from simulator.clock import Phase, Waiting
from simulator.errors import ActionRefused
from simulator.system.cluster.kubelet import Kubelet
from simulator.system.cluster.state import Node, State


class Nodes:
    """The node controller and the pools' provisioner."""

    def __init__(
        self, state: State, kubelet: Kubelet, changed: Callable[[str | None], None]
    ) -> None:
        self._state, self._kubelet, self._changed = state, kubelet, changed
        self._next_ordinal = dict.fromkeys(state.pools, 0)
        self._on_the_way = dict.fromkeys(state.pools, 0)

    def create(self, pool: str) -> Node:
        """Have a node join now."""
        ordinal = self._next_ordinal[pool]
        self._next_ordinal[pool] += 1
        return self._join(pool, ordinal)

    def add(self, pool: str, count: int) -> str:
        """Ask for nodes; each joins after its own drawn delay."""
        spec = self._state.pool(pool)
        if count < 1:
            raise ActionRefused(f"{count} nodes: write a number from 1")
        coming = self._on_the_way[pool]
        there = sum(node.pool == pool for node in self._state.nodes.values())
        if there + coming + count > spec.nodes_max:
            way = f" and {coming} on the way" if coming else ""
            raise ActionRefused(
                f"node pool {pool} may hold {spec.nodes_max} nodes; it has {there}{way}"
            )
        for _ in range(count):
            ordinal = self._next_ordinal[pool]
            self._next_ordinal[pool] += 1
            self._on_the_way[pool] += 1
            self._state.clock.spawn(self._provision(pool, ordinal))
        return f"{count} more {'node' if count == 1 else 'nodes'} asked of pool {pool}"

    def lose(self, name: str) -> None:
        """Stop a host; the API server learns of it from missing heartbeats."""
        node = self._state.node(name)
        if node.is_lost:
            raise ActionRefused(f"node {name} is lost already")
        node.is_lost = True
        node.epoch += 1
        for pod in self._state.pods_on(name):
            self._kubelet.strand(pod)
        self._state.clock.spawn(self._watch(node, node.epoch))

    def return_(self, name: str) -> None:
        """Have a lost host back: its pods start anew, those marked for deletion go."""
        node = self._state.node(name)
        if not node.is_lost:
            raise ActionRefused(f"node {name} is not lost")
        node.is_lost = False
        node.booted_at = self._state.now
        node.epoch += 1
        if not node.is_ready:
            node.is_ready = True
            self._state.emit_node(name, "NodeReady", f"Node {name} status is now: NodeReady")
        for pod in self._state.pods_on(name):
            self._kubelet.unstrand(pod)

    def cordon(self, name: str, *, cordoned: bool) -> str:
        """Keep new pods off a node, or let them on again."""
        node = self._state.node(name)
        word = "cordoned" if cordoned else "uncordoned"
        if node.is_cordoned == cordoned:
            return f"node/{name} already {word}"
        node.is_cordoned = cordoned
        schedulable = "NodeNotSchedulable" if cordoned else "NodeSchedulable"
        self._state.emit_node(name, schedulable, f"Node {name} status is now: {schedulable}")
        return f"node/{name} {word}"

    def drain(self, name: str) -> str:
        """Cordon a node and have every pod on it leave."""
        node = self._state.node(name)
        self.cordon(node.name, cordoned=True)
        leaving = [pod for pod in self._state.pods_on(name) if not pod.is_deleted]
        for pod in leaving:
            self._state.emit_pod(pod, "Evicted", f"Evicting pod default/{pod.name}")
            grace = self._state.deployed[pod.component].spec.grace_ns
            self._kubelet.delete(pod, grace_ns=grace)
        return f"node/{name} cordoned, {len(leaving)} pods evicted"

    def _provision(self, pool: str, ordinal: int) -> Waiting:
        name = f"{pool}-{ordinal}"
        law = self._state.pools[pool].ready_in
        takes = self._state.draw(f"node/{name}/ready_in", law)
        yield self._state.clock.at(self._state.now + takes, Phase.WORK, f"node/{name}")
        self._on_the_way[pool] -= 1
        self._join(pool, ordinal)
        self._state.emit_node(name, "RegisteredNode", f"Node {name} joined pool {pool}")
        self._changed(None)

    def _join(self, pool: str, ordinal: int) -> Node:
        now = self._state.now
        node = Node(f"{pool}-{ordinal}", pool, ordinal, created_at=now, booted_at=now)
        self._state.nodes[node.name] = node
        return node

    def _watch(self, node: Node, epoch: int) -> Waiting:
        pool, actor = self._state.pools[node.pool], f"node/{node.name}"
        yield self._state.clock.at(self._state.now + pool.unknown_after, Phase.WORK, actor)
        if node.epoch != epoch:
            return
        node.is_ready = False
        message = f"Node {node.name} status is now: NodeNotReady"
        self._state.emit_node(node.name, "NodeNotReady", message)
        for pod in self._state.pods_on(node.name):
            self._kubelet.mark_not_ready(pod)
            self._changed(pod.component)
        yield self._state.clock.at(self._state.now + pool.evict_after, Phase.WORK, actor)
        if node.epoch != epoch:
            return
        for pod in self._state.pods_on(node.name):
            if not pod.is_deleted:
                message = f"Marking for deletion Pod default/{pod.name}"
                self._state.emit_pod(pod, "TaintManagerEviction", message)
                self._kubelet.delete(pod, grace_ns=0)
