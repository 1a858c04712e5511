"""What components with a bounded queue per replica have in common."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Count
from simulator.system.topology.components._base import Component
from simulator.system.topology.work_time import WorkTime
from simulator.units import Duration


class Queueing(Component):
    """A service whose calls wait in a queue of their replica, or run the steps of a handler."""

    takes_steps: ClassVar[bool] = True

    queue_max: Count = Field(
        1024, description="calls that may wait at a replica; more are refused", examples=[512]
    )
    order: Literal["fifo", "lifo"] = Field(
        "fifo", description="who is next: the oldest or the newest", examples=["fifo"]
    )
    by_priority: bool = Field(
        default=False,
        description="true: classes of higher priority are served first, in this order within each",
        examples=[True],
    )
    shed_lowest: bool = Field(
        default=False,
        description="true: in a full queue a call takes the place of the newest of those of the "
        "lowest priority, if its own is higher",
        examples=[True],
    )
    queue_timeout: Duration | None = Field(
        None, description="longest wait in the queue; none: no limit", examples=["5s"]
    )
    service: WorkTime | None = Field(
        None,
        description="work for classes that have no steps under handles",
        examples=[{"exponential": "80ms"}, {"base": "1ms", "per_prompt_token": "2us"}],
    )

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.service is None and not self.handles:
            raise ValueError(
                "nothing says what a call does: write service: 5ms, or handles: {CLASS: [...]}"
            )
        return self

    @model_validator(mode="after")
    def _sheds_by_priority(self) -> Self:
        if self.shed_lowest and not self.by_priority:
            raise ValueError("shed_lowest needs a queue that knows priorities: by_priority: true")
        return self

    def own_work(self) -> tuple[spec.Step, ...]:
        return (self.service,) if self.service else ()
