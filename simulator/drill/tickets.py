"""Users who were let down write tickets, some of them, later, and not always in the right words."""

from simulator.clock import Phase
from simulator.drill.drill import Drill
from simulator.drill.watch import every
from simulator.instruments.series.tickets import Ticket
from simulator.instruments.telemetry.belated import held_back
from simulator.plant.api import Outcome
from simulator.plant.chance import FIRST_FREE_PURPOSE, mix, uniform
from simulator.units import SECOND

PERIOD_NS = 10 * SECOND
_PURPOSE = FIRST_FREE_PURPOSE + 4
MISNAMED = 0.15
"""Share of tickets whose words are those of another trouble; an assumption."""

_WORDS: dict[Outcome, tuple[str, ...]] = {
    Outcome.REFUSED: ("it says I should try again later", "too many requests? I asked once"),
    Outcome.ABANDONED: ("I waited and gave up", "it never stops loading"),
    Outcome.FAILED: ("I only get an error", "something went wrong, it says"),
    Outcome.WRONG: ("the answer is wrong", "it told a customer nonsense", "it made that up"),
    Outcome.LATE: ("it is very slow today", "takes for ever to begin"),
    Outcome.GOOD: ("how do I export my chats?", "the font is too small", "can I pay by invoice?"),
}


class Tickets:
    """Turns what became of requests into what users write."""

    def __init__(self, drill: Drill, seed: int) -> None:
        self._drill, self._key = drill, mix(seed, _PURPOSE)
        shape = (len(drill.scenario.classes), len(Outcome))
        self._seen = [[0] * shape[1] for _ in range(shape[0])]
        self._written = 0

    def start(self) -> None:
        """Write from now on."""
        clock = self._drill.clock
        clock.spawn(every(clock, PERIOD_NS, PERIOD_NS, Phase.SCRAPE, "tickets", self._write))

    def _write(self) -> None:
        counted = self._drill.plant.outcomes().sum(axis=0).tolist()
        for number, (name, model) in enumerate(self._drill.scenario.classes.items()):
            for outcome in Outcome:
                grown = counted[number][outcome] - self._seen[number][outcome]
                share = model.tickets.good if outcome is Outcome.GOOD else model.tickets.bad
                for _ in range(self._how_many(grown * share, number, outcome)):
                    self._ticket(name, outcome, model.tickets.delay)
        self._seen = counted

    def _how_many(self, expected: float, number: int, outcome: Outcome) -> int:
        """A whole number with this mean."""
        if expected <= 0:
            return 0
        key = mix(mix(self._key, number * len(Outcome) + outcome), self._drill.clock.now)
        return int(expected + uniform(key))

    def _ticket(self, route: str, outcome: Outcome, delay_ns: int) -> None:
        key = mix(self._key, self._written)
        self._written += 1
        draws = [uniform(mix(key, purpose)) for purpose in range(3)]
        if draws[0] < MISNAMED:
            outcome = Outcome(int(draws[1] * len(Outcome)))
        words = _WORDS[outcome]
        at = self._drill.clock.now + held_back(delay_ns, key, range(len(draws), len(draws) + 1))[0]
        self._drill.tickets.append(Ticket(at, route, words[int(draws[2] * len(words))]))
