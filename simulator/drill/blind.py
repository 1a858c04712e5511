"""Which twin a responder meets who does not want to know: drawn by scenario and seed, and kept."""

from simulator.drill.drill import Twin
from simulator.plant.chance import FIRST_FREE_PURPOSE, mix, uniform
from simulator.system.workload.sources import text_key

BLIND = "blind"
"""What a journal says in place of the twin."""

_HALF, _THREE_QUARTERS = 0.5, 0.75


def drawn_twin(scenario: str, seed: int) -> Twin:
    """Draw the fault every other time, else a twin; the same for the same scenario and seed."""
    share = uniform(mix(mix(seed, FIRST_FREE_PURPOSE + 1), text_key(scenario)))
    if share < _HALF:
        return "fault"
    return "healthy" if share < _THREE_QUARTERS else "noisy"
