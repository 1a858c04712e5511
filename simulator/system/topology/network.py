"""How far apart zones are: `network: {regions: {eu: [eu-1a]}, delays: {eu <-> us: 42ms}}`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from simulator.plant.spec import USERS
from simulator.plant.spec_parts import NetworkSpec
from simulator.system.topology._model import Model, Name
from simulator.units import Duration, Share

_PAIR = re.compile(r"\s*([\w-]+)\s*(<->|->)\s*([\w-]+)\s*")


def pair(text: str) -> tuple[str, str, bool]:
    """Split `a <-> b` or `a -> b`; True where it goes both ways. ValueError says what to write."""
    found = _PAIR.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no pair; write eu-1a <-> eu-1b, or eu -> us for one way")
    return found[1], found[3], found[2] == "<->"


def _is_pair(text: str) -> str:
    pair(text)
    return text


Pair = Annotated[str, AfterValidator(_is_pair)]
"""Two zones or regions: `a <-> b` both ways, `a -> b` one way."""


class Network(Model):
    """Delays and loss between the zones in which nodes, users and providers stand."""

    regions: dict[Name, list[Name]] = Field(
        default_factory=dict,
        description="zones by region; those in none are in one region together",
        examples=[{"eu": ["eu-1a", "eu-1b"], "us": ["us-1a"]}],
    )
    same_zone: Duration = Field(
        "0.15ms", validate_default=True, description="one way inside a zone", examples=["0.15ms"]
    )
    cross_zone: Duration = Field(
        "0.6ms",
        validate_default=True,
        description="one way between zones of a region",
        examples=["0.6ms"],
    )
    cross_region: Duration = Field(
        "30ms", validate_default=True, description="one way between regions", examples=["30ms"]
    )
    delays: dict[Pair, Duration] = Field(
        default_factory=dict,
        description="one way between two zones or two regions, in place of the above",
        examples=[{"eu <-> us": "42ms", "eu-1a -> eu-1b": "0.5ms"}],
    )
    jitter: Share = Field(
        "10%",
        validate_default=True,
        description="a message takes up to so much of its delay longer",
        examples=["10%"],
    )
    loss: dict[Pair, Share] = Field(
        default_factory=dict,
        description="share of packets lost between two zones or regions",
        examples=[{"eu <-> us": "0.1%"}],
    )
    places: dict[str, Name] = Field(
        default_factory=dict,
        description="zones of those who have no node: `users`, `class/NAME`, external components",
        examples=[{"users": "eu-1a", "provider": "us-1a"}],
    )

    def zones(self, of_nodes: Sequence[str]) -> tuple[str, ...]:
        """List all zones in the order the plant numbers them, from 1: those of nodes first."""
        named = (zone for zones in self.regions.values() for zone in zones)
        return tuple(dict.fromkeys((*of_nodes, *named)))

    def network_spec(self, of_nodes: Sequence[str]) -> NetworkSpec:
        """Say it in the plant's terms."""
        zones = ("", *self.zones(of_nodes))
        delays = [[self._delay(a, b) for b in zones] for a in zones]
        loss = [[self._written(self.loss, a, b) or 0.0 for b in zones] for a in zones]
        return NetworkSpec(
            tuple(tuple(row) for row in delays), tuple(tuple(row) for row in loss), self.jitter
        )

    def place(self, what: str, of_nodes: Sequence[str]) -> int | None:
        """Say in which zone something without a node stands, by the plant's number."""
        zone = self.places.get(what)
        known = self.zones(of_nodes)
        return known.index(zone) + 1 if zone in known else None

    def user_zone(self, request_class: str, of_nodes: Sequence[str]) -> int:
        """Say where the users of a class are; -1 at our door."""
        own = self.place(f"class/{request_class}", of_nodes)
        everybody = self.place(USERS, of_nodes)
        return own if own is not None else everybody if everybody is not None else -1

    def unknown(
        self, of_nodes: Sequence[str], classes: Sequence[str], outside: Sequence[str]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        """Find names that nothing has: the field and key where they stand, and what to say."""
        zones, regions = self.zones(of_nodes), list(self.regions)
        for field, pairs in (("delays", self.delays), ("loss", self.loss)):
            for text in pairs:
                for name in pair(text)[:2]:
                    if name not in zones and name not in regions:
                        yield (field, text), _nothing("zone or region", name, [*zones, *regions])
        placed = [USERS, *(f"class/{name}" for name in classes), *outside]
        for what, zone in self.places.items():
            if what not in placed:
                yield ("places", what), _nothing("place to fill", what, placed)
            elif zone not in zones:
                yield ("places", what), _nothing("zone", zone, zones)

    def _region(self, zone: str) -> str:
        return next((name for name, zones in self.regions.items() if zone in zones), "")

    def _delay(self, a: str, b: str) -> int:
        written = self._written(self.delays, a, b)
        if written is not None:
            return int(written)
        if a in ("", b) or b == "":
            return self.same_zone
        return self.cross_zone if self._region(a) == self._region(b) else self.cross_region

    def _written(self, values: Mapping[str, float], a: str, b: str) -> float | None:
        """Look up what is written for two zones, else for their regions where these are two."""
        regions = (self._region(a), self._region(b))
        for ends in ((a, b), regions) if regions[0] != regions[1] else ((a, b),):
            for text, value in values.items():
                one, other, both = pair(text)
                if (one, other) == ends or (both and (other, one) == ends):
                    return value
        return None


def _nothing(kind: str, name: str, known: Sequence[str]) -> str:
    return f"no {kind} {name!r}; there is: {', '.join(known) or 'none'}"
