"""What can be typed, and what may come next: completion, and questions before what hurts."""

from simulator.drill.session import Session
from simulator.response.command import Command, verbs
from simulator.response.navigation import NAVIGATION
from simulator.response.process import Hint
from simulator.response.verbs import verb
from simulator.taxonomy import MECHANISMS, TRIGGERS

ALSO = {
    "quit": "leave", "exit": "leave", "bye": "leave", "?": "help", "h": "help", "n": "next",
    "s": "status", "giveup": "give-up",
}  # fmt: skip
"""Other words for a verb."""

LEAVE = "leave"


def plain(line: str) -> str:
    """Put the word we use in the place of one that means the same."""
    word, space, rest = line.strip().partition(" ")
    return f"{ALSO.get(word.lower(), word)}{space}{rest}"


def completions(line: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Words that the last word of a line may become: a verb first, then names of the system."""
    *before, begun = line.split(" ")
    if not before:
        known = [*verbs(), *(name.replace("_", "-") for name in NAVIGATION), LEAVE]
    elif before[0] == "help":
        known = [*verbs(), *NAVIGATION]
    elif before[0] == "hypothesis":
        known = [*names, *MECHANISMS, *TRIGGERS]
    elif before[0] == "until":
        known = ["alert", "resolved"]
    else:
        known = list(names)
    return tuple(f"{word} " for word in sorted(set(known)) if word.startswith(begun))


def question(command: Command, session: Session) -> str:
    """What to ask a person before it is done; nothing where no user and no score suffers."""
    if isinstance(command, Hint) and session.hints_left:
        return f"A hint costs 5 points; {session.hints_left} left. Ask?"
    if not command.mutates or command.cost.startswith("nothing"):
        return ""
    return f"{verb(command.kind_name).effect}; users: {command.cost}. Do it?"
