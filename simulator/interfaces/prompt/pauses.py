"""Ctrl-C as a wish, not an accident: it is noticed between two events, never inside one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def pausable() -> Iterator[threading.Event]:
    """Turn Ctrl-C into an event that is set, for as long as this lasts."""
    wished = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield wished  # only the main thread hears signals
        return

    def heard(_signal: int, _frame: FrameType | None) -> None:
        wished.set()

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield wished
    finally:
        signal.signal(signal.SIGINT, before)
