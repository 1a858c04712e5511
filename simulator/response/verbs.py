"""Every verb on one page: how it is written, how long it takes, what it does and costs users."""

from dataclasses import dataclass
from typing import Literal

from simulator import kinds
from simulator.errors import NotFound
from simulator.response.command import action_kind
from simulator.response.looks import LOOKS
from simulator.response.navigation import NAVIGATION
from simulator.response.process import PROCESS_ACTS
from simulator.response.spoken import Spoken
from simulator.units import format_duration

Group = Literal["look", "process", "act", "navigate"]

HEADINGS: dict[Group, str] = {
    "look": "Look (never changes anything)",
    "process": "Speak (feeds timeline and grade)",
    "act": "Act (typed, takes time, can be refused, can hurt)",
    "navigate": "Move through time (leaves no trace in the journal)",
}
"""The groups of verbs in the order `help` prints them."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One line of `help`; times in ns."""

    name: str
    group: Group
    syntax: str
    takes_ns: int
    effect: str
    cost: str

    @property
    def takes(self) -> str:
        """How long it takes, for a reader."""
        return format_duration(self.takes_ns) if self.takes_ns else "-"


def table() -> tuple[Verb, ...]:
    """Every verb, in the order of its group and then by name (looks as they are thought of)."""
    actions = {name: action_kind(name) for name in kinds.names("actions")}
    rows = [_verb("look", kind) for kind in LOOKS.values()]
    rows += [_verb("process", kind) for kind in PROCESS_ACTS.values()]
    rows += [_verb("act", kind) for kind in actions.values()]
    rows += [_verb("navigate", kind) for kind in NAVIGATION.values()]
    return tuple(rows)


def verb(name: str) -> Verb:
    """Find one verb; NotFound with the nearest that exists."""
    known = {row.name: row for row in table()}
    wanted = name.lower().replace("-", "_")
    if wanted not in known:
        raise NotFound("verb", name, known)
    return known[wanted]


def explained(name: str) -> str:
    """Explain one verb in a few lines."""
    row = verb(name)
    lines = [row.syntax, f"  {row.effect}", f"  takes {row.takes} of your time"]
    if row.group == "act":
        lines.append(f"  users: {row.cost}")
    return "\n".join(lines)


def overview() -> str:
    """Write the whole table as plain text, group by group."""
    rows = table()
    width = max(len(row.syntax) for row in rows if len(row.syntax) <= _WIDE)
    lines: list[str] = []
    for group, heading in HEADINGS.items():
        lines += ["", heading]
        for row in rows:
            if row.group == group:
                lines += _entry(row, width)
    return "\n".join(lines[1:])


_WIDE = 44


def _entry(row: Verb, width: int) -> list[str]:
    says = f"{row.takes:>5}  {row.effect}"
    if len(row.syntax) > width:
        lines = [f"  {row.syntax}", f"  {'':{width}} {says}"]
    else:
        lines = [f"  {row.syntax:{width}} {says}"]
    if row.group == "act" and row.cost != "nothing":
        lines.append(f"  {'':{width}}        users: {row.cost}")
    return lines


def _verb(group: Group, kind: type[Spoken]) -> Verb:
    return Verb(kind.kind_name, group, kind.syntax, kind.takes_ns, kind.effect, kind.cost)
