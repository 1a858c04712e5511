"""Handlers as data: step trees become rows of one small program table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.plant import layout as at
from simulator.plant.contents import Objects, Queue, Relational
from simulator.plant.index import NOT_A_SEARCH
from simulator.plant.spec import (
    USERS,
    Batch,
    Cache,
    Call,
    Chance,
    ClassSpec,
    Cpu,
    Distribution,
    EdgeSpec,
    Llm,
    Loop,
    Parallel,
    PlantSpec,
    PoolSpec,
    Return,
    Step,
    VectorIndex,
    Work,
    Workers,
)
from simulator.plant.store_tables import WRITE_CALL

_RESULTS = {"ok": at.OK, "failed": at.FAILED, "refused": at.REFUSED}
_COORDINATES_NS = 200_000  # of the replica that is asked: it reads the request, merges answers
_DEPTH_MAX = 2  # of on_miss within on_miss: a frame has room for two missed keys
_ROUNDS_MAX = 200  # of all loops of a handler: a round's number is 8 bits of its keys


@dataclass
class Programs:
    """Everything the compiled handlers are: rows, where each starts, laws and edges they name."""

    rows: list[list[int]] = field(default_factory=list)
    laws: list[Distribution] = field(default_factory=list)
    edges: list[EdgeSpec] = field(default_factory=list)
    by_pool: list[list[int]] = field(default_factory=list)  # [pool][class] to first row
    by_class: list[int] = field(default_factory=list)  # of the users' side
    fork_max: int = 0
    judges: dict[str, int] = field(default_factory=dict)  # guardrails: component to pool
    loops: bool = False

    def law(self, law: Distribution) -> int:
        """Say which row a law has, adding it where it is new."""
        if law not in self.laws:
            self.laws.append(law)
        return self.laws.index(law)

    def edge(self, caller: str, callee: str) -> int:
        """Say which edge leads there; a plain one is added where the spec has none."""
        for row, edge in enumerate(self.edges):
            if (edge.caller, edge.callee) == (caller, callee):
                return row
        self.edges.append(EdgeSpec(caller, callee))
        return len(self.edges) - 1

    def table(self) -> at.Ints:
        """Write the rows as the kernel reads them."""
        return np.array(self.rows, dtype=np.int64).reshape(-1, at.PROGRAM_COLUMNS)


@dataclass
class _Assembler:
    """Appends one handler to the programs; places count from its start."""

    programs: Programs
    caller: str
    start: int
    rounds: tuple[int, ...] = ()  # at most, of each loop around what is being assembled
    rounds_in_all: int = 0

    def emit(self, op: int, a: int = 0, b: int = -1, c: int = -1, depth: int = 0) -> int:
        rows = self.programs.rows
        rows.append([op, a, b, c, len(rows) - self.start, depth, -2, -1])
        return len(rows) - 1

    def here(self) -> int:
        return len(self.programs.rows)

    def steps(self, steps: Sequence[Step], depth: int) -> None:
        for step in steps:
            match step:
                case Work():
                    self.work(step)
                case Call():
                    self.call(step, depth)
                case Parallel():
                    self.parallel(step, depth)
                case Chance():
                    self.chance(step, depth)
                case Return():
                    self.emit(at.DO_RETURN, _RESULTS[step.outcome])
                case Loop():
                    self.loop(step, depth)

    def work(self, step: Work) -> None:
        per_prompt, per_output = step.per_prompt_token_ns, step.per_output_token_ns
        by_tokens = (per_prompt, per_output) if per_prompt or per_output else (-1, -1)
        self.emit(at.DO_WORK, self.programs.law(step.lasts), *by_tokens)

    def call(self, step: Call, depth: int) -> None:
        rows = self.programs.rows
        edge = self.programs.edge(self.caller, step.callee)
        deep = WRITE_CALL if step.writes else min(depth, _DEPTH_MAX - 1)
        call = self.emit(at.DO_CALL, edge, depth=deep)
        if step.output_tokens is not None:
            rows[call][at.OWN_PROMPT] = -1
            rows[call][at.OWN_OUTPUT] = self.programs.law(step.output_tokens)
        if step.prompt_tokens is not None:
            rows[call][at.OWN_PROMPT] = self.programs.law(step.prompt_tokens)
        if step.callee in self.programs.judges:
            self.emit(at.DO_VERDICT, self.programs.judges[step.callee])
        if step.on_error:
            self.on_error(call, step.on_error)
            return
        if not step.on_miss and not step.on_failure:
            return
        leaving = [self.emit(at.DO_JUMP)]
        if step.on_miss and step.writes:
            raise ValueError(f"{self.caller}: a call that writes {step.callee} cannot miss")
        if step.on_miss:
            if depth >= _DEPTH_MAX:
                msg = f"{self.caller}: on_miss may be nested {_DEPTH_MAX} deep, not deeper"
                raise ValueError(msg)
            rows[call][at.B] = self.here()
            self.steps(step.on_miss, depth + 1)
            self.emit(at.DO_FILL, depth)
            leaving.append(self.emit(at.DO_JUMP))
        if step.on_failure:
            rows[call][at.C] = self.here()
            self.steps(step.on_failure, depth)
        for jump in leaving:
            rows[jump][at.A] = self.here()

    def on_error(self, call: int, way: str) -> None:
        """Go on, or refuse, where a call fails; the callee's own refusal stands."""
        rows = self.programs.rows
        rows[call][at.B] = at.STANDS
        if way == "closed":
            jump = self.emit(at.DO_JUMP)
            rows[call][at.C] = self.emit(at.DO_RETURN, at.REFUSED)
            rows[jump][at.A] = self.here()
            return
        rows[call][at.C] = self.here()

    def parallel(self, step: Parallel, depth: int) -> None:
        rows = self.programs.rows
        count = len(step.branches)
        self.programs.fork_max = max(self.programs.fork_max, count)
        fork = self.emit(at.DO_FORK, 0, count, int(step.join == "first"))
        branches = [self.emit(at.DO_BRANCH) for _ in step.branches]
        for row, branch in zip(branches, step.branches, strict=True):
            rows[row][at.A] = self.here()
            self.steps(branch, depth)
            self.emit(at.DO_RETURN, at.OK)
        rows[fork][at.A] = self.here()

    def chance(self, step: Chance, depth: int) -> None:
        rows = self.programs.rows
        chance = self.emit(at.DO_CHANCE, 0, int(step.share * at.CHANCE_ONE))
        self.steps(step.then, depth)
        jump = self.emit(at.DO_JUMP)
        rows[chance][at.A] = self.here()
        self.steps(step.otherwise, depth)
        rows[jump][at.A] = self.here()

    def loop(self, step: Loop, depth: int) -> None:
        rows, around = self.programs.rows, self.rounds
        self.rounds = (*around, step.times_max)
        self.rounds_in_all += math.prod(self.rounds)
        if len(self.rounds) > at.LOOPS_MAX or self.rounds_in_all > _ROUNDS_MAX:
            msg = (
                f"{self.caller}: loops may be nested {at.LOOPS_MAX} deep, and run {_ROUNDS_MAX} "
                "times in all"
            )
            raise ValueError(msg)
        self.programs.loops = True
        law = self.programs.law(step.times)
        loop = self.emit(at.DO_LOOP, law, c=step.times_max, depth=len(around))
        self.steps(step.steps, depth)
        grows = -1 if step.grows is None else self.programs.law(step.grows)
        again = self.emit(at.DO_AGAIN, loop + 1, grows, step.context_max, len(around))
        rows[again][at.OWN_OUTPUT] = step.within_ns
        rows[loop][at.B] = self.here()
        self.rounds = around


def _fan_out(assembler: _Assembler, shards: int) -> None:
    """Read a request, search all shards at once and go on when the last has answered."""
    programs = assembler.programs
    programs.fork_max = max(programs.fork_max, shards)
    assembler.emit(at.DO_WORK, programs.law(Distribution("fixed", _COORDINATES_NS)), NOT_A_SEARCH)
    fork = assembler.emit(at.DO_FORK, 0, shards, 0)
    branches = [assembler.emit(at.DO_BRANCH) for _ in range(shards)]
    for shard, branch in enumerate(branches):
        programs.rows[branch][at.A] = assembler.here()
        assembler.emit(at.DO_WORK, programs.law(Distribution("fixed", 0)), shard)
        assembler.emit(at.DO_RETURN, at.OK)
    programs.rows[fork][at.A] = assembler.here()


def _handler(
    programs: Programs,
    pool: PoolSpec,
    steps: Sequence[Step],
    *,
    streams: bool = False,
    size: Distribution | None = None,
) -> int:
    assembler = _Assembler(programs, pool.name, len(programs.rows))
    if not isinstance(pool.discipline, Workers | Cpu):
        if isinstance(pool.discipline, Llm) and pool.discipline.prefill is not None:
            # Whatever becomes of the call, the next row serves: with what it brought, or without.
            edge = programs.edge(pool.name, pool.discipline.prefill.component)
            call = assembler.emit(at.DO_CALL, edge)
            programs.rows[call][at.C] = call + 1
        elif steps:
            msg = f"{pool.name}: only components with workers or processors run a handler"
            raise ValueError(msg)
        assembler.emit(at.DO_SERVE)
        assembler.emit(at.DO_RETURN, at.OK)
        return assembler.start
    content = pool.discipline.content if isinstance(pool.discipline, Workers) else None
    works = any(isinstance(step, Work) for step in steps)
    if isinstance(content, VectorIndex) and content.shards == 1 and not works:
        assembler.emit(at.DO_WORK, programs.law(Distribution("fixed", 0)))
    if isinstance(content, VectorIndex) and content.shards > 1:
        _fan_out(assembler, content.shards)
    else:
        assembler.steps(steps, 0)
    if isinstance(content, Relational):
        _transactions(assembler, content)
    if isinstance(content, Queue):
        assembler.emit(at.DO_ENQUEUE)
    if isinstance(content, Objects):
        assembler.emit(at.DO_ADMIT)
        assembler.emit(at.DO_WORK, programs.law(content.first_byte))
        assembler.emit(at.DO_TRANSFER, programs.law(size or content.size_bytes))
    if isinstance(content, Cache):
        assembler.emit(at.DO_LOOK_UP)
    if isinstance(content, VectorIndex):
        assembler.emit(at.DO_RECALL)
    if streams:
        assembler.emit(at.DO_STREAM)
    assembler.emit(at.DO_RETURN, at.OK)
    return assembler.start


def _of_class(programs: Programs, pool: PoolSpec, spec: ClassSpec, plain: int) -> int:
    """Say where a class's handler starts: its own if users read slowly what it streams to them."""
    slow = spec.client is not None and spec.client.reads_ns_per_token > 0
    if not slow or spec.entry != pool.name or not isinstance(pool.discipline, Workers):
        return plain
    steps = pool.handlers.get(spec.name, pool.default_handler)
    return _handler(programs, pool, steps, streams=True)


def _transactions(assembler: _Assembler, store: Relational) -> None:
    """Emit what reads do, then what writes do, from row WRITES_FROM on."""
    law = assembler.programs.law
    assembler.emit(at.DO_READ)
    assembler.emit(at.DO_WORK, law(store.read))
    assembler.emit(at.DO_RETURN, at.OK)
    assembler.emit(at.DO_LOCK)
    assembler.emit(at.DO_WORK, law(store.write))
    assembler.emit(at.DO_COMMIT)


def compile_programs(spec: PlantSpec) -> Programs:
    """Compile every handler of every pool, and the users' own call per class."""
    programs = Programs(edges=list(spec.edges))
    for number, pool in enumerate(spec.pools):
        if isinstance(pool.discipline, Batch) and pool.discipline.verdict is not None:
            programs.judges[pool.name] = number
    for pool in spec.pools:
        default = _handler(programs, pool, pool.default_handler)
        own = {name: _handler(programs, pool, steps) for name, steps in pool.handlers.items()}
        own |= {name: _handler(programs, pool, (), size=law) for name, law in _sizes(pool)}
        programs.by_pool.append(
            [_of_class(programs, pool, c, own.get(c.name, default)) for c in spec.classes]
        )
    for request_class in spec.classes:
        assembler = _Assembler(programs, USERS, len(programs.rows))
        assembler.steps((Call(request_class.entry),), 0)
        assembler.emit(at.DO_RETURN, at.OK)
        programs.by_class.append(assembler.start)
    for pool in spec.pools:
        if consumer := _consumer_of(pool):
            programs.edge(pool.name, consumer)
    for edge in list(programs.edges):
        if edge.split_to:
            programs.edge(edge.caller, edge.split_to)
    return programs


def _sizes(pool: PoolSpec) -> tuple[tuple[str, Distribution], ...]:
    served = pool.discipline
    content = served.content if isinstance(served, Workers) else None
    return content.sizes_bytes if isinstance(content, Objects) else ()


def _consumer_of(pool: PoolSpec) -> str:
    served = pool.discipline
    content = served.content if isinstance(served, Workers) else None
    return content.consumer if isinstance(content, Queue) else ""


def _callees(steps: Sequence[Step]) -> list[str]:
    found: list[str] = []
    for step in steps:
        match step:
            case Call():
                found += [step.callee, *_callees(step.on_miss), *_callees(step.on_failure)]
            case Parallel():
                found += [name for branch in step.branches for name in _callees(branch)]
            case Chance():
                found += _callees(step.then) + _callees(step.otherwise)
            case Loop():
                found += _callees(step.steps)
    return found


def reaches(spec: PlantSpec, request_class: ClassSpec, pool: str) -> bool:
    """Say whether requests of a class may call a component."""
    pools = {each.name: each for each in spec.pools}
    splits = {(edge.caller, edge.callee): edge.split_to for edge in spec.edges if edge.split_to}
    ahead, seen = [(USERS, request_class.entry)], set[str]()
    while ahead:
        pair = ahead.pop()
        name = pair[1]
        if name == pool:
            return True
        if pair in splits:
            ahead.append((pair[0], splits[pair]))
        if name not in seen:
            seen.add(name)
            steps = pools[name].handlers.get(request_class.name, pools[name].default_handler)
            served = pools[name].discipline
            if isinstance(served, Llm) and served.prefill is not None:
                steps = (Call(served.prefill.component),)
            ahead += [(name, callee) for callee in _callees(steps)]
            if consumer := _consumer_of(pools[name]):
                ahead.append((name, consumer))
    return False
