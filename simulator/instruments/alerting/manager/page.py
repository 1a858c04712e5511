"""What a receiver hears: notifications, and what kind of thing hears them."""

from dataclasses import dataclass
from enum import StrEnum

from simulator.instruments.series.labels import Labels


class Channel(StrEnum):
    """What a notification looks like from the responder's seat."""

    PAGER = "pager"
    TICKET = "ticket"
    CHAT = "chat"


PAGER, TICKET, CHAT = Channel.PAGER, Channel.TICKET, Channel.CHAT


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert in a notification; `since_ms` is when it fired, `ended_ms` when it resolved."""

    labels: Labels
    annotations: Labels
    value: float
    since_ms: int
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One notification over one channel of a receiver.

    `is_first` marks the first notification of a group since it last went quiet.
    """

    t_ms: int
    receiver: str
    channel: Channel
    severity: str
    group_labels: Labels
    firing: tuple[Notice, ...]
    resolved: tuple[Notice, ...]
    is_first: bool
