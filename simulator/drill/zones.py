"""Which zone a node stands in, by name and as the plant numbers it."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.system.cluster.model import NodePool, zone_names
from simulator.system.topology.network import Network


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of a cluster; 0 is the plant's number for no zone at all."""

    pools: Mapping[str, NodePool]

    def name_of(self, node: str) -> str | None:
        """Say a node's zone; None where its pool names none."""
        pool, _, ordinal = node.rpartition("-")
        return self.pools[pool].zone_of(int(ordinal)) if pool in self.pools else None

    def numbers(self, network: Network | None) -> dict[str, int]:
        """Number every zone as the plant does, those without nodes too."""
        names = zone_names(self.pools)
        known = names if network is None else network.zones(names)
        return {name: number for number, name in enumerate(known, start=1)}

    def number_of(self, node: str) -> int:
        """Number a node's zone as the plant does, from 1; 0 where it has none."""
        name = self.name_of(node)
        return 0 if name is None else zone_names(self.pools).index(name) + 1
