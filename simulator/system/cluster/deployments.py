"""Deployments: desired counts, releases, rollouts, and going back."""

from simulator.errors import ActionRefused
from simulator.system.cluster.kubelet import Kubelet
from simulator.system.cluster.rollout import plan
from simulator.system.cluster.state import Deployed, Pod, State

REPLICAS_MAX = 1000


class Deployments:
    """Keeps each component at its desired count of pods of its current template."""

    def __init__(self, state: State, kubelet: Kubelet) -> None:
        self._state, self._kubelet = state, kubelet

    def scale(self, component: str, replicas: int) -> str:
        """Set the desired count; pods that no node fits stay Pending, which is no refusal."""
        deployed = self._with_pods(component, "scaled")
        if not 0 <= replicas <= REPLICAS_MAX:
            raise ActionRefused(f"{replicas} replicas: write a number from 0 to {REPLICAS_MAX}")
        if replicas == deployed.desired:
            return f"{component} already asks for {replicas} replicas"
        before, deployed.desired = deployed.desired, replicas
        verb = "up" if replicas > before else "down"
        self._state.emit(
            component, "ScalingReplicaSet", f"Scaled {verb} {component} from {before} to {replicas}"
        )
        return f"{component} scaled from {before} to {replicas}"

    def restart(self, component: str) -> str:
        """Roll every pod over to a fresh one of the same revision."""
        deployed = self._with_pods(component, "restarted")
        revision, restarts = deployed.template
        self._roll(deployed, (revision, restarts + 1))
        self._state.emit(component, "RolloutStarted", f"Restarting all pods of {component}")
        return f"{component} restarting: {deployed.desired} pods, one part after another"

    def release(self, component: str, revision: str, note: str) -> str:
        """Start an ordinary rollout of a revision."""
        deployed = self._with_pods(component, "released")
        if revision == deployed.template[0]:
            raise ActionRefused(f"{component} already runs revision {revision}")
        self._switch(deployed, revision)
        message = f"Rolling out {component} {revision}" + (f": {note}" if note else "")
        self._state.emit(component, "RolloutStarted", message)
        return f"{component} rolling out {revision}"

    def roll_back(self, component: str) -> str:
        """Go back to the revision before; doing it twice returns."""
        deployed = self._with_pods(component, "rolled back")
        if not deployed.history:
            raise ActionRefused(f"{component} has no earlier revision to roll back to")
        before, revision = deployed.template[0], deployed.history[-1]
        self._switch(deployed, revision)
        message = f"Rolling back {component} from {before} to {revision}"
        self._state.emit(component, "DeploymentRollback", message)
        return f"{component} rolling back from {before} to {revision}"

    def reconcile(self, component: str) -> None:
        """Make or delete the pods that the next step of the plan asks for."""
        deployed = self._state.deployed[component]
        pods = [pod for pod in self._state.pods_of(component) if not pod.is_deleted]
        step = plan(pods, deployed.desired, deployed.template)
        for _ in range(step.create):
            pod = self.create(deployed)
            self._state.emit(component, "SuccessfulCreate", f"Created pod: {pod.name}")
        for pod in step.delete:
            self._state.emit(component, "SuccessfulDelete", f"Deleted pod: {pod.name}")
            self._kubelet.delete(pod, grace_ns=deployed.spec.grace_ns)
        self._note_progress(deployed)

    def create(self, deployed: Deployed) -> Pod:
        """Make the next pod of a component, Pending."""
        spec, ordinal = deployed.spec, deployed.next_ordinal
        deployed.next_ordinal += 1
        name = f"{spec.name}-{ordinal}"
        pod = Pod(name, spec.name, ordinal, deployed.template, created_at=self._state.now)
        self._state.pods[name] = pod
        return pod

    def _with_pods(self, component: str, verb: str) -> Deployed:
        deployed = self._state.deployment(component)
        if not deployed.spec.has_pods:
            raise ActionRefused(
                f"{component} runs outside and has no pods of ours; it cannot be {verb}"
            )
        return deployed

    def _switch(self, deployed: Deployed, revision: str) -> None:
        before = deployed.template[0]
        kept = [known for known in deployed.history if known not in (revision, before)]
        deployed.history = [*kept, before]
        self._roll(deployed, (revision, 0))

    def _roll(self, deployed: Deployed, template: tuple[str, int]) -> None:
        deployed.template, deployed.is_rolling = template, True

    def _note_progress(self, deployed: Deployed) -> None:
        pods = [pod for pod in self._state.pods_of(deployed.spec.name) if not pod.is_deleted]
        done = all(pod.template == deployed.template and pod.is_ready for pod in pods)
        if deployed.is_rolling and done and len(pods) == deployed.desired:
            deployed.is_rolling = False
            name = deployed.spec.name
            self._state.emit(
                name, "RolloutComplete", f"{name} successfully rolled out {deployed.template[0]}"
            )
