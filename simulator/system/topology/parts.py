"""The parts of a system, as a scenario's sections hand them over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.system.topology.components._base import Component
from simulator.system.topology.edge import Edge
from simulator.system.topology.network import Network
from simulator.system.topology.request_class import RequestClass


@dataclass(frozen=True, slots=True)
class LateLimit:
    """When an answer of a class is late: its objective's threshold."""

    request_class: str
    of: Literal["ttft", "end_to_end"]
    below_ns: int


@dataclass(frozen=True, slots=True)
class SystemParts:
    """Everything the plant needs to know, by name, in the order it was written.

    Edges are named `caller -> callee`; those that are called and not written out are plain.
    """

    classes: Mapping[str, RequestClass]
    components: Mapping[str, Component]
    edges: Mapping[str, Edge] = field(default_factory=dict)
    objectives: tuple[LateLimit, ...] = ()
    network: Network | None = None
    zones: tuple[str, ...] = ()  # of its nodes
