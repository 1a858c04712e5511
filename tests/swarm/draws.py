"""Chance for the swarm: every choice is a hash of a key and a name, as in the plant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from simulator.plant import chance
from simulator.plant.arrivals import name_key

_One = TypeVar("_One")
Plain = dict[str, object]
"""What a scenario file holds."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Named draws below one key; the same name gives the same value."""

    key: int

    def below(self, name: str) -> "Draws":
        """Draws of a part, which depend on nothing but its name."""
        return Draws(int(chance.mix(self.key, name_key(name))))

    def share(self, name: str) -> float:
        """A number between 0 and 1."""
        return float(chance.uniform(chance.mix(self.key, name_key(name))))

    def happens(self, name: str, share: float) -> bool:
        """True for a share of all keys."""
        return self.share(name) < share

    def pick(self, name: str, choices: Sequence[_One]) -> _One:
        """One of some, all alike."""
        return choices[int(self.share(name) * len(choices))]

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from low to high."""
        return low + int(self.share(name) * (high - low + 1))

    def between(self, name: str, low: float, high: float) -> float:
        """A number on a log scale from low to high, three digits long."""
        return float(f"{low * (high / low) ** self.share(name):.3g}")
