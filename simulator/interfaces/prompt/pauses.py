"""Ctrl-C as a wish, not an accident: it is noticed between two events, never inside one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Attention(threading.Event):
    """Set when someone pressed Ctrl-C; while a line is read, that interrupts the reading."""

    def __init__(self) -> None:
        super().__init__()
        self._is_reading = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let Ctrl-C interrupt what is done here, and forget earlier ones."""
        self.clear()
        try:
            self._is_reading = True
            yield
        finally:
            self._is_reading = False

    def heard(self, _signal: int, _frame: FrameType | None) -> None:
        """Take the signal."""
        if self._is_reading:
            raise KeyboardInterrupt
        self.set()


@contextmanager
def pausable() -> Iterator[Attention]:
    """Have Ctrl-C heard by an `Attention` for as long as this lasts."""
    attention = Attention()
    if threading.current_thread() is not threading.main_thread():
        yield attention  # only the main thread hears signals
        return
    before = signal.signal(signal.SIGINT, attention.heard)
    try:
        yield attention
    finally:
        signal.signal(signal.SIGINT, before)
