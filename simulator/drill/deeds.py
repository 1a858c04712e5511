"""What a responder's commands come to: carried out, answered and written into the record."""

from dataclasses import dataclass

from simulator.drill.drill import Drill
from simulator.drill.looks import Looker
from simulator.errors import ActionRefused
from simulator.record.model import EntryKind
from simulator.response.actions._base import Action
from simulator.response.command import Command, render
from simulator.response.process import Hint, ProcessAct

HINTS_MAX = 3
"""How many hints a drill gives at most."""

SAID: dict[str, tuple[EntryKind, str]] = {
    "ack": ("acknowledged", "acknowledged"),
    "declare": ("declared", "declared"),
    "hypothesis": ("hypothesised", "noted"),
    "update": ("updated", "sent"),
    "note": ("noted", "noted"),
    "resolve": ("closed", "closed; the system runs on to the end of the drill"),
}
"""Entry and reply for each process act."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: lines to show, whether it was refused, and the time it took (ns)."""

    lines: tuple[str, ...]
    is_refused: bool = False
    took_ns: int = 0


class Deeds:
    """Carries commands out at the drill's present instant."""

    def __init__(self, drill: Drill, looker: Looker) -> None:
        self._drill, self._looker = drill, looker
        self.hints_used = 0
        self.is_closed = False

    @property
    def hints_left(self) -> int:
        """How often `hint` still has something to say."""
        return max(0, min(HINTS_MAX, len(self._drill.hints)) - self.hints_used)

    def carry_out(self, spoken: Command) -> Answer:
        """Do it now; what is refused has changed nothing."""
        if isinstance(spoken, Action):
            return self._act(spoken)
        recorder, now, verb = self._drill.recorder, self._drill.clock.now, spoken.kind_name
        if isinstance(spoken, Hint):
            return self._hint()
        if isinstance(spoken, ProcessAct):
            kind, reply = SAID[verb]
            recorder.add(now, kind, verb, **spoken.model_dump())
            self.is_closed = verb == "resolve"
            return Answer((reply,))
        lines = self._looker.look(spoken)
        recorder.add(now, "looked", verb, text=render(spoken), answer="\n".join(lines))
        return Answer(lines)

    def _act(self, action: Action) -> Answer:
        drill, text = self._drill, render(action)
        target = ", ".join(str(place) for place in action.places())
        try:
            answer = action.perform(drill.world)
        except ActionRefused as refusal:
            drill.recorder.add(
                drill.clock.now, "refused", action.kind_name, text=text, reason=str(refusal)
            )
            return Answer((f"refused: {refusal}",), is_refused=True)
        drill.recorder.add(
            drill.clock.now,
            "acted",
            action.kind_name,
            text=text,
            target=target,
            answer=answer,
            mutates=action.mutates,
        )
        drill.note_change(target, f"{text}: {answer}", "responder")
        return Answer((answer,))

    def _hint(self) -> Answer:
        if not self.hints_left:
            return Answer(("there is no hint left",), is_refused=True)
        text = self._looker.hint(self.hints_used)
        self.hints_used += 1
        self._drill.recorder.add(self._drill.clock.now, "hinted", "hint", text=text)
        return Answer((text,))
