"""Delete one pod; its deployment makes another."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare
from simulator.response.words import Name
from simulator.world import Place


class DeletePod(Action):
    """Deletes a pod with its grace, or by force, without asking its host whether it has ended."""

    kind_name: ClassVar[str] = "delete_pod"
    syntax: ClassVar[str] = "delete_pod POD [--force]"
    effect: ClassVar[str] = (
        "deletes a pod, and its deployment makes another; --force does not wait for its host"
    )
    cost: ClassVar[str] = "with --force its calls in flight fail at once; the new pod starts cold"
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(description="Pod.", examples=["llm-2"])
    force: bool = Field(default=False, description="Whether to forget it at once.", examples=[True])

    def places(self) -> tuple[Place, ...]:
        return (Place("pod", bare(self.target)),)

    def perform(self, world: ActionWorld) -> str:
        pod = bare(self.target)
        return world.force_delete_pod(pod) if self.force else world.drain_pod(pod)
