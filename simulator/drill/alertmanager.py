"""The levers of a drill's Alertmanager: silences, made and ended at the drill's present instant."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import ActionRefused
from simulator.instruments.alerting.manager.dispatch import Dispatcher
from simulator.instruments.alerting.manager.matching import format_matchers, read_matchers
from simulator.instruments.alerting.manager.silences import Silence
from simulator.instruments.series.labels import Labels
from simulator.units import MS, format_duration


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """What a responder may do to it."""

    dispatcher: Dispatcher
    now_ms: Callable[[], int]

    def silence(self, matchers: str, lasts_ns: int, comment: str) -> str:
        """Hide matching alerts from now on; ActionRefused for what is no matcher."""
        now = self.now_ms()
        try:
            made = self.dispatcher.silences.add(
                read_matchers(matchers), now, now + lasts_ns // MS, comment
            )
        except ValueError as error:
            raise ActionRefused(str(error)) from error
        return f"silence {made.number}: {format_matchers(made.matchers)} for {_left(made, now)}"

    def expire(self, number: int) -> str:
        """End a silence; ActionRefused when it is not in force."""
        try:
            ended = self.dispatcher.silences.expire(number, self.now_ms())
        except ValueError as error:
            raise ActionRefused(str(error)) from error
        return f"silence {number} ended: {format_matchers(ended.matchers)}"

    def told(self, labels: Labels) -> str:
        """Say who hears of a firing alert, or that a silence or another alert mutes it."""
        if self.dispatcher.is_muted(labels, self.now_ms()):
            return "muted"
        routes = self.dispatcher.config.route.matching(labels)
        return ", ".join(dict.fromkeys(route.receiver for route in routes))

    def rows(self) -> list[tuple[str, str, str, str]]:
        """List what is in force: number, matchers, time left, comment."""
        now = self.now_ms()
        return [
            (str(each.number), format_matchers(each.matchers), _left(each, now), each.comment)
            for each in self.dispatcher.silences.active(now)
        ]


def _left(silence: Silence, now_ms: int) -> str:
    return format_duration((silence.ends_ms - now_ms) * MS)
