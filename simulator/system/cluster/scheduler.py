"""Which node a pod goes to: filters in the scheduler's own words, then the least allocated."""

from collections import Counter
from dataclasses import dataclass

from simulator.system.cluster.model import (
    CPU_REQUEST_ASSUMED_MILLI,
    MEMORY_REQUEST_ASSUMED_BYTES,
    Deployment,
)
from simulator.system.cluster.state import Node, Pod, Stage, State


@dataclass(frozen=True, slots=True)
class Room:
    """Requested or allocatable amounts of one node."""

    cpu_milli: int
    memory_bytes: int
    gpus: int


class Scheduler:
    """Binds Pending pods, oldest first; a pod no node fits stays Pending and says why."""

    def __init__(self, state: State) -> None:
        self._state = state

    def bind(self) -> list[Pod]:
        """Give nodes to as many Pending pods as fit; return those bound."""
        waiting = [p for p in self._state.pods.values() if p.stage is Stage.PENDING]
        waiting.sort(key=lambda pod: (pod.created_at, pod.component, pod.ordinal))
        return [pod for pod in waiting if self._place_and_tell(pod)]

    def _place_and_tell(self, pod: Pod) -> bool:
        known = pod.reason
        if self.place(pod):
            message = f"Successfully assigned default/{pod.name} to {pod.node}"
            self._state.emit_pod(pod, "Scheduled", message)
            return True
        if pod.reason != known:
            self._state.emit_pod(pod, "FailedScheduling", pod.reason)
        return False

    def place(self, pod: Pod) -> bool:
        """Give one pod a node; False, and the reason in the pod, when none fits."""
        spec = self._state.deployed[pod.component].spec
        failures = {name: self._failures(node, spec) for name, node in self._state.nodes.items()}
        fitting = [self._state.nodes[name] for name, why in failures.items() if not why]
        if not fitting:
            pod.reason = in_words(failures)
            return False
        node = min(fitting, key=lambda n: (self._allocated(n, spec), n.pool, n.ordinal))
        self._state.bind(pod, node)
        pod.stage, pod.reason = Stage.BOUND, "ContainerCreating"
        return True

    def _failures(self, node: Node, spec: Deployment) -> list[str]:
        pool = self._state.pools[node.pool]
        if spec.node_pool is not None and spec.node_pool != node.pool:
            return ["node(s) didn't match Pod's node affinity/selector"]
        if not node.is_ready:
            return ["node(s) had untolerated taint {node.kubernetes.io/unreachable: }"]
        if node.is_cordoned:
            return ["node(s) were unschedulable"]
        if pool.gpus and not spec.gpus and spec.node_pool is None:
            # As clusters do it: GPU nodes are tainted, and what wants no GPU does not tolerate it.
            return ["node(s) had untolerated taint {nvidia.com/gpu: present}"]
        used = self._requested(node)
        lacking = []
        if used.cpu_milli + (spec.cpu_milli or 0) > pool.cpu:
            lacking.append("Insufficient cpu")
        if used.memory_bytes + (spec.memory_bytes or 0) > pool.memory:
            lacking.append("Insufficient memory")
        if used.gpus + spec.gpus > pool.gpus:
            lacking.append("Insufficient nvidia.com/gpu")
        return lacking

    def _requested(self, node: Node) -> Room:
        specs = [self._state.deployed[p.component].spec for p in self._state.pods_on(node.name)]
        return Room(
            sum(spec.cpu_milli or 0 for spec in specs),
            sum(spec.memory_bytes or 0 for spec in specs),
            sum(spec.gpus for spec in specs),
        )

    def _allocated(self, node: Node, spec: Deployment) -> float:
        """Mean share requested of CPU and memory; pods that ask for nothing count a little."""
        pool = self._state.pools[node.pool]
        there = [self._state.deployed[p.component].spec for p in self._state.pods_on(node.name)]
        there.append(spec)
        cpu = sum(s.cpu_milli or CPU_REQUEST_ASSUMED_MILLI for s in there)
        memory = sum(s.memory_bytes or MEMORY_REQUEST_ASSUMED_BYTES for s in there)
        return cpu / max(1, pool.cpu) + memory / max(1, pool.memory)


def in_words(failures: dict[str, list[str]]) -> str:
    """Say why no node fits, as the scheduler does: `0/4 nodes are available: ...`."""
    if not failures:
        return "no nodes available to schedule pods"
    counts = Counter(reason for reasons in failures.values() for reason in reasons)
    parts = ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    return f"0/{len(failures)} nodes are available: {parts}."
