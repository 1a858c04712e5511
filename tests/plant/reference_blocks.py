"""KV blocks one by one, as vLLM's block pool keeps them, to be compared with."""

from collections import deque

Name = tuple[object, ...]


class Pool:
    """Physical KV blocks: who holds them, what they hold, and the queue of the free ones."""

    def __init__(self, total: int) -> None:
        self.total, self.made = total, total
        self.free: deque[int] = deque(range(total))
        self.holders: dict[int, int] = {}
        self.named: dict[int, Name] = {}
        self.found: dict[Name, int] = {}

    @property
    def used(self) -> int:
        return len(self.holders)

    def take(self) -> int:
        block = self.free.popleft()
        self.forget(block)
        self.holders[block] = 1
        return block

    def hold(self, block: int) -> None:
        if block not in self.holders:
            self.free.remove(block)
        self.holders[block] = self.holders.get(block, 0) + 1

    def give_up(self, block: int) -> None:
        self.holders[block] -= 1
        if self.holders[block]:
            return
        del self.holders[block]
        if self.used + len(self.free) < self.total:
            self.free.append(block)
        else:  # the cache was made smaller meanwhile
            self.forget(block)

    def forget(self, block: int) -> None:
        if block in self.named:
            del self.found[self.named.pop(block)]

    def resize(self, total: int) -> None:
        room, self.total = self.total, total
        for _ in range(min(room - total, max(room - self.used, 0))):
            self.forget(self.free.popleft())
        while self.used + len(self.free) < total:
            self.free.append(self.made)
            self.made += 1
