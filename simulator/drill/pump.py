"""Lets a responder that is a program act in a session: one request at a time, in drill time."""

from simulator.drill.session import Session
from simulator.errors import NotFound, UsageError
from simulator.response.navigation import Until
from simulator.response.responders._base import (
    Answer,
    Checked,
    Do,
    Ending,
    Evaluate,
    Request,
    Responder,
    WaitForPage,
    WaitUntil,
)


def pump(session: Session, responder: Responder) -> Ending:
    """Drive a responder until it leaves or the drill is over."""
    talk = responder.respond(session.now)
    try:
        request = next(talk)
        while not session.is_over:
            request = talk.send(_answered(session, request))
    except StopIteration as end:
        ending: Ending = end.value
        return ending
    return Ending("done", "the drill is over")


def _answered(session: Session, request: Request) -> Answer:
    match request:
        case WaitUntil():
            session.advance(request.at)
        case WaitForPage():
            session.wait_for_page(Until(what="alert", alert=request.alert))
        case Evaluate():
            return Answer(session.now, samples=session.evaluate(request.expr))
        case Checked():
            session.check(request.expr, request.verdict)
        case Do():
            return _done(session, request)
    return Answer(session.now)


def _done(session: Session, request: Do) -> Answer:
    """Carry a command out; a target that is not there is refused, as a tool would."""
    try:
        answer = session.perform(request.command)
    except (NotFound, UsageError) as error:
        session.refuse(request.command, str(error))
        return Answer(session.now, str(error), is_refused=True)
    return Answer(session.now, "\n".join(answer.lines), is_refused=answer.is_refused)
