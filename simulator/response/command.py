"""A line of text as a command and back: one grammar for prompt, runbook, journal and agents.

`parse(render(command)) == command`, so a journal is made of the lines a person would type.
"""

from simulator import kinds
from simulator.errors import UsageError, suggestion
from simulator.response.actions._base import Action
from simulator.response.look import Look
from simulator.response.looks import LOOKS
from simulator.response.navigation import NAVIGATION
from simulator.response.process import PROCESS_ACTS, ProcessAct
from simulator.response.spoken import Spoken

Command = Action | ProcessAct | Look
"""Anything that goes into the journal."""


def parse(line: str) -> Command:
    """Read one line; UsageError names the nearest verb, or says how the line is written."""
    verb, _, rest = line.strip().partition(" ")
    kind = command_kind(verb)
    command = kind.read(rest)
    if isinstance(command, Action | ProcessAct | Look):
        return command
    raise UsageError(f"{verb} is not a command")


def render(command: Command) -> str:
    """Write a command as the line that gives it back."""
    return f"{command.kind_name} {command.spoken()}".rstrip()


def action_kind(verb: str) -> type[Action]:
    """Find an action's class; NotFound for an unknown verb."""
    found = kinds.load("actions", verb)
    assert issubclass(found, Action)  # noqa: S101 - the folder holds nothing else
    return found


def command_kind(verb: str) -> type[Spoken]:
    """Find the class behind a verb (`add-nodes` is `add_nodes`); UsageError when there is none."""
    name = verb.lower().replace("-", "_")
    if name in LOOKS:
        return LOOKS[name]
    if name in PROCESS_ACTS:
        return PROCESS_ACTS[name]
    if name in kinds.names("actions"):
        return action_kind(name)
    if not verb:
        raise UsageError("nothing was said; help lists the verbs")
    if name in NAVIGATION:
        raise UsageError(f"{verb!r} moves the clock or the session; it is not a command")
    known = (*verbs(), *NAVIGATION)
    raise UsageError(f"no command {verb!r}{suggestion(name, known)}; help lists them")


def verbs() -> tuple[str, ...]:
    """Every verb of a command, sorted."""
    return tuple(sorted((*LOOKS, *PROCESS_ACTS, *kinds.names("actions"))))
