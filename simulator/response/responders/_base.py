"""How a responder talks with a drill: it asks for one thing at a time and is answered.

A responder knows no clock and no world. `respond` is a generator of requests; whoever drives it
carries each out, lets the time pass that it takes, and sends an `Answer`:

    talk = responder.respond(now)
    answer = None
    while True:
        try:
            request = talk.send(answer)
        except StopIteration as end:
            return end.value  # an Ending
        answer = ...
"""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar, Literal

from simulator.response.command import Command
from simulator.response.truth import Samples

Verdict = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Let time pass up to `at`, in ns on the responder's clock."""

    at: int


@dataclass(frozen=True, slots=True)
class WaitForPage:
    """Wait for a page that names this alert, or for any page; one that has come counts."""

    alert: str | None


@dataclass(frozen=True, slots=True)
class Do:
    """Carry a command out; answer when the time it takes has passed. Refused takes no time."""

    command: Command


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Evaluate PromQL on what has been scraped, now; takes no time of its own.

    An expression that cannot be evaluated is answered with no samples.
    """

    expr: str
    why: Literal["when", "until", "check"]


@dataclass(frozen=True, slots=True)
class Checked:
    """Write down how a check came out."""

    expr: str
    verdict: Verdict


Request = WaitUntil | WaitForPage | Do | Evaluate | Checked


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request, and the time it is now, in ns."""

    now: int
    text: str = ""
    is_refused: bool = False
    samples: Samples = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a responder left."""

    how: Literal["resolved", "stopped", "done"]
    why: str = ""


Talk = Generator[Request, Answer, Ending]
"""A conversation in progress."""


class Responder(ABC):
    """Someone who acts during a drill."""

    kind_name: ClassVar[str]

    @abstractmethod
    def respond(self, now: int) -> Talk:
        """Begin to act; each call is a conversation of its own."""
