"""Nobody: what happens if no one does anything."""

from typing import ClassVar

from simulator.response.responders._base import Ending, Responder, Talk


class NoResponder(Responder):
    """Never acts."""

    kind_name: ClassVar[str] = "none"

    def respond(self, now: int) -> Talk:  # noqa: ARG002 - nobody looks at the clock
        yield from ()
        return Ending("done")
