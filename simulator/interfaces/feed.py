"""What reaches a responder by itself while time passes, as lines: pages, alerts, changes, acts."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.drill.session import Session
from simulator.instruments.alerting.manager.page import CHAT, PAGER, TICKET, Channel
from simulator.record.model import Entry
from simulator.units import MINUTE, format_clock

Say = Callable[[str, str], None]
"""Prints a line in a style."""

ANSWERED = 'sum(rate(http_requests_total{code="200"}[1m]))'
ASKED = "sum(rate(http_requests_total[1m]))"
TTFT_P99 = (
    "histogram_quantile(0.99, sum by (le) "
    "(rate(gen_ai_server_time_to_first_token_seconds_bucket[1m])))"
)

SCALING = frozenset({"ScalingReplicaSet", "SuccessfulRescale"})
"""Reasons of events that say that the number of replicas changes; the others are for `logs`."""


@dataclass(frozen=True, slots=True)
class News:
    """One line about one entry."""

    text: str
    style: str = ""


def news(entry: Entry, warm_up: int, *, shows_acts: bool) -> News | None:
    """Say what an entry tells whoever holds the seat; None where it tells nothing new."""
    clock, detail = format_clock(entry.at - warm_up), entry.detail
    match entry.kind:
        case "paged":
            return _page(entry, clock)
        case "fired":
            return News(f"{clock} FIRING    {entry.subject} ({detail['severity']})", "yellow")
        case "resolved":
            return News(f"{clock} RESOLVED  {entry.subject}", "green")
        case "changed" if detail["by"] != "responder":
            return News(f"{clock} CHANGE    {entry.subject}: {detail['text']}")
        case "scaled" if detail["reason"] in SCALING:
            return News(f"{clock} SCALED    {entry.subject}: {detail['text']}")
    return _act(entry, clock) if shows_acts else None


def _page(entry: Entry, clock: str) -> News | None:
    firing = entry.detail["firing"]
    if not isinstance(firing, list) or not firing:
        return None  # what was resolved has been said already
    names = ", ".join(dict.fromkeys(str(name) for name in firing))
    word, style = _HEARD[Channel(str(entry.detail["channel"]))]
    return News(f"{clock} {word:<9} {names}  {entry.detail['text']}", style)


_HEARD = {PAGER: ("PAGE", "bold red"), TICKET: ("TICKET", "yellow"), CHAT: ("CHAT", "yellow")}


def _act(entry: Entry, clock: str) -> News | None:
    detail = entry.detail
    match entry.kind:
        case "acted":
            return News(f"{clock} ACT       {detail['text']}: {detail['answer']}", "cyan")
        case "refused":
            return News(f"{clock} REFUSED   {detail['text']}: {detail['reason']}", "magenta")
        case "looked":
            return News(f"{clock} LOOK      {detail['text']}")
        case "checked":
            return News(f"{clock} CHECK     {detail['answer']}: {detail['expr']}")
        case "hinted":
            return News(f"{clock} HINT      {detail['text']}")
        case "acknowledged" | "declared" | "hypothesised" | "updated" | "noted" | "closed":
            words = " ".join(str(value) for value in detail.values() if value not in ("", None))
            return News(f"{clock} {_SAYS[entry.kind]:<9} {words}".rstrip(), "cyan")
    return None


_SAYS = {
    "acknowledged": "ACK",
    "declared": "DECLARE",
    "hypothesised": "THINKS",
    "updated": "UPDATE",
    "noted": "NOTE",
    "closed": "RESOLVE",
}


class Feed:
    """Tells a session's news once each, in order."""

    def __init__(self, session: Session, say: Say, *, shows_acts: bool = False) -> None:
        self._session, self._say, self._shows_acts = session, say, shows_acts
        self._seen = 0
        self._minute = session.now // MINUTE
        self.shows_pulse = False
        self.skip()

    def skip(self) -> None:
        """Take everything so far as known."""
        entries = self._session.entries(self._seen)
        self._seen = entries[-1].seq + 1 if entries else self._seen

    def tell(self) -> None:
        """Say what is new, and at a full minute how users are."""
        entries = self._session.entries(self._seen)
        for entry in entries:
            said = news(entry, self._session.warm_up, shows_acts=self._shows_acts)
            if said is not None:
                self._say(said.text, said.style)
        self._seen = entries[-1].seq + 1 if entries else self._seen
        minute = self._session.now // MINUTE
        if self.shows_pulse and minute > self._minute:
            self._say(f"{format_clock(self._session.now)} {pulse(self._session)}", "dim")
        self._minute = minute


def pulse(session: Session) -> str:
    """Say how users are, from what has been scraped: answers a second and p99 to a first token."""
    asked, answered = (session.evaluate(expr) for expr in (ASKED, ANSWERED))
    if not asked:
        return "nothing was scraped yet"
    good = answered[0][1] if answered else 0.0
    parts = [f"answered {good:.1f} of {asked[0][1]:.1f}/s"]
    first = session.evaluate(TTFT_P99)
    # Without a single first token the quantile is not a number.
    if first and first[0][1] == first[0][1]:
        parts.append(f"p99 first token {first[0][1]:.2f} s")
    return " · ".join(parts)
