"""The three-tier yardstick: one hour of requests through our kernel, SimPy and hand-written C.

Gateway (16 workers, 5 ms), cache (1 ms; 40 % hit, and a hit ends the request), vector database
(8 workers, 80 ms), four model replicas of 16 slots (0.8 s, least loaded); exponential demands;
100 requests/s; 10 s timeout per attempt with cancellation and two retries after 0.5 s x 2^k;
models three times slower from 1800 to 1920 s, re-timing running work. All read one work tape.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant.api import Arrivals, Outcome, ReplicaKnob
from simulator.plant.arrivals import MINUTE, Feed
from simulator.plant.jit import compiled
from simulator.plant.layout import Ints
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe
from simulator.plant.programs import compile_programs
from simulator.plant.spec import (
    Call,
    Chance,
    ClassSpec,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    Return,
    Work,
    Workers,
)

MS = 1_000_000
SECOND = 1000 * MS
SEED = 1
ATTEMPTS = 3
TIMEOUT, BACKOFF = 10 * SECOND, 500 * MS
SLOW_FROM, SLOW_UNTIL, SLOWDOWN = 1800 * SECOND, 1920 * SECOND, 3.0
RATE = 100.0
SOURCE = Path(__file__).with_suffix(".c")


@dataclass(frozen=True)
class Answer:
    """What all three must agree on, to the nanosecond."""

    completed: int
    failed: int
    timeouts: int
    retries: int
    response_ns: int


def _exponential(ms: float) -> Work:
    return Work(Distribution("exponential", ms * MS))


def system() -> PlantSpec:
    """Describe the yardstick to the plant."""
    gateway = (
        _exponential(5),
        Call("cache"),
        Chance(0.4, (Return(),)),
        Call("vector"),
        Call("model"),
    )
    users = EdgeSpec(
        "users", "gateway", timeout_ns=TIMEOUT, retries_max=ATTEMPTS - 1, backoff_ns=BACKOFF
    )
    return PlantSpec(
        pools=(
            PoolSpec("gateway", Workers(16, queue_max=1 << 40), 1, default_handler=gateway),
            PoolSpec("cache", Workers(1, queue_max=1 << 40), 1, default_handler=(_exponential(1),)),
            PoolSpec(
                "vector", Workers(8, queue_max=1 << 40), 1, default_handler=(_exponential(80),)
            ),
            PoolSpec(
                "model", Workers(16, queue_max=1 << 40), 4, default_handler=(_exponential(800),)
            ),
        ),
        edges=(users, EdgeSpec("gateway", "model", balance="least_loaded")),
        classes=(ClassSpec("chat", "gateway"),),
    )


class Poisson:
    """Arrivals made beforehand, so that no one is timed making them."""

    def __init__(self, minutes: int) -> None:
        self._minutes = [self._made(index) for index in range(minutes)]

    def _made(self, index: int) -> Arrivals:
        key, at_ns = chance.mix(17, index), index * MINUTE
        times: list[int] = []
        while True:
            u = chance.uniform(chance.mix(key, len(times)))
            at_ns += int(-arithmetic.log(u) / RATE * SECOND) + 1
            if at_ns >= (index + 1) * MINUTE:
                return Arrivals(np.array(times, dtype=np.int64))
            times.append(at_ns)

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002
        """Say a minute's arrivals; none after the last."""
        none = Arrivals(np.zeros(0, dtype=np.int64))
        return self._minutes[index] if index < len(self._minutes) else none


@compiled
def _fill_tape(
    keys: Ints, prog: Ints, start: int, places: Ints, laws: at.Floats, rows: Ints, tape: Ints
) -> None:
    """Draw what the plant will draw: per attempt the hit, the first choice, four demands."""
    share = prog[start + places[1], at.B]
    for i in range(keys.shape[0]):
        for attempt in range(3):
            column = 1 + attempt * 5
            gateway = chance.mix(keys[i], attempt)
            cache = chance.mix(gateway, places[0] << 16)
            vector = chance.mix(gateway, places[2] << 16)
            model = chance.mix(gateway, places[3] << 16)
            u = chance.uniform(chance.mix(gateway, (places[1] << 8) + chance.CHANCE))
            hit = 1 if u * at.CHANCE_ONE < share else 0
            tape[i, column] = hit + 2 * (chance.mix(model, chance.BALANCE) % 4)
            tape[i, column + 1] = chance.draw(laws, rows[0], chance.mix(gateway, chance.SERVICE))
            tape[i, column + 2] = chance.draw(laws, rows[1], chance.mix(cache, chance.SERVICE))
            tape[i, column + 3] = chance.draw(laws, rows[2], chance.mix(vector, chance.SERVICE))
            tape[i, column + 4] = chance.draw(laws, rows[3], chance.mix(model, chance.SERVICE))


def make_tape(source: Poisson, minutes: int) -> Ints:
    """Write rows of (arrival, then per attempt: hit + 2 x first choice, four demands)."""
    feed = Feed(("chat",), SEED, {"chat": source})
    arrivals = np.concatenate([feed.load(minute) for minute in range(minutes)])
    programs = compile_programs(system())
    table = programs.table()
    starts = [rows[0] for rows in programs.by_pool]
    calls = [row for row in range(starts[0], starts[1]) if table[row, at.OP] == at.DO_CALL]
    chances = [row for row in range(starts[0], starts[1]) if table[row, at.OP] == at.DO_CHANCE]
    places = np.array([calls[0], chances[0], calls[1], calls[2]], dtype=np.int64) - starts[0]
    rows = np.array([table[start, at.A] for start in starts], dtype=np.int64)
    tape = np.zeros((len(arrivals), 1 + ATTEMPTS * 5), dtype=np.int64)
    tape[:, 0] = arrivals[:, 0]
    keys = np.ascontiguousarray(arrivals[:, 2])
    laws = chance.law_table(programs.laws)
    _fill_tape(keys, table, starts[0], places, laws, rows, tape)
    return tape


def _timed(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def run_kernel(source: Poisson, minutes: int) -> tuple[Answer, float, float]:
    """Run the plant; its answer, CPU seconds and events per request."""
    plant = Plant(system(), SEED, {"chat": source})
    plant.advance(0, inclusive=False)

    def whole() -> None:
        for until, slowdown in ((SLOW_FROM, SLOWDOWN), (SLOW_UNTIL, 1.0)):
            if until < minutes * MINUTE:
                _advance(plant, until)
                for replica in range(3, 7):
                    plant.turn_replica(replica, ReplicaKnob.SLOWDOWN, slowdown)
        _advance(plant, minutes * MINUTE + 120 * SECOND)

    lasted = _timed(whole)
    plant.check_conservation()
    outcomes = plant.outcomes().sum(axis=(0, 1))
    users = plant.edge_row(0)
    answer = Answer(
        int(outcomes[Outcome.GOOD]),
        int(outcomes[Outcome.FAILED]),
        int(users[EdgeProbe.TIMED_OUT]),
        int(users[EdgeProbe.RETRIES]),
        int(plant.class_row(0)[14]),  # ClassProbe.E2E_NS
    )
    return answer, lasted, plant.events() / plant.requests()


def _advance(plant: Plant, until: int) -> None:
    while plant.now < until:
        plant.advance(until, inclusive=False)


def run_c(tape: Ints) -> tuple[Answer, float] | str:
    """Compile and run the C twin; a reason when there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return "no C compiler"
    with tempfile.TemporaryDirectory() as folder:
        program, data = Path(folder) / "three_tier", Path(folder) / "tape"
        data.write_bytes(np.int64(len(tape)).tobytes() + tape.tobytes())
        build = [compiler, "-O2", "-march=native", "-o", str(program), str(SOURCE)]
        subprocess.run(build, check=True)  # noqa: S603  our own source
        ran = subprocess.run([program, data], check=True, capture_output=True, text=True)  # noqa: S603
    *counts, lasted = ran.stdout.split()
    return Answer(*(int(count) for count in counts)), float(lasted)


class SimPyTwin:
    """The same system as a SimPy user would write it: a process per request."""

    def __init__(self, tape: Ints, minutes: int) -> None:
        self.env = simpy.Environment()
        self.tape = tape.tolist()
        self.minutes = minutes
        servers = {"gateway": 16, "cache": 1, "vector": 8}
        self.pools = {name: simpy.Resource(self.env, n) for name, n in servers.items()}
        self.models = [simpy.Resource(self.env, 16) for _ in range(4)]
        self.in_flight = [0] * 4
        self.working: dict[simpy.Process | None, None] = {}
        self.slowdown = 1.0
        self.completed = self.failed = self.timeouts = self.retries = 0
        self.response_ns = 0

    def run(self) -> Answer:
        """Run to the last answer."""
        self.env.process(self.arrivals())
        self.env.process(self.slow_models())
        self.env.run()
        return Answer(self.completed, self.failed, self.timeouts, self.retries, self.response_ns)

    def arrivals(self) -> Generator[Any, Any, None]:
        """Start a process per request at its time."""
        for row in self.tape:
            yield self.env.timeout(row[0] - self.env.now)
            self.env.process(self.user(row))

    def slow_models(self) -> Generator[Any, Any, None]:
        """Throttle the models for two minutes."""
        for until, slowdown in ((SLOW_FROM, SLOWDOWN), (SLOW_UNTIL, 1.0)):
            if until < self.minutes * MINUTE:
                yield self.env.timeout(until - self.env.now)
                before, self.slowdown = self.slowdown, slowdown
                for process in filter(None, list(self.working)):
                    process.interrupt(before)

    def user(self, row: list[int]) -> Generator[Any, Any, None]:
        """Ask up to three times."""
        for attempt in range(ATTEMPTS):
            served = self.env.process(self.serve(row[1 + 5 * attempt : 6 + 5 * attempt]))
            yield served | self.env.timeout(TIMEOUT)
            if served.processed:
                self.completed += 1
                self.response_ns += int(self.env.now) - row[0]
                return
            served.interrupt()
            self.timeouts += 1
            if attempt < ATTEMPTS - 1:
                self.retries += 1
                yield self.env.timeout(BACKOFF << attempt)
        self.failed += 1

    def serve(self, demands: list[int]) -> Generator[Any, Any, None]:
        """Go through the tiers."""
        try:
            for name, lasts in zip(("gateway", "cache", "vector"), demands[1:4], strict=True):
                with self.pools[name].request() as server:
                    yield server
                    yield self.env.timeout(lasts)
                if name == "cache" and demands[0] & 1:
                    return
            first = demands[0] >> 1
            chosen = min(((first + k) % 4 for k in range(4)), key=self.in_flight.__getitem__)
            self.in_flight[chosen] += 1
            try:
                with self.models[chosen].request() as server:
                    yield server
                    yield from self.work(demands[4])
            finally:
                self.in_flight[chosen] -= 1
        except simpy.Interrupt:
            return

    def work(self, demand: int) -> Generator[Any, Any, None]:
        """Work at the models' speed, which may change on the way."""
        left = int(demand * self.slowdown + 0.5) if self.slowdown != 1.0 else demand
        me = self.env.active_process
        self.working[me] = None
        try:
            while True:
                ends_at = self.env.now + left
                try:
                    yield self.env.timeout(left)
                    return  # noqa: TRY300  the loop is what goes on otherwise
                except simpy.Interrupt as why:
                    if why.cause is None:
                        raise
                    left = int((ends_at - self.env.now) * self.slowdown / why.cause + 0.5)
        finally:
            del self.working[me]


def measure(minutes: int = 60) -> dict[str, Any]:
    """Run all three on one tape and say how fast each is; they must agree exactly."""
    source = Poisson(minutes)
    tape = make_tape(source, minutes)
    run_kernel(Poisson(1), 1)  # compiles, or loads what is compiled
    answer, kernel_s, events = min(
        (run_kernel(source, minutes) for _ in range(3)), key=lambda run: run[1]
    )
    result: dict[str, Any] = {
        "requests": len(tape),
        "kernel_per_s": round(len(tape) / kernel_s),
        "events_per_request": round(events, 3),
    }
    ran = min((run_c(tape) for _ in range(3)), key=lambda run: run[1])
    if isinstance(ran, str):
        result["c_skipped"] = ran
    else:
        _agree("C", answer, ran[0])
        result["c_per_s"] = round(len(tape) / ran[1])
        result["vs_c"] = round(ran[1] / kernel_s, 3)
    twin = SimPyTwin(tape, minutes)
    answers: list[Answer] = []
    simpy_s = _timed(lambda: answers.append(twin.run()))
    _agree("SimPy", answer, answers[0])
    result["simpy_per_s"] = round(len(tape) / simpy_s)
    result["vs_simpy"] = round(simpy_s / kernel_s, 1)
    result["outcomes"] = answer.__dict__
    return result


def _agree(name: str, ours: Answer, other: Answer) -> None:
    if ours != other:
        msg = f"{name} disagrees: {other}, the plant says {ours}"
        raise AssertionError(msg)
