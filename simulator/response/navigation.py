"""How a person moves through time at the prompt; navigation leaves no journal entry."""

from typing import ClassVar, Literal, Self

from pydantic import Field

from simulator.response.spoken import Spoken
from simulator.response.words import Expression, one_line, span
from simulator.units import SECOND, Duration, format_clock, instant


class Navigation(Spoken):
    """A wish about the clock or the session, not a thing done to the system."""


class Step(Navigation):
    """Lets time pass."""

    kind_name: ClassVar[str] = "step"
    syntax: ClassVar[str] = "step [10s]"
    effect: ClassVar[str] = "lets time pass"
    positional: ClassVar[tuple[str, ...]] = ("lasts",)

    lasts: Duration = Field(
        default=10 * SECOND, description="How long to let pass.", examples=["2m"], gt=0
    )

    def _text(self, name: str) -> str:  # noqa: ARG002 - it has one field
        return span(self.lasts)


class Next(Navigation):
    """Runs to the next thing that can be seen."""

    kind_name: ClassVar[str] = "next"
    syntax: ClassVar[str] = "next"
    effect: ClassVar[str] = "runs to the next thing you would notice: a page, an alert, a change"


class Until(Navigation):
    """Runs to a breakpoint: a page, everything resolved, a time, or a condition."""

    kind_name: ClassVar[str] = "until"
    syntax: ClassVar[str] = "until alert [NAME] | resolved | 00:30 | +5m | PROMQL"
    effect: ClassVar[str] = "runs to a page, to all clear, to a time, or until PromQL holds"

    what: Literal["alert", "resolved", "time", "span", "expr"] = Field(
        description="What kind of breakpoint it is.", examples=["alert"]
    )
    alert: str | None = Field(
        default=None, description="Only this alert.", examples=["TimeToFirstTokenHigh"]
    )
    ns: int = Field(
        default=0, description="Drill time, or how long from now, in ns.", examples=[300]
    )
    expr: Expression | None = Field(default=None, description="A condition.", examples=["up == 0"])

    @classmethod
    def read(cls, rest: str) -> Self:
        text = str(one_line(rest))
        if not text:
            raise cls.misused("until what?")
        word, _, more = text.partition(" ")
        if word == "alert" and len(more.split()) <= 1:
            return cls(what="alert", alert=more.strip() or None)
        if text == "resolved":
            return cls(what="resolved")
        if text[0].isdigit() or text[0] == "+":
            return cls._timed(text)
        return cls(what="expr", expr=text)

    @classmethod
    def _timed(cls, text: str) -> Self:
        try:
            if text.startswith("+"):
                return cls(what="span", ns=instant(text[1:]))
            return cls(what="time", ns=instant(text))
        except ValueError as error:
            if " " in text:
                return cls(what="expr", expr=text)
            raise cls.misused(str(error)) from error

    def spoken(self) -> str:
        match self.what:
            case "alert":
                return f"alert {self.alert or ''}".rstrip()
            case "resolved":
                return "resolved"
            case "time":
                return format_clock(self.ns) if self.ns % SECOND == 0 else span(self.ns)
            case "span":
                return f"+{span(self.ns)}"
            case "expr":
                return self.expr or ""


class Play(Navigation):
    """Lets time pass by itself, so many times faster than real time."""

    kind_name: ClassVar[str] = "play"
    syntax: ClassVar[str] = "play [x60]"
    effect: ClassVar[str] = "lets time pass by itself at that pace; Ctrl-C pauses"
    positional: ClassVar[tuple[str, ...]] = ("pace",)

    pace: str = Field(
        default="x60",
        description="Simulated per real seconds.",
        pattern=r"^x\d+$",
        examples=["x60"],
    )


class Undo(Navigation):
    """Rebuilds the drill without the last commands; it is practice from then on."""

    kind_name: ClassVar[str] = "undo"
    syntax: ClassVar[str] = "undo [N]"
    effect: ClassVar[str] = "goes back before your last N commands; marks the run as practice"
    positional: ClassVar[tuple[str, ...]] = ("count",)

    count: int = Field(default=1, description="How many commands.", examples=[1], ge=1)


class Help(Navigation):
    """Shows the verbs, or one of them."""

    kind_name: ClassVar[str] = "help"
    syntax: ClassVar[str] = "help [VERB]"
    effect: ClassVar[str] = "shows every verb with its cost, or one of them"
    positional: ClassVar[tuple[str, ...]] = ("topic",)

    topic: str | None = Field(default=None, description="A verb.", examples=["scale"])


class GiveUp(Navigation):
    """Ends the drill as it stands."""

    kind_name: ClassVar[str] = "give_up"
    syntax: ClassVar[str] = "give-up"
    effect: ClassVar[str] = "ends the drill as it stands and shows the score"


NAVIGATION: dict[str, type[Navigation]] = {
    kind.kind_name: kind for kind in (Step, Next, Until, Play, Undo, Help, GiveUp)
}
"""Every navigation verb."""


def parse_navigation(line: str) -> Navigation | None:
    """Read a line as navigation; None when its verb is not one; UsageError when it is malformed."""
    verb, _, rest = line.strip().partition(" ")
    kind = NAVIGATION.get(verb.lower().replace("-", "_"))
    return kind.read(rest) if kind else None
