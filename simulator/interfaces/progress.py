"""A progress bar beside the data: on stderr, and only if somebody looks at it."""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def counting(total: int, of: str) -> Iterator[Callable[[int], None]]:
    """Give a function that counts one more done; the bar goes away at the end."""
    done = itertools.count(1)
    with reaching(total, of) as told:
        yield lambda _place: told(next(done))


@contextmanager
def reaching(total: int, of: str) -> Iterator[Callable[[int], None]]:
    """Give a function that says how many are done; the bar goes away at the end."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    columns = (TextColumn(of), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(of, total=total)
        yield lambda done: progress.update(task, completed=done)
