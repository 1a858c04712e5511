"""Every error Brownout raises, in one tree.

BrownoutError
├── UsageError            the command line asked for something impossible (exit 2)
├── InvalidInput          a file says something wrong; carries every Mistake found (exit 3)
├── ActionRefused         an action that cannot be done now; nothing was changed
├── NotFound              a name that nothing has, with the nearest that exists
├── QueryError            a PromQL expression that cannot be read or evaluated
└── InvariantViolated     our own mistake; nobody catches it (exit 1)
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class BrownoutError(Exception):
    """The root of the tree."""


class UsageError(BrownoutError):
    """The request itself makes no sense."""


class ActionRefused(BrownoutError):
    """The action cannot be done now; the system is as it was."""


class QueryError(BrownoutError):
    """The expression cannot be read or evaluated."""


class InvariantViolated(BrownoutError):
    """A promise of the simulator is broken; always our bug."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Say `(did you mean 'x'?)` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


NAMES_MAX = 20
"""As many names a message lists."""


class NotFound(BrownoutError):
    """Nothing has that name; the message names what does, up to `NAMES_MAX`."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        self.what, self.name, self.known = what, name, sorted(known)
        shown, more = self.known[:NAMES_MAX], len(self.known) - NAMES_MAX
        listed = ", ".join(shown) + (f" and {more} more" if more > 0 else "") if shown else "none"
        super().__init__(f"no {what} {name!r}{suggestion(name, self.known)}; there is: {listed}")

    def __reduce__(self) -> tuple[type["NotFound"], tuple[str, str, list[str]]]:
        # Raised in another process, it must be the same here.
        return type(self), (self.what, self.name, self.known)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong in one place of one file; lines and columns count from 1.

    Line 0 stands for what is no file, such as `--set faults[0].at`.
    """

    file: str
    line: int
    col: int
    code: str
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        warning = " warning" if self.is_warning else ""
        place = f"{self.file}:{self.line}:{self.col}" if self.line else self.file
        return f"{place}: {self.message} [{self.code}]{warning}"


class InvalidInput(BrownoutError):
    """A file cannot be used; `mistakes` holds everything wrong with it, in order of place."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))

    def __reduce__(self) -> tuple[type["InvalidInput"], tuple[tuple[Mistake, ...]]]:
        # As for NotFound.
        return type(self), (self.mistakes,)
