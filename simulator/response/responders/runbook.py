"""A runbook, followed to the letter: one step at a time, each taking the time a person needs."""

from collections.abc import Generator, Sequence
from typing import ClassVar

from simulator.response.process import Note
from simulator.response.responders._base import (
    Answer,
    Checked,
    Do,
    Ending,
    Evaluate,
    Request,
    Responder,
    Talk,
    Verdict,
    WaitForPage,
    WaitUntil,
)
from simulator.response.runbook import (
    AckStep,
    ActStep,
    AnyStep,
    CheckStep,
    DeclareStep,
    HypothesisStep,
    LookStep,
    NoteStep,
    Occasion,
    ResolveStep,
    Runbook,
    StopStep,
    UntilStep,
    UpdateStep,
    Verification,
    WaitFor,
    WaitStep,
    WhenStep,
)
from simulator.response.spoken import LOOK_NS
from simulator.response.truth import is_true, operands
from simulator.units import SECOND

POLL_NS = 15 * SECOND
"""How often `until` looks, which is how often targets are scraped."""

_Part = Generator[Request, Answer, Ending | None]
"""Some steps: they end the runbook, or let it go on (None)."""


class RunbookResponder(Responder):
    """Follows a runbook from the page that sets it off to its end."""

    kind_name: ClassVar[str] = "runbook"

    def __init__(self, runbook: Runbook) -> None:
        self.runbook = runbook

    def respond(self, now: int) -> Talk:
        return _Reading(now).whole(self.runbook)


class _Reading:
    """One reading of a runbook: the place in it is the Python stack, the time is `now`."""

    def __init__(self, now: int) -> None:
        self.now = now

    def whole(self, runbook: Runbook) -> Talk:
        yield from self._ask(self._occasion(runbook.on))
        return (yield from self._steps(runbook.steps)) or Ending("done")

    def _occasion(self, on: Occasion) -> Request:
        return WaitForPage(on.alert) if on.time is None else WaitUntil(max(on.time, self.now))

    def _ask(self, request: Request) -> Generator[Request, Answer, Answer]:
        answer = yield request
        self.now = answer.now
        return answer

    def _steps(self, steps: Sequence[AnyStep]) -> _Part:
        for step in steps:
            ending = yield from self._step(step)
            if ending is not None:
                return ending
        return None

    def _step(self, step: AnyStep) -> _Part:
        match step:
            case WhenStep():
                holds = yield from self._holds(step.when)
                return (yield from self._steps(step.then if holds else step.otherwise))
            case UntilStep():
                return (yield from self._until(step.until))
            case CheckStep():
                return (yield from self._check(step.check))
            case WaitStep():
                yield from self._ask(WaitUntil(self.now + step.wait))
            case StopStep():
                yield from self._ask(Do(Note(text=f"left the runbook: {step.stop}")))
                return Ending("stopped", step.stop)
            case ResolveStep():
                yield from self._ask(Do(step.resolve))
                return Ending("resolved")
            case _:
                yield from self._ask(_said(step))
        return None

    def _holds(self, expr: str) -> Generator[Request, Answer, bool]:
        """Look once, taking a look's time."""
        answer = yield from self._ask(Evaluate(expr, "when"))
        yield from self._ask(WaitUntil(self.now + LOOK_NS))
        return is_true(answer.samples)

    def _until(self, wait: WaitFor) -> _Part:
        deadline = self.now + wait.at_most
        while True:
            answer = yield from self._ask(Evaluate(wait.expr, "until"))
            if is_true(answer.samples):
                return None
            if self.now >= deadline:
                return (yield from self._steps(wait.otherwise))
            yield from self._ask(WaitUntil(min(self.now + POLL_NS, deadline)))

    def _check(self, check: Verification) -> _Part:
        verdict = yield from self._verdict(check.expr)
        yield from self._ask(Checked(check.expr, verdict))
        yield from self._ask(WaitUntil(self.now + LOOK_NS))
        if verdict == "pass":
            return None
        if check.otherwise:
            return (yield from self._steps(check.otherwise))
        return Ending("stopped", f"check {verdict}: {check.expr}")

    def _verdict(self, expr: str) -> Generator[Request, Answer, Verdict]:
        """Tell a condition that does not hold from one about which nothing is known."""
        answer = yield from self._ask(Evaluate(expr, "check"))
        if is_true(answer.samples):
            return "pass"
        for operand in operands(expr):
            answer = yield from self._ask(Evaluate(operand, "check"))
            if not is_true(answer.samples):
                return "unknown"
        return "fail"


_Plain = AckStep | LookStep | ActStep | HypothesisStep | DeclareStep | UpdateStep | NoteStep


def _said(step: _Plain) -> Do:
    """What a step that only says something says."""
    match step:
        case AckStep():
            return Do(step.ack)
        case LookStep():
            return Do(step.look)
        case ActStep():
            return Do(step.act)
        case HypothesisStep():
            return Do(step.hypothesis)
        case DeclareStep():
            return Do(step.declare)
        case UpdateStep():
            return Do(step.update)
        case NoteStep():
            return Do(step.note)
