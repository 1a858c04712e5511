"""Where a drill is shown and typed: a terminal, or a pipe in either direction."""

import sys
from collections.abc import Callable, Sequence

from rich.console import Console

Completer = Callable[[str], Sequence[str]]
"""What a line begun so may go on as."""


class Screen:
    """Lines out and lines in; styles only where a terminal shows them, words everywhere."""

    def __init__(self, *, echoes: bool = False) -> None:
        # rich heeds NO_COLOR, FORCE_COLOR and TERM=dumb.
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._aside = Console(highlight=False, markup=False, emoji=False, stderr=True)
        self._echoes = echoes

    @property
    def is_interactive(self) -> bool:
        """Whether a person sits there: someone who can be asked."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    @property
    def shows_progress(self) -> bool:
        """Whether progress can be drawn on stderr."""
        return sys.stderr.isatty()

    def say(self, text: str = "", style: str = "") -> None:
        """Print one line of data."""
        self._out.print(text, style=style or None, soft_wrap=True)

    def aside(self, text: str) -> None:
        """Print a hint or a warning, beside the data."""
        self._aside.print(text, soft_wrap=True)

    def progress(self, text: str) -> None:
        """Draw progress over what was drawn before; an empty text takes it away."""
        if self.shows_progress:
            sys.stderr.write(f"\r\033[K{text}" if self._aside.is_terminal else "")
            sys.stderr.flush()

    def read(self, prompt: str) -> str | None:
        """Read a line; None at the end of what there is to read."""
        if self.is_interactive:
            try:
                return input(prompt)
            except EOFError:
                self.say()
                return None
        line = sys.stdin.readline()
        if not line:
            return None
        if self._echoes and line.strip():
            self.say(f"{prompt}{line.rstrip()}")
        return line

    def confirms(self, question: str) -> bool:
        """Ask a person; a pipe has made up its mind."""
        if not self.is_interactive:
            return True
        try:
            return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
        except EOFError:
            return False

    def complete_with(self, completer: Completer) -> None:
        """Let Tab complete and the arrow keys bring lines back, where the platform can."""
        if not self.is_interactive:
            return
        try:
            import readline  # noqa: PLC0415  some platforms have none, and then nothing completes
        except ImportError:
            return
        readline.set_completer_delims(" ")
        readline.parse_and_bind("tab: complete")

        def complete(_word: str, state: int) -> str | None:
            found = completer(readline.get_line_buffer())
            return found[state] if state < len(found) else None

        readline.set_completer(complete)
