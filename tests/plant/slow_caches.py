"""Caches in plain Python, for the plant's to be held against: slow, short, and asked one by one."""

from dataclasses import dataclass, field

from simulator.plant import chance
from simulator.plant.spec import Evicts

MINUTE = 60_000_000_000


@dataclass
class Held:
    """A key's own facts."""

    number: int
    used_at: int
    count: int = 5
    expires_at: int = 0
    is_failure: bool = False


@dataclass
class SlowCache:
    """Redis's policies over a dict: candidates are remembered between evictions, best last."""

    size: int
    evicts: Evicts
    samples: int = 5
    held: dict[int, Held] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)
    candidates: list[tuple[int, int, int]] = field(default_factory=list)  # score, key, number
    numbers: int = 0
    hits: int = 0
    misses: int = 0
    evicted: int = 0
    expired: int = 0
    negative: int = 0
    refused: int = 0

    def look_up(self, key: int, now: int, use_key: int) -> Held | None:
        found = self.held.get(key)
        if found is not None and 0 < found.expires_at <= now:
            self.expired += 1
            self.delete(key)
            found = None
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self.negative += found.is_failure
        self.use(found, key, now, use_key)
        return found

    def use(self, found: Held, key: int, now: int, use_key: int) -> None:
        if self.evicts == "lru":
            self.held[key] = self.held.pop(key)
        if self.evicts == "lfu":
            count = self.frequency(found, now)
            u = chance.uniform(chance.mix(use_key, chance.USE))
            odds = 1.0 / (10 * max(count - 5, 0) + 1)
            found.count = min(count + (u < odds), 255)
        found.used_at = now

    def frequency(self, found: Held, now: int) -> int:
        return max(found.count - (now // MINUTE - found.used_at // MINUTE), 0)

    def store(
        self, key: int, now: int, salt: int, expires_at: int = 0, *, fails: bool = False
    ) -> None:
        if key in self.held:
            self.delete(key)
        turn = 0
        while len(self.held) >= self.size:
            if self.evicts == "none":
                self.refused += 1
                return
            self.delete(self.victim(now, chance.mix(salt, turn), chance.mix(salt, turn)))
            self.evicted += 1
            turn += 1
        self.numbers += 1
        self.held[key] = Held(self.numbers, now, expires_at=expires_at, is_failure=fails)
        self.members.append(key)

    def delete(self, key: int) -> None:
        del self.held[key]
        place = self.members.index(key)
        self.members[place] = self.members[-1]
        self.members.pop()

    def victim(self, now: int, salt: int, at_random: int) -> int:
        if self.evicts == "lru":
            return next(iter(self.held))
        if self.evicts == "random":
            return self.members[at_random % len(self.members)]
        looks = 0
        while True:
            for _ in range(self.samples):
                key = self.members[int(chance.mix(salt, looks)) % len(self.members)]
                looks += 1
                self.consider(key, now)
            while self.candidates:
                _, key, number = self.candidates.pop()
                if key in self.held and self.held[key].number == number:
                    return key

    def consider(self, key: int, now: int) -> None:
        found = self.held[key]
        score = now - found.used_at
        if self.evicts == "lfu":
            score = 255 - self.frequency(found, now)
        place = sum(each[0] < score for each in self.candidates)
        if len(self.candidates) == 16:
            if place == 0:
                return
            self.candidates.pop(0)
            place -= 1
        self.candidates.insert(place, (score, key, found.number))
