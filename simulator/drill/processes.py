"""Work spread over processes: plain tasks in, plain results out, in the order of the tasks.

Processes are spawned, never forked. A killed worker breaks its pool for good, so the runner makes
another and does again what had not finished. No worker outlives the process that started it.
"""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import TypeVar

POOLS_MAX = 5
"""How many broken pools are replaced before the break is taken for the tasks' own doing."""

OnDone = Callable[[int], None]
"""Told the place of each task that is done."""

T = TypeVar("T")
R = TypeVar("R")


def map_all(
    work: Callable[[T], R],
    tasks: Sequence[T],
    jobs: int = 1,
    on_done: OnDone | None = None,
    *,
    first_here: bool = False,
) -> list[R]:
    """Do `work` on every task in `jobs` processes; results come in the order of tasks.

    `work` is a function of a module, tasks and results are plain data. With `first_here` this
    process does the first task before it starts others. Raises what `work` raised, and
    BrokenProcessPool when workers keep dying.
    """
    tell = on_done or (lambda _place: None)
    alone = jobs <= 1 or len(tasks) <= 1
    done: dict[int, R] = {}
    for place in range(len(tasks) if alone else int(first_here)):
        done[place] = work(tasks[place])
        tell(place)
    for attempt in range(1, POOLS_MAX + 1):
        if len(done) == len(tasks):
            break
        try:
            _once(work, tasks, jobs, done, tell)
        except BrokenProcessPool:
            if attempt == POOLS_MAX:
                raise
    return [done[place] for place in range(len(tasks))]


def _once(
    work: Callable[[T], R], tasks: Sequence[T], jobs: int, done: dict[int, R], tell: OnDone
) -> None:
    """Do what is not done yet in one pool, keeping what finishes."""
    before = active_children()
    left = [place for place in range(len(tasks)) if place not in done]
    with ProcessPoolExecutor(
        min(jobs, len(left)), mp_context=get_context("spawn"), initializer=_follow
    ) as pool:
        try:
            with _interrupts_wait():
                waiting: dict[Future[R], int] = {
                    pool.submit(work, tasks[place]): place for place in left
                }
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                tell(waiting[future])
        except BaseException:
            for worker in active_children():
                if worker not in before:
                    worker.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Hold Ctrl-C back while workers start: they inherit that, so only this process hears it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow() -> None:
    """Have this worker end with the process that started it, even if that one is killed."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
