"""Random scenarios: who calls whom, who asks, what breaks, and what somebody does about it."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from tests.swarm.draws import Draws, Plain
from tests.swarm.edges import ON_EDGE, ZONES, edge, network
from tests.swarm.pieces import (
    ACTIONS,
    CACHES,
    COMPONENTS,
    HANDLING,
    ON_CLASS,
    ON_COMPONENT,
    ON_NODE,
    request_class,
)

LASTS_S = 90
_TIMES = ("10s", "25s", "40s")


@dataclass(frozen=True, slots=True)
class Trial:
    """A scenario file, the seed to fly it with, and commands by the second they are given at."""

    text: str
    seed: int
    commands: tuple[tuple[int, str], ...]


def trial(number: int) -> Trial:
    """Make the trial of a number, which depends on nothing else."""
    draws = Draws(number + 1)
    kinds = _kinds(draws.below("kinds"))
    components = {name: COMPONENTS[kind](draws.below(name)) for name, kind in kinds.items()}
    for name in [name for name, kind in kinds.items() if kind == "llm"]:
        own = draws.below(f"{name} prefill")
        if own.happens("remote", 0.3):
            link = own.pick("link", ["0.1GB/s", "25GB/s"])
            components[f"{name}-prefill"] = COMPONENTS["llm"](own)
            components[name]["prefill"] = {"component": f"{name}-prefill", "link": link}
    adapter = any("adapters" in component for component in components.values())
    tree = _calls(draws.below("calls"), kinds)
    for name, kind in kinds.items():
        if kind == "queue":
            components[name]["consumer"] = f"reader-{name}"
    for name, callees in tree.items():
        components[name]["handles"] = {
            each: _steps(draws.below(f"{name} {each}"), callees, kinds) for each in ("chat", "job")
        }
    edges = {f"{a} -> {b}": edge(draws.below(f"{a}->{b}")) for a, bs in tree.items() for b in bs}
    document: Plain = {
        "schema": 1,
        "title": f"Swarm {number}",
        "brief": "Anything may happen here.",
        "warm_up": "30s",
        "lasts": f"{LASTS_S}s",
        "classes": {
            name: {
                **request_class(draws.below(name), "front"),
                "priority": draws.whole(f"{name} priority", 0, 1),
                **({"adapter": name} if adapter else {}),
            }
            for name in ("chat", "job")
        },
        "workload": [
            {"class": "chat", "poisson": f"{draws.between('chat rate', 2, 60)}/s"},
            {"class": "job", "poisson": f"{draws.between('job rate', 0.5, 20)}/s"},
        ],
        "components": components,
        "edges": edges,
        "nodes": {
            "gpu": {"count": 8, "count_max": 10, "gpus": 1, "ready_in": "10s", "zones": ZONES}
        },
        **network(draws.below("network")),
        "faults": _faults(draws.below("faults"), kinds, [*edges]),
    }
    text = yaml.safe_dump(document, sort_keys=False)
    return Trial(text, draws.whole("seed", 0, 1000), _commands(draws.below("acts"), kinds, edges))


def _kinds(draws: Draws) -> dict[str, str]:
    """A front of workers and one to five more components."""
    count = draws.whole("count", 1, 5)
    more = {f"c{i}": draws.pick(f"kind {i}", [*COMPONENTS]) for i in range(count)}
    readers = {f"reader-{name}": "workers" for name, kind in more.items() if kind == "queue"}
    return {"front": "workers", **more, **readers}


def _calls(draws: Draws, kinds: dict[str, str]) -> dict[str, list[str]]:
    """A tree: each component is called by one before it that can call."""
    tree: dict[str, list[str]] = {}
    callers = ["front"]
    for name, kind in kinds.items():
        if name == "front" or name.startswith("reader"):
            continue
        tree.setdefault(draws.pick(name, callers), []).append(name)
        if kind in HANDLING:
            callers.append(name)
        if kind == "queue":
            callers.append(f"reader-{name}")
    return tree


def _steps(draws: Draws, callees: Sequence[str], kinds: dict[str, str]) -> list[object]:
    steps: list[object] = [{"work": f"{draws.between('work', 0.2, 5)}ms"}]
    plain = [_step(draws, name, kinds[name]) for name in callees if kinds[name] not in CACHES]
    for name in callees:
        if kinds[name] in CACHES:
            behind = {"on_miss": [plain.pop()]} if plain else {}
            steps.append({"call": name, **behind})
    if len(plain) > 1 and draws.happens("parallel", 0.5):
        join = draws.pick("join", ["all", "first"])
        steps.append({"parallel": [[step] for step in plain], "join": join})
    else:
        for step in plain:
            way = draws.pick(f"error {step.get('call')}", [None, None, "open", "closed"])
            steps.append({**step, **({"on_error": way} if way and "call" in step else {})})
    if draws.happens("loops", 0.25):
        grows = {"context_grows": {"by": 300}} if draws.happens("grows", 0.7) else {}
        rounds: Plain = {"times": {"uniform": [0, 5]}, "steps": steps[1:] or steps, **grows}
        steps = [steps[0], {"loop": {**rounds, "within": "5s"}}]
    elif plain and "call" in plain[0] and draws.happens("own tokens", 0.3):
        steps.append({**plain[0], "prompt_tokens": 200, "output_tokens": 20})
    return steps


def _step(draws: Draws, name: str, kind: str) -> Plain:
    if kind == "queue":
        return {"enqueue": name}
    writes = kind == "relational" and draws.happens(f"writes {name}", 0.5)
    return {"call": name, **({"write": True} if writes else {})}


def _faults(draws: Draws, kinds: dict[str, str], edges: Sequence[str]) -> list[Plain]:
    found: list[Plain] = []
    for number in range(draws.whole("count", 0, 3)):
        own = draws.below(f"fault {number}")
        name = own.pick("component", [*kinds])
        places = [
            (ON_CLASS, f"class/{own.pick('class', ['chat', 'job'])}"),
            (ON_NODE, f"node/gpu-{own.whole('node', 0, 3)}"),
            (ON_COMPONENT.get(kinds[name], {}), f"component/{name}"),
            (ON_EDGE if edges else {}, own.pick("edge", [*edges] or [""])),
        ]
        kinds_there, target = own.pick("place", places)
        if not kinds_there:
            continue
        kind = own.pick("kind", [*kinds_there])
        lasts: Plain = {"lasts": own.pick("lasts", ["5s", "20s"])}
        fault = {"kind": kind, "at": own.pick("at", _TIMES), **lasts, "target": target}
        fault |= kinds_there[kind](own, target)
        found.append({name: value for name, value in fault.items() if value is not None})
    return found


def _commands(
    draws: Draws, kinds: dict[str, str], edges: dict[str, Plain]
) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    pods = [name for name, kind in kinds.items() if kind != "external"]
    for number in range(draws.whole("count", 0, 5)):
        own = draws.below(f"act {number}")
        line = own.pick("verb", ACTIONS).format_map(
            {
                "pods": own.pick("pods", pods),
                "any": own.pick("any", [*kinds]),
                "pod": f"{own.pick('pods', pods)}-0",
                "few": own.whole("few", 0, 5),
                "node": f"gpu-{own.whole('node', 0, 7)}",
                "class": own.pick("class", ["chat", "job"]),
                "edge": own.pick("edge", [*edges] or ["front -> c0"]),
            }
        )
        found.append((own.whole("at", 1, LASTS_S - 20), line))
    return tuple(sorted(found))
