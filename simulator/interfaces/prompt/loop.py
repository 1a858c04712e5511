"""One line after the other: read, understood or explained, done, answered."""

from simulator.errors import BrownoutError, InvariantViolated, UsageError, suggestion
from simulator.interfaces.feed import Feed, pulse
from simulator.interfaces.prompt.moving import Pace, move
from simulator.interfaces.prompt.pauses import Attention, pausable
from simulator.interfaces.prompt.seat import Seat
from simulator.interfaces.prompt.words import LEAVE, completions, plain, question
from simulator.interfaces.screen import Screen
from simulator.response.command import Command, parse, verbs
from simulator.response.navigation import (
    NAVIGATION,
    GiveUp,
    Help,
    Navigation,
    Play,
    Step,
    Undo,
    parse_navigation,
)
from simulator.response.process import Hint
from simulator.response.verbs import explained, overview
from simulator.units import format_clock

_MARK = "▸"


class Prompt:
    """A conversation with one drill, until it is over or left."""

    def __init__(self, seat: Seat, screen: Screen) -> None:
        self.seat, self._screen = seat, screen
        self._feed = self._listen()
        self._is_left = False
        self._attention = Attention()

    def run(self) -> bool:
        """Talk until the end; True when the drill is over, False when it was left to go on with."""
        names = self._names()
        self._screen.complete_with(lambda line: completions(line, names))
        with pausable() as self._attention:
            while not self.seat.session.is_over and not self._is_left:
                self.seat.keep_place()
                try:
                    with self._attention.reading():
                        line = self._screen.read(f"{format_clock(self.seat.session.now)} {_MARK} ")
                except KeyboardInterrupt:
                    self._screen.say()
                    self._screen.say("Ctrl-D leaves and saves; give-up ends the drill")
                    continue
                if line is None:
                    break
                self.take(line)
        return self.seat.session.is_over

    def take(self, line: str) -> None:
        """Do what a line says; what is not understood or cannot be done costs no time."""
        said = plain(line)
        if not said or said.startswith("#"):
            return
        if said == LEAVE:
            self._is_left = True
            return
        try:
            self._obey(said)
        except InvariantViolated:
            raise
        except BrownoutError as error:
            self._screen.say(f"  {error}")

    def _obey(self, said: str) -> None:
        wish = parse_navigation(said)
        if wish is None:
            self._command(_parsed(said))
        elif isinstance(wish, Help):
            self._help(wish)
        elif isinstance(wish, Undo):
            self._undo(wish)
        elif isinstance(wish, GiveUp):
            self._give_up()
        else:
            self._move(wish)

    def _move(self, wish: Navigation) -> None:
        self._feed.shows_pulse = isinstance(wish, Play)
        pace = Pace(self._attention, self._screen.is_interactive, self._feed.tell)
        why = move(self.seat.session, wish, pace)
        self._feed.tell()
        self._feed.shows_pulse = False
        if why:
            self._screen.say(why)
        elif isinstance(wish, Play | Step):
            self._screen.say(f"{format_clock(self.seat.session.now)} {pulse(self.seat.session)}")

    def _command(self, command: Command) -> None:
        session = self.seat.session
        session.examine(command)
        asked = question(command, session)
        if asked and isinstance(command, Hint) and not self._screen.is_interactive:
            self._screen.say(f"  {asked.removesuffix(' Ask?')}")
        if asked and not self._confirms(asked):
            return
        answer = session.perform(command)  # an act takes the time it takes; Ctrl-C waits for it
        for text in answer.lines:
            self._screen.say(f"  {text}" if text else "")
        self._feed.tell()

    def _confirms(self, asked: str) -> bool:
        try:
            with self._attention.reading():
                return self._screen.confirms(f"  {asked}")
        except KeyboardInterrupt:
            self._screen.say()
            return False

    def _help(self, wish: Help) -> None:
        text = explained(wish.topic) if wish.topic else overview()
        for each in text.splitlines():
            self._screen.say(each)
        if not wish.topic:
            self._screen.say()
            self._screen.say("Ctrl-C pauses passing time · Ctrl-D or leave saves and leaves")

    def _undo(self, wish: Undo) -> None:
        self._screen.progress("going back ...")
        gone = self.seat.undo(wish.count)
        self._screen.progress("")
        self._feed = self._listen()
        texts = "; ".join(line.text for line in gone)
        self._screen.say(f"  undone: {texts}")
        self._screen.say("  this run is practice from now on: its score will not count")

    def _give_up(self) -> None:
        if self._confirms("This ends the drill; the system runs on as it is. Sure?"):
            self.seat.session.leave()

    def _listen(self) -> Feed:
        session = self.seat.session
        feed = Feed(session, self._screen.say)
        session.on_advance = lambda _now: feed.tell()
        return feed

    def _names(self) -> tuple[str, ...]:
        scenario = self.seat.booking.scenario
        classes = tuple(f"class/{name}" for name in scenario.classes)
        pools = tuple(f"node_pool/{name}" for name in scenario.nodes)
        return (*scenario.components, *classes, *pools)


def _parsed(said: str) -> Command:
    """Read a command; the nearest verb may also be one of navigation."""
    word = said.partition(" ")[0]
    known = [*verbs(), *(name.replace("_", "-") for name in NAVIGATION), LEAVE]
    if word.lower().replace("-", "_") not in {name.replace("-", "_") for name in known}:
        raise UsageError(f"no command {word!r}{suggestion(word, known)}; help lists them")
    return parse(said)
