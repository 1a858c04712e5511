"""What every autoscaling policy is: a named model that says what it scales."""

from abc import abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Autoscaler(BaseModel):
    """A policy for the number of replicas of one component."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    kind_name: ClassVar[str]

    @property
    @abstractmethod
    def title(self) -> str:
        """The policy's name in tables and as `autoscaler/NAME`."""

    @property
    @abstractmethod
    def component(self) -> str:
        """The component whose replicas it sets."""
