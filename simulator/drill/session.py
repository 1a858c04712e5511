"""A seat at a drill: let time pass, look, act. The prompt, runbooks and programs all sit here.

Times are ns counted from the end of warm-up, as the responder's clock shows them. A session offers
looks and acts only; nothing behind it names the cause.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.clock import Phase
from simulator.drill.breakpoints import Breakpoint, breakpoint_of, next_visible, pages
from simulator.drill.deeds import Answer, Deeds
from simulator.drill.drill import Drill
from simulator.drill.looks import Looker
from simulator.errors import NotFound, QueryError, UsageError
from simulator.instruments.promql.plan import Plan, compile_query
from simulator.record.journal import Journal, Line
from simulator.record.model import Entry
from simulator.response.actions._base import Action
from simulator.response.command import Command, parse, render
from simulator.response.navigation import Until
from simulator.units import MINUTE


@dataclass(frozen=True, slots=True)
class Stop:
    """Why time stopped passing."""

    why: str
    at: int


class Session:
    """One responder at one drill."""

    def __init__(self, drill: Drill, journal: Journal) -> None:
        self._drill, self.journal = drill, journal
        self._looker = Looker(drill)
        self._deeds = Deeds(drill, self._looker)
        self._plans: dict[str, Plan] = {}
        self.on_advance: Callable[[int], None] = lambda _now: None
        self.should_pause: Callable[[], bool] = lambda: False
        self._is_telling = False

    @property
    def now(self) -> int:
        """The responder's clock (ns since the end of warm-up)."""
        return self._drill.clock.now - self._drill.warm_up

    @property
    def horizon(self) -> int:
        """When the drill ends (ns on the same clock)."""
        return self._drill.horizon - self._drill.warm_up

    @property
    def warm_up(self) -> int:
        """What to take off an entry's time to have it on the responder's clock (ns)."""
        return self._drill.warm_up

    @property
    def is_closed(self) -> bool:
        """Whether the responder has said that it is over."""
        return self._deeds.is_closed

    @property
    def hints_used(self) -> int:
        """How many hints were given."""
        return self._deeds.hints_used

    @property
    def is_over(self) -> bool:
        """Whether the responder can do nothing more."""
        return self.is_closed or self.now >= self.horizon

    @property
    def brief(self) -> tuple[str, ...]:
        """What the responder is told at the start."""
        return self._looker.brief()

    def entries(self, since: int = 0) -> tuple[Entry, ...]:
        """Everything that reached the responder from entry `since` on, with its own acts."""
        return tuple(e for e in self._drill.recorder.since(since) if e.kind not in HIDDEN)

    def advance(self, until: int) -> None:
        """Let time pass up to `until`, or the horizon if that comes first.

        `on_advance` is told at every full minute on the way, and at the end of it.
        """
        target = max(min(until, self.horizon), self.now)
        while True:
            edge = min(target, _next_minute(self.now))
            self._drill.driver.run_to(edge + self._drill.warm_up)
            self._tell()
            if edge == target:
                return

    def _tell(self) -> None:
        """Tell whoever watches; what they evaluate meanwhile is not told again."""
        if not self._is_telling:
            self._is_telling = True
            try:
                self.on_advance(self.now)
            finally:
                self._is_telling = False

    def idle_to_end(self) -> None:
        """Let time pass to the horizon."""
        self.advance(self.horizon)

    def leave(self) -> None:
        """Give the seat up; the system runs on to the end of the drill."""
        self._deeds.is_closed = True

    @property
    def hints_left(self) -> int:
        """How often `hint` still has something to say."""
        return self._deeds.hints_left

    def until(self, wish: Until, at_most: int | None = None) -> Stop:
        """Let time pass until something happens, at most so long (ns on the session's clock).

        Raises UsageError or QueryError for a wish that cannot come true.
        """
        drill = self._drill
        found = breakpoint_of(wish, self.now, drill.recorder, drill.store, lambda: drill.now_ms)
        return self.run_until(found, at_most)

    def next(self) -> Stop:
        """Let time pass until the next thing that reaches the responder by itself."""
        return self.run_until(next_visible(self._drill.recorder), None)

    def run_until(self, breakpoint_: Breakpoint, at_most: int | None) -> Stop:
        """Let time pass until a breakpoint, at most so long."""
        limits = [self.horizon, breakpoint_.limit, at_most]
        limit = min(each for each in limits if each is not None)
        while self.now < limit:
            # Whole minutes are told while an instant is complete, so that watching changes nothing.
            edge = min(limit, _next_minute(self.now))
            why = self._pass(edge, breakpoint_)
            self.advance(self.now if why else edge)
            if why:
                return Stop(why, self.now)
        if limit == self.horizon:
            return Stop(THE_END, self.now)
        return Stop("time is up" if breakpoint_.holds else breakpoint_.words, self.now)

    def _pass(self, edge: int, breakpoint_: Breakpoint) -> str:
        """Let time pass up to `edge`; say why it stopped before, or nothing."""
        driver, end = self._drill.driver, edge + self._drill.warm_up
        while (phase := driver.step(end)) is not None:
            if breakpoint_.holds and phase in DECIDING and (found := breakpoint_.holds()):
                return found if isinstance(found, str) else f"{found.kind} {found.subject}"
            if self.should_pause():
                return PAUSED
        return ""

    def do(self, line: str) -> Answer:
        """Look or act, in the prompt's words; what cannot be done costs no time.

        Raises UsageError for an unknown verb or wrong words and NotFound for a bad target.
        """
        return self.perform(parse(line))

    def examine(self, spoken: Command) -> None:
        """Raise NotFound or UsageError for a command that names what is not there."""
        if isinstance(spoken, Action):
            spoken.check(self._drill.world)

    def perform(self, spoken: Command) -> Answer:
        """Do what was said, write it down, and let the time it takes pass."""
        if self.is_over:
            raise UsageError("the drill is over; nothing can be done any more")
        self.advance(self.now)
        self.examine(spoken)
        answer = self._deeds.carry_out(spoken)
        self.journal.append(Line(self.now, render(spoken)))
        if answer.is_refused:
            return answer
        started = self.now
        self.advance(started + spoken.takes_ns)
        return Answer(answer.lines, took_ns=self.now - started)

    def wait_for_page(self, wish: Until) -> None:
        """Let time pass until a page comes; one that has come already counts."""
        if not any(pages(entry, wish.alert) for entry in self._drill.recorder.entries):
            self.until(wish)

    def evaluate(self, expr: str) -> list[tuple[dict[str, str], float]]:
        """Evaluate PromQL on what has been scraped; nothing for what cannot be evaluated."""
        self.advance(self.now)
        if expr not in self._plans:
            self._plans[expr] = compile_query(expr)
        try:
            found = self._plans[expr].vector(self._drill.store, self._drill.now_ms)
        except QueryError:
            return []
        return [(dict(sample.labels), sample.value) for sample in found.samples()]

    def check(self, expr: str, verdict: str) -> None:
        """Write down how a runbook's check came out."""
        self.journal.append(Line(self.now, f"{CHECKED} {verdict} {expr}"))
        self._drill.recorder.add(
            self._drill.clock.now, "checked", "check", expr=expr, answer=verdict
        )

    def refuse(self, command: Command, reason: str) -> None:
        """Write down that a command named something that is not there."""
        self.journal.append(Line(self.now, f"{REFUSED} {render(command)}"))
        self._drill.recorder.add(
            self._drill.clock.now,
            "refused",
            command.kind_name,
            text=render(command),
            reason=reason,
        )

    def replay(self, lines: Sequence[Line]) -> None:
        """Do again what a journal says, at its times; what no longer applies is refused."""
        for line in lines:
            self.advance(line.at)
            word, _, rest = line.text.partition(" ")
            if word == CHECKED:
                verdict, _, expr = rest.partition(" ")
                self.check(expr, verdict)
                continue
            command = parse(rest if word == REFUSED else line.text)
            try:
                self.perform(command)
            except (NotFound, UsageError) as error:
                self.refuse(command, str(error))


def _next_minute(now: int) -> int:
    return (now // MINUTE + 1) * MINUTE


PAUSED, THE_END = "paused", "the end"
"""Why time stopped: someone asked for it, or the drill is over."""

DECIDING = frozenset({Phase.RULES, Phase.NOTIFY, Phase.ACT})
"""Phases after which a breakpoint is looked at."""

CHECKED, REFUSED = "checked", "refused"
"""Words that begin journal lines no person types."""

HIDDEN = frozenset({"struck", "lifted", "decided"})
"""Entries nobody at the seat can see."""
