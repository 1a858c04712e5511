"""A pod's life on its node: pull, load, warm up, serve, crash, restart, drain."""

from collections.abc import Callable

from simulator.clock import Phase, Waiting
from simulator.errors import InvariantViolated
from simulator.system.cluster.state import Pod, Stage, State
from simulator.system.topology.distribution import Durations
from simulator.units import MINUTE, SECOND, format_duration

BACK_OFF_FIRST_NS = 10 * SECOND
BACK_OFF_MAX_NS = 5 * MINUTE
BACK_OFF_RESET_NS = 10 * MINUTE


class Kubelet:
    """Runs containers; tells `changed` of each component whose pods changed."""

    def __init__(self, state: State, changed: Callable[[str], None]) -> None:
        self._state, self._changed = state, changed
        self._by_row: dict[int, Pod] = {}

    def start(self, pod: Pod) -> None:
        """Begin with a pod that was just bound; a node that is lost begins nothing."""
        if self._state.is_stranded(pod):
            return
        pod.started_at = pod.ready_changed_at = self._state.now
        self._state.clock.spawn(self._start(pod, pod.epoch))

    def start_ready(self, pod: Pod) -> None:
        """Have a pod of the start serve at once."""
        pod.started_at = pod.container_started_at = self._state.now
        self._make_container(pod)
        self._become_ready(pod)

    def restart(self, pod: Pod, why: str) -> None:
        """Kill the container and start it again in place, at once; the pod keeps node and name."""
        self._stop_container(pod)
        self._state.emit_pod(pod, "Killing", f"Stopping container {pod.component}: {why}")
        self._state.clock.spawn(self._restart(pod, pod.epoch, 0))
        self._changed(pod.component)

    def crash(self, pod: Pod, why: str) -> None:
        """Have the process die; the first restart is immediate, later ones back off."""
        ran_for = self._state.now - pod.container_started_at
        if ran_for > BACK_OFF_RESET_NS:
            pod.back_off_ns = 0
        delay = pod.back_off_ns
        pod.back_off_ns = min(max(BACK_OFF_FIRST_NS, 2 * delay), BACK_OFF_MAX_NS)
        self._stop_container(pod)
        pod.reason = pod.last_terminated = why
        self._state.emit_pod(pod, why, f"Container {pod.component} terminated: {why}")
        if delay:
            self._back_off(pod, delay)
        self._state.clock.spawn(self._restart(pod, pod.epoch, delay))
        self._changed(pod.component)

    def died(self, row: int, why: str) -> None:
        """Take the plant's word that a pod's process has died."""
        pod = self._by_row.get(row)
        if pod is None or self._state.is_stranded(pod):
            return
        if pod.is_deleted:
            self.remove(pod)
        else:
            self.crash(pod, why)

    def delete(self, pod: Pod, *, grace_ns: int) -> None:
        """Mark for deletion and drain; on a lost node it stays until someone can confirm."""
        if pod.is_deleted:
            return
        pod.is_deleted = True
        pod.epoch += 1
        was_serving = pod.stage is Stage.READY
        self.mark_not_ready(pod)
        if self._state.is_stranded(pod):
            pod.reason = ""  # nobody at the API server knows more than that it is Terminating
        elif was_serving and pod.row is not None:
            self._state.emit_pod(pod, "Killing", f"Stopping container {pod.component}")
            self._state.port.drain(pod.row)
            self._state.clock.spawn(self._kill_after_grace(pod, pod.epoch, grace_ns))
        else:
            self.remove(pod)
        self._changed(pod.component)

    def drained(self, row: int) -> None:
        """Take the plant's word that a draining pod has emptied."""
        pod = self._by_row.get(row)
        if pod is not None and pod.is_deleted and not self._state.is_stranded(pod):
            self.remove(pod)

    def remove(self, pod: Pod) -> None:
        """Take the pod away, whatever it is doing."""
        pod.epoch += 1
        if pod.row is not None:
            self._state.port.remove(pod.row)
            del self._by_row[pod.row]
        self._state.remove(pod)
        self._changed(pod.component)

    def strand(self, pod: Pod) -> None:
        """Have the pod's host stop under it, unseen."""
        pod.epoch += 1
        if pod.row is not None:
            self._state.port.set_reachable(pod.row, reachable=False)

    def unstrand(self, pod: Pod) -> None:
        """Have the host back: what was to be deleted goes, the rest starts anew."""
        if pod.is_deleted:
            self.remove(pod)
            return
        if pod.row is None:
            self.start(pod)
            return
        # What the host was doing when it stopped is gone before it answers again.
        self._state.port.kill(pod.row)
        self._state.port.set_reachable(pod.row, reachable=True)
        self.restart(pod, "node was restarted")

    def mark_not_ready(self, pod: Pod) -> None:
        """Turn the Ready condition False and take the pod out of the endpoints."""
        if not pod.is_ready:
            return
        pod.is_ready = False
        pod.ready_changed_at = self._state.now
        if pod.row is not None:
            self._state.port.set_ready(pod.row, ready=False)

    def _start(self, pod: Pod, epoch: int) -> Waiting:
        if pod.epoch != epoch:
            return
        node = self._state.nodes[pod.node or ""]
        image = (pod.component, pod.template[0])
        if image not in node.images and not self._state.pools[node.pool].images_cached:
            name = f"{pod.component}:{pod.template[0]}"
            self._state.emit_pod(pod, "Pulling", f"Pulling image {name}")
            asked_at = self._state.now
            yield from self._part(pod, "image_pull", self._spec_law(pod, "image_pull"))
            if pod.epoch != epoch:
                return
            took = format_duration((self._state.now - asked_at) // SECOND * SECOND)
            self._state.emit_pod(pod, "Pulled", f"Successfully pulled image {name} in {took}")
        node.images.add(image)
        yield from self._run(pod, epoch)

    def _restart(self, pod: Pod, epoch: int, delay: int) -> Waiting:
        if delay:
            yield self._state.clock.at(self._state.now + delay, Phase.WORK, pod.name)
        if pod.epoch != epoch:
            return
        pod.restarts += 1
        yield from self._run(pod, epoch)

    def _back_off(self, pod: Pod, delay: int) -> None:
        wait = format_duration(delay)
        pod.stage, pod.reason = Stage.BACKING_OFF, f"{pod.reason}; back-off {wait}"
        message = f"Back-off {wait} restarting failed container {pod.component}"
        self._state.emit_pod(pod, "BackOff", message)

    def _run(self, pod: Pod, epoch: int) -> Waiting:
        self._make_container(pod)
        pod.stage, pod.container_started_at = Stage.LOADING, self._state.now
        self._state.emit_pod(pod, "Started", f"Started container {pod.component}")
        yield from self._part(pod, "weights_load", self._spec_law(pod, "weights_load"))
        if pod.epoch != epoch:
            return
        pod.stage = Stage.WARMING
        yield from self._part(pod, "warm_up", self._spec_law(pod, "warm_up"))
        if pod.epoch == epoch:
            self._become_ready(pod)
            self._state.emit_pod(pod, "Ready", f"Container {pod.component} is ready")
            self._changed(pod.component)

    def _part(self, pod: Pod, part: str, law: Durations) -> Waiting:
        takes = self._state.draw(f"{pod.name}/{pod.restarts}/{part}", law)
        yield self._state.clock.at(self._state.now + takes, Phase.WORK, pod.name)

    def _spec_law(self, pod: Pod, part: str) -> Durations:
        spec = self._state.deployed[pod.component].spec
        laws = {
            "image_pull": spec.image_pull,
            "weights_load": spec.weights_load,
            "warm_up": spec.warm_up,
        }
        return laws[part]

    def _make_container(self, pod: Pod) -> None:
        if pod.row is not None:
            self._state.port.revive(pod.row)
            return
        pod.row = self._state.port.add(
            pod.component, pod.ordinal, pod.name, pod.node, pod.template[0]
        )
        if pod.row in self._by_row:
            raise InvariantViolated(f"row {pod.row} was given to two pods")
        self._by_row[pod.row] = pod

    def _stop_container(self, pod: Pod) -> None:
        pod.epoch += 1
        self.mark_not_ready(pod)
        if pod.row is not None and pod.stage is not Stage.BACKING_OFF:
            self._state.port.kill(pod.row)
        pod.stage = Stage.LOADING

    def _become_ready(self, pod: Pod) -> None:
        pod.stage, pod.is_ready, pod.was_ever_ready = Stage.READY, True, True
        pod.ready_changed_at, pod.reason = self._state.now, ""
        if pod.row is not None:
            self._state.port.set_ready(pod.row, ready=True)

    def _kill_after_grace(self, pod: Pod, epoch: int, grace_ns: int) -> Waiting:
        yield self._state.clock.at(self._state.now + grace_ns, Phase.WORK, pod.name)
        if pod.epoch == epoch:
            self.remove(pod)
