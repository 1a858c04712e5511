"""What a trace's or a scenario's arrivals are like, in words and as data."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.plant.arrivals import Feed
from simulator.plant.chance import LOOP, OUTPUT, PROMPT, draw, law_table, mix
from simulator.plant.programs import reaches
from simulator.plant.spec import ClassSpec, Distribution, Loop, PlantSpec, Step
from simulator.scenario.reader import load
from simulator.system.topology.compiler import compile_system
from simulator.system.topology.steps import inside
from simulator.system.workload.describe import (
    SHARES,
    Description,
    Lengths,
    describe,
    describe_sessions,
    lengths_of,
    sizes,
)
from simulator.system.workload.formats import read_trace
from simulator.system.workload.sources import Sources
from simulator.system.workload.unrolled import unroll
from simulator.units import MINUTE, SECOND, format_duration

_SAMPLE = 2000
_TRACES = {".csv", ".jsonl", ".ndjson"}
_BARS = "▁▂▃▄▅▆▇█"
Ints = NDArray[np.int64]
Described = dict[str, Description | None]
"""By class; None where nobody comes. A trace stands under its file's name."""


def described(source: str, seed: int) -> Described:
    """Describe a file or a scenario's drill (the graded part, its shapes included)."""
    path = Path(source)
    if path.suffix in _TRACES:
        trace = read_trace(path)
        return {
            path.name: describe(trace.times, trace.prompt_tokens, trace.output_tokens, trace.blocks)
        }
    scenario = load(source)
    whole = compile_system(scenario.parts)
    classes = {each.name: each for each in whole.classes}
    arrivals = Sources(
        scenario.workload,
        seed,
        starts_at_ns=scenario.warm_up,
        folder=Path(scenario.source.folder),
        classes=tuple(classes),
    )
    found: Described = {}
    for name, spec in classes.items():
        feed = Feed((name,), seed, {name: arrivals})
        first, last = scenario.warm_up // MINUTE, -(-(scenario.warm_up + scenario.lasts) // MINUTE)
        if spec.client and spec.client.session:
            # Who came before the drill may still be asking.
            table = np.concatenate([feed.load(minute) for minute in range(last)])
            ends = scenario.warm_up + scenario.lasts
            asked = unroll(table, spec, scenario.warm_up, ends)
            some = len(asked.times) > 1 and asked.times[-1] > asked.times[0]
            found[name] = _more(describe_sessions(asked), whole, spec) if some else None
            continue
        table = np.concatenate([feed.load(minute) for minute in range(first, last)])
        inside = (table[:, 0] >= scenario.warm_up) & (
            table[:, 0] < scenario.warm_up + scenario.lasts
        )
        table = table[inside]
        prompts = _drawn(table[:, 3], table[:, 2], spec.prompt_tokens, PROMPT)
        outputs = _drawn(table[:, 4], table[:, 2], spec.output_tokens, OUTPUT)
        some = len(table) > 1 and table[-1, 0] > table[0, 0]
        one = describe(table[:, 0], prompts, outputs) if some else None
        found[name] = _more(one, whole, spec) if one else None
    return found


def _more(one: Description, whole: PlantSpec, spec: ClassSpec) -> Description:
    """Add whose requests they are, and how many rounds agents take for one."""
    tenants = spec.client.tenants if spec.client else None
    loops = [
        loop
        for pool in whole.pools
        if reaches(whole, spec, pool.name)
        for loop in _loops(pool.handlers.get(spec.name, pool.default_handler))
    ]
    counts = np.zeros(_SAMPLE if loops else 0, np.int64)
    for place, loop in enumerate(loops):
        laws = law_table([loop.times])
        for request in range(_SAMPLE):
            drawn = int(draw(laws, 0, mix(mix(request, LOOP), place)))
            counts[request] += min(drawn, loop.times_max)
    return dataclasses.replace(
        one,
        tenants=sizes(tenants.count, tenants.zipf) if tenants else None,
        rounds=lengths_of(counts),
    )


def _loops(steps: Sequence[Step]) -> Iterator[Loop]:
    """Find loops that are not within another."""
    for step in steps:
        if isinstance(step, Loop):
            yield step
        else:
            for inner in inside(step):
                yield from _loops(inner)


def _drawn(given: Ints, keys: Ints, law: Distribution, purpose: int) -> Ints:
    """Fill in tokens the trace leaves open, as the plant draws them."""
    laws = law_table([law])
    return np.array(
        [
            int(tokens) if tokens >= 0 else int(draw(laws, 0, mix(int(key), purpose)))
            for tokens, key in zip(given, keys, strict=True)
        ],
        dtype=np.int64,
    )


def text(found: Described) -> str:
    """Write descriptions for people."""
    return "\n\n".join(
        _described(name, one) if one is not None else f"{name}\n  nobody comes"
        for name, one in found.items()
    )


def as_json(found: Described) -> str:
    """Write descriptions as one document."""
    classes = {
        name: None if one is None else dataclasses.asdict(one) for name, one in found.items()
    }
    return json.dumps({"schema_version": 1, "arrivals": classes}, indent=2)


def _described(name: str, one: Description) -> str:
    lasts = format_duration(round(one.lasts_s) * SECOND)
    rates = f"{one.rate:.2f}/s, at most {one.peak:.1f}/s over 10 s"
    dispersion = f"{one.dispersion_second:.2f} per second, {one.dispersion_minute:.2f} per minute"
    lines = [
        name,
        f"  {one.requests} requests in {lasts}: {rates}",
        f"  {sparkline(one.counts)}",
        f"  gaps vary by {one.gaps_cv:.2f} of their mean (1: Poisson)",
        f"  index of dispersion: {dispersion} (1: Poisson)",
    ]
    if (sized := one.tenants) is not None:
        lines.append(
            f"  {sized.tenants} tenants: {sized.largest:.1%} are the largest's, "
            f"{sized.five_largest:.1%} the five largest's"
        )
    if one.rounds is not None:
        lines.append(f"  rounds of agents for one: {_lengths(one.rounds)}")
    if one.turns is not None:
        lines.append(f"  sessions' turns: {_lengths(one.turns)}, as if answers came at once")
    lines += [
        f"  {title} tokens: {_lengths(lengths)}"
        for title, lengths in (("input", one.prompt), ("output", one.output))
        if lengths is not None
    ]
    if one.prefix_hit is not None:
        lines.append(f"  {one.prefix_hit:.0%} of input tokens repeat an earlier beginning")
    return "\n".join(lines)


def _lengths(lengths: Lengths) -> str:
    shown = (
        f"p{share * 100:g} {value:.0f}"
        for share, value in zip(SHARES, lengths.quantiles, strict=True)
    )
    return f"mean {lengths.mean:.0f}, {', '.join(shown)}"


def sparkline(counts: tuple[int, ...]) -> str:
    """Draw counts as bars from none to the most."""
    most = max(*counts, 1)
    return "".join(_BARS[count * (len(_BARS) - 1) // most] for count in counts)
