"""Load shedding of a component: who is refused first when there is too much to do."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.plant import spec_parts
from simulator.plant.spec import PRIORITY_MAX, PRIORITY_MIN
from simulator.system.topology._model import Model
from simulator.units import Duration


class Level(Model):
    """From which load on requests of some priorities are refused."""

    priority: Annotated[int, Field(strict=True, ge=PRIORITY_MIN, le=PRIORITY_MAX)] = Field(
        description="classes of this priority and below", examples=[0]
    )
    load: Annotated[float, Field(gt=0.0, le=1000.0)] = Field(
        description="calls, working or waiting, per worker: 1 is all busy and nobody waiting",
        examples=[0.8],
    )


class Shedding(Model):
    """Refuses requests of low priority while a replica has much to do."""

    levels: Annotated[list[Level], Field(min_length=1)] = Field(
        description="loads by priority; classes above the highest are never refused",
        examples=[[{"priority": 0, "load": 0.8}, {"priority": 5, "load": 1.5}]],
    )
    retry_after: Duration | None = Field(
        None, description="when those refused may come again; none: nobody says", examples=["1s"]
    )

    @model_validator(mode="after")
    def _spares_the_important(self) -> Self:
        by_priority = sorted(self.levels, key=lambda level: level.priority)
        for less, more in pairwise(by_priority):
            if less.load >= more.load or less.priority == more.priority:
                raise ValueError(
                    f"priority {more.priority} is refused from a load of {more.load:g} on, "
                    f"{less.priority} from {less.load:g}; loads must rise with priority"
                )
        return self

    def shedding_spec(self) -> spec_parts.Shedding:
        """Say it in the plant's terms."""
        loads = tuple((level.priority, level.load) for level in self.levels)
        return spec_parts.Shedding(loads, self.retry_after or 0)
