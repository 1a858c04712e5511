"""A provider's quotas admit what a plain account book admits, and tell when to come again."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest

from simulator.plant import chance
from simulator.plant.api import Arrivals
from simulator.plant.arrivals import MINUTE
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe
from simulator.plant.spec import (
    ClassSpec,
    Distribution,
    EdgeSpec,
    PlantSpec,
)
from tests.plant.outside import bought, outside, seen
from tests.plant.systems import MS, SECOND, Times, plant, run_until

HOUR = 60 * MINUTE


class Asked:
    """Arrivals with token counts of their own."""

    def __init__(self, calls: list[tuple[int, int, int]]) -> None:
        self.rows = np.array(sorted(calls), dtype=np.int64)

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002
        inside = self.rows[self.rows[:, 0] // MINUTE == index] if stream == 0 else self.rows[:0]
        return Arrivals(*(np.ascontiguousarray(column) for column in inside.T))


@dataclass
class Book:
    """The same account in fractions, one level a quota."""

    per_minute: dict[str, int]
    at_end: bool
    max_tokens: int
    levels: dict[str, Fraction] = field(default_factory=dict)
    now: int = 0

    def __post_init__(self) -> None:
        self.levels = {name: Fraction(quota) for name, quota in self.per_minute.items()}

    def fill(self, now: int) -> None:
        for name, quota in self.per_minute.items():
            grown = self.levels[name] + Fraction(quota * (now - self.now), MINUTE)
            self.levels[name] = min(grown, Fraction(quota))
        self.now = now

    def use(self, of: dict[str, int]) -> None:
        for name, count in of.items():
            if name in self.levels:
                self.levels[name] -= count

    def admits(self, now: int, prompt: int, output: int) -> bool:
        self.fill(now)
        asked = 0 if self.at_end else self.max_tokens or output
        use = {"requests": 1, "tokens": prompt + asked, "input": prompt, "output": asked}
        needed = {**use, "output": 1} if self.at_end else use
        if any(self.levels[name] < needed[name] for name in self.levels):
            return False
        self.use(use)
        return True


def drawn_calls(count: int) -> list[tuple[int, int, int]]:
    calls, now = [], 0
    for i in range(count):
        key = chance.mix(5, i)
        now += int(chance.uniform(chance.mix(key, 1)) * 900 * MS)
        prompt = 1 + int(chance.uniform(chance.mix(key, 2)) * 2000)
        output = 1 + int(chance.uniform(chance.mix(key, 3)) * 600)
        calls.append((now, prompt, output))
    return calls


@pytest.mark.parametrize("at_end", [False, True], ids=["up front", "at the end"])
@pytest.mark.parametrize("max_tokens", [0, 400])
@pytest.mark.parametrize(
    "quotas",
    [
        {"requests": 60},
        {"tokens": 90_000},
        {"input": 70_000, "output": 20_000},
        {"requests": 100, "tokens": 120_000, "input": 80_000, "output": 25_000},
    ],
    ids=" ".join,
)
def test_quotas_admit_what_a_plain_book_admits(
    quotas: dict[str, int], max_tokens: int, *, at_end: bool
) -> None:
    calls = drawn_calls(400)
    provider = outside(
        requests_per_minute=quotas.get("requests", 0), tokens_per_minute=quotas.get("tokens", 0),
        input_tokens_per_minute=quotas.get("input", 0), rate=50.0, max_tokens=max_tokens,
        output_tokens_per_minute=quotas.get("output", 0), counts_at_end=at_end,
    )  # fmt: skip
    spec = PlantSpec((provider,), (EdgeSpec("users", "p"),), (ClassSpec("chat", "p"),))
    system = Plant(spec, 1, {"chat": Asked(calls)})

    run_until(system, calls[-1][0] / SECOND + 60)

    book = Book(quotas, at_end, max_tokens)
    ending: list[tuple[int, int]] = []
    admitted = []
    for now, prompt, output in calls:
        for at, written in sorted(each for each in ending if each[0] <= now):
            book.fill(at)
            book.use({"tokens": written, "output": written})
        ending = [each for each in ending if each[0] > now]
        if not book.admits(now, prompt, output):
            continue
        given = min(output, max_tokens) if max_tokens else output
        admitted.append((prompt, given))
        if at_end:
            ending.append((now + 200 * MS + round(given / 50 * SECOND), given))
    row = seen(system)
    assert 0 < len(admitted) < len(calls)
    assert (row["OK"], row["RATE_LIMITED"]) == (len(admitted), len(calls) - len(admitted))
    assert row["INPUT_TOKENS"] == sum(prompt for prompt, _ in admitted)
    assert row["OUTPUT_TOKENS"] == sum(given for _, given in admitted)


def test_what_is_asked_for_counts_up_front_and_what_is_written_at_the_end() -> None:
    """A minute's 10,000 output tokens are ten calls of 1,000 asked, or a hundred of 100 written.

    The latter run into debt by less than one call, and two more come as the debt is paid off.
    """
    source = Times([i * 10 * MS for i in range(200)])
    counts = {}
    for at_end in (False, True):
        terms = {"output_tokens_per_minute": 10_000, "max_tokens": 1000, "counts_at_end": at_end}
        system = bought(outside(0, rate=1e6, **terms), source)
        run_until(system, 2.5)
        counts[at_end] = seen(system)["OK"]

    assert counts == {False: 10, True: 104}


def test_knocking_on_a_closed_door_keeps_it_closed_where_refusals_count() -> None:
    source = Times([*(i * 100 * MS for i in range(100)), 15 * SECOND])
    counts = {}
    for refused_too in (False, True):
        terms = {"burst_s": 6.0, "counts_refused": refused_too}
        system = bought(outside(1, rate=1e6, requests_per_minute=60, **terms), source)
        run_until(system, 16)
        counts[refused_too] = seen(system)["OK"]

    # Six at once, then one a second; or six at once, and one more who has waited for five seconds.
    assert counts == {False: 6 + 9 + 1, True: 6 + 1}


def test_a_refusal_says_in_whole_seconds_when_the_quota_will_do() -> None:
    edge = EdgeSpec(
        "users", "p", retries_max=1, backoff_ns=MS, retries_on=("429",), honours_retry_after=True
    )
    provider = outside(100, rate=1e6, tokens_per_minute=6000)
    # Sixty calls of 100 at once, and one more: a token bucket of 100 a second has to fill by 100.
    system = plant(
        [provider], Times([0] * 60 + [200 * MS]), edges=[edge],
        prompt_tokens=Distribution("fixed", 100),
    )  # fmt: skip

    run_until(system, 5)

    row = seen(system)
    assert (row["OK"], row["RATE_LIMITED"]) == (61, 1)
    # 80 tokens are missing, so 0.8 s would do: it is told one second, and answered 0.1 s later.
    assert row["LATENCY_NS"] - 60 * 100 * MS == 100 * MS
    assert int(system.class_row(0)[ClassProbe.E2E_NS]) - 60 * 100 * MS == 1100 * MS


@pytest.mark.parametrize(
    ("terms", "prompt"),
    [
        pytest.param({"budget": 1e-9, "price_input": 1.0}, 100, id="the budget is spent"),
        pytest.param({"input_tokens_per_minute": 90}, 100, id="more than the bucket holds"),
    ],
)
def test_what_never_clears_tells_no_time(terms: dict[str, float], prompt: int) -> None:
    edge = EdgeSpec(
        "users", "p", retries_max=3, backoff_ns=MS, retries_on=("429",), honours_retry_after=True
    )
    system = plant(
        [outside(1, **terms)], Times([0, SECOND]), edges=[edge],
        prompt_tokens=Distribution("fixed", prompt),
    )  # fmt: skip

    run_until(system, 2)

    # Its own backoff is all it has: every attempt is over within a few milliseconds.
    refused = 1 if "budget" in terms else 2
    assert seen(system)["RATE_LIMITED"] == 4 * refused
    assert system.in_flight() == 0
