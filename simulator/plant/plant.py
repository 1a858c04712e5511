"""The plant: one compiled event loop behind the interface the rest of the simulator sees."""

from collections.abc import Mapping

import numpy as np

from simulator.plant.api import ArrivalSource, SharedSegments
from simulator.plant.arrivals import Feed
from simulator.plant.conservation import check_conservation, check_no_idling
from simulator.plant.lifecycle import Lifecycle
from simulator.plant.spec import PlantSpec


class Plant(Lifecycle):
    """A system under load; implements `PlantPort`.

    Starts at time 0 with the spec's replicas ready and its caches warm. `capacity` is the number of
    calls in flight there is room for at first: it grows, and changes nothing but memory.
    """

    def __init__(
        self,
        spec: PlantSpec,
        seed: int,
        sources: Mapping[str, ArrivalSource],
        *,
        capacity: int = 4096,
    ) -> None:
        names = tuple(request_class.name for request_class in spec.classes)
        super().__init__(spec, seed, Feed(names, seed, sources), capacity)
        self._taken = []
        self._widths = {}
        self._make_keepers()
        for pool, pool_spec in enumerate(spec.pools):
            zones = pool_spec.zones or (0,)
            for ordinal in range(pool_spec.replicas):
                zone = zones[ordinal % len(zones)]
                self.set_ready(self.add_replica(pool, ordinal, zone), ready=True)
            self.warm_cache(pool, 1.0)

    def know_segments(self, segments: SharedSegments) -> None:
        """Learn what listed prompts share, before the first of them arrives."""
        rows = np.ascontiguousarray(segments.rows, dtype=np.int64).reshape(-1, 2)
        self._s.replace(llm_segments=rows)

    def check_conservation(self) -> None:
        """Raise InvariantViolated unless every arrival is in exactly one place, everywhere."""
        check_conservation(self._s, self._replicas)

    def check_no_idling(self) -> None:
        """Raise InvariantViolated where a replica idles while it has work that it could do."""
        check_no_idling(self._s, self._replicas)
