"""A frame: a fixed list of label sets that values are laid out against, tick after tick."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from simulator.instruments.series.labels import Labels, without_name

_Made = TypeVar("_Made")


class Frame:
    """Label sets in a fixed order, with what has been worked out from them.

    A frame is compared by identity: the same object means the same series, so groupings and
    matchings made once are good until a series is added.
    """

    __slots__ = ("_derived", "labels")

    def __init__(self, labels: tuple[Labels, ...]) -> None:
        self.labels = labels
        self._derived: dict[Hashable, object] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def derive(self, key: Hashable, make: Callable[["Frame"], _Made]) -> _Made:
        """Work something out from the labels once; the key must name it fully."""
        if key not in self._derived:
            self._derived[key] = make(self)
        return cast("_Made", self._derived[key])

    @property
    def nameless(self) -> "Frame":
        """The same series without their metric names."""
        return self.derive("nameless", lambda f: Frame(tuple(without_name(x) for x in f.labels)))

    @property
    def repeats(self) -> bool:
        """Whether two series share all their labels."""
        return self.derive("repeats", lambda f: len(set(f.labels)) < len(f.labels))

    def of_groups(self, labels: tuple[Labels, ...]) -> "Frame":
        """The frame of an aggregation's groups."""
        return Frame(labels)

    def relabelled(self, labels: tuple[Labels, ...], *, renames: bool) -> "Frame":  # noqa: ARG002  frames with marks need it
        """The same series under other labels; `renames` says that these give a new name."""
        return Frame(labels)

    def matched(self, labels: tuple[Labels, ...], *, drops: bool) -> "Frame":
        """What is made from these series and others; `drops` says that names must go."""
        return Frame(tuple(map(without_name, labels)) if drops else labels)

    def joined(self, other: "Frame") -> "Frame":
        """These series, then those of another frame."""
        return Frame(self.labels + other.labels)


ONE = Frame(((),))
"""The frame of a single series without labels."""
EMPTY = Frame(())
"""The frame of nothing."""
