"""Which row of the plant each name of the scenario is."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.errors import NotFound
from simulator.plant.spec import EdgeSpec, PlantSpec, PoolSpec

CACHES = ("cache", "semantic_cache")
"""Kinds of components that hold keys: they begin warm, and can be flushed and warmed."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names to rows, and what the plant was told of each."""

    pools: Mapping[str, int]
    edges: Mapping[str, int]
    classes: Mapping[str, int]
    spec: PlantSpec

    def pool(self, name: str) -> PoolSpec:
        """Look a component's pool up; NotFound names the nearest."""
        if name not in self.pools:
            raise NotFound("component", name, self.pools)
        return self.spec.pools[self.pools[name]]

    def edge(self, name: str) -> EdgeSpec:
        """Look an edge up by `caller -> callee`; NotFound names the nearest."""
        if name not in self.edges:
            raise NotFound("edge", name, self.edges)
        return self.spec.edges[self.edges[name]]

    def request_class(self, name: str) -> int:
        """Look a class's row up; NotFound names the nearest."""
        if name not in self.classes:
            raise NotFound("class", name, self.classes)
        return self.classes[name]


def names_of(spec: PlantSpec) -> Names:
    """Number everything by its place in the spec."""
    return Names(
        {pool.name: i for i, pool in enumerate(spec.pools)},
        {f"{edge.caller} -> {edge.callee}": i for i, edge in enumerate(spec.edges)},
        {each.name: i for i, each in enumerate(spec.classes)},
        spec,
    )
