"""A scenario in plain text: the public side, and the facilitator's."""

from collections.abc import Iterator, Sequence

from simulator.scenario.model import Scenario
from simulator.scenario.parts import Objective
from simulator.system.topology.graph import calls
from simulator.system.workload.model import GENERATORS, Entry
from simulator.units import format_duration

Rows = Sequence[tuple[str, ...]]

_SIGNALS = {"ttft": "first token", "e2e": "whole answer"}


def public(scenario: Scenario) -> str:
    """Say what a responder may know before the drill."""
    sections = [
        f"{scenario.title}  ({scenario.name})\n\n{scenario.brief.strip()}\n\n{_times(scenario)}",
        f"Topology\n{tree(scenario)}",
        _table("Objectives", [_objective(objective) for objective in scenario.objectives]),
        _table("Classes", [_class(scenario, name) for name in scenario.classes]),
        _table("Nodes", [_nodes(scenario, name) for name in scenario.nodes]),
        _table("Autoscalers", [(p.title, f"scales {p.component}") for p in scenario.policies]),
        _table("Pass marks", _marks(scenario)),
    ]
    return "\n\n".join(section for section in sections if section)


def truth(scenario: Scenario) -> str:
    """Say what only a facilitator may know."""
    faults = [
        (
            f"at {format_duration(fault.at)}",
            fault.kind,
            fault.target,
            "until healed"
            if fault.lifts_at is None
            else f"until {format_duration(fault.lifts_at)}",
            " ".join((type(fault).__doc__ or "").split("\n")[0].split()),
        )
        for fault in scenario.faults
    ]
    changes = [
        (f"at {format_duration(change.at)}", change.component, change.text)
        for change in scenario.innocent_changes
    ]
    reference = [(scenario.reference,)] if scenario.reference else []
    tables = [
        _table("Faults (facilitator)", faults),
        _table("Innocent changes (facilitator)", changes),
        _table("Reference response (facilitator)", reference),
    ]
    return "".join(f"\n{table}\n" for table in tables if table).rstrip("\n")


def tree(scenario: Scenario) -> str:
    """Draw who calls whom; a component called twice is drawn in full the first time only."""
    below: dict[str, list[str]] = {}
    for caller, callee in calls(scenario.parts):
        below.setdefault(caller, []).append(callee)
    return "\n".join(["users", *_branches(scenario, below, "users", "", set())])


def _branches(
    scenario: Scenario, below: dict[str, list[str]], name: str, indent: str, drawn: set[str]
) -> Iterator[str]:
    callees = below.get(name, [])
    for at, callee in enumerate(callees):
        is_last = at == len(callees) - 1
        again = " (above)" if callee in drawn and below.get(callee) else ""
        yield f"{indent}{'└─ ' if is_last else '├─ '}{_component(scenario, callee)}{again}"
        if callee not in drawn:
            drawn.add(callee)
            inner = indent + ("   " if is_last else "│  ")
            yield from _branches(scenario, below, callee, inner, drawn)


def _component(scenario: Scenario, name: str) -> str:
    component = scenario.components[name]
    replicas = "" if component.is_outside else f" x {component.replicas}"
    return f"{name}  {component.kind}{replicas}"


def _times(scenario: Scenario) -> str:
    return (
        f"{format_duration(scenario.lasts)} after {format_duration(scenario.warm_up)} of warm-up; "
        f"00:00:00 is {scenario.clock}"
    )


def _objective(objective: Objective) -> tuple[str, ...]:
    share = f"{objective.share * 100:.6g}% of {objective.request_class}"
    if objective.below is None:
        said = f"{share} answered well"
    else:
        said = f"{share}: {_SIGNALS[objective.of]} within {format_duration(objective.below)}"
    return (objective.name, said, f"over {format_duration(objective.window)}")


def _class(scenario: Scenario, name: str) -> tuple[str, ...]:
    request_class = scenario.classes[name]
    arrivals = [_arrivals(entry) for entry in scenario.workload if entry.request_class == name]
    client = request_class.client
    waits = "users wait for ever"
    if client.patience_ns:
        waits = f"users wait {format_duration(client.patience_ns)}"
    elif client.patience or client.patience_first_token:
        waits = "users wait as long as they can"
    said = ", ".join(arrivals) or "no arrivals"
    said += " (sessions)" if request_class.session else ""
    return (name, f"arrives at {request_class.arrives_at}", said, waits)


def _arrivals(entry: Entry) -> str:
    generator = next(name for name in GENERATORS if getattr(entry, name) is not None)
    if entry.users is not None:
        return f"{entry.users.count} users"
    rate = "" if entry.rate is None else f"{entry.rate:.6g}/s "
    return f"{rate}{generator.replace('_', ' ')}"


def _nodes(scenario: Scenario, name: str) -> tuple[str, ...]:
    pool = scenario.nodes[name]
    gpus = f"{pool.gpus} GPU each" if pool.gpus else "no GPU"
    price = f"{scenario.currency}{pool.price_per_hour:.2f} per node and hour"
    return (name, f"{pool.count} nodes, at most {pool.nodes_max}", gpus, price)


def _marks(scenario: Scenario) -> Rows:
    marks, rows = scenario.pass_marks, []
    if marks.score_min is not None:
        rows.append(("score", f"{marks.score_min} of 100 or more"))
    if marks.recovered_within is not None:
        rows.append(("recovered", f"within {format_duration(marks.recovered_within)}"))
    return rows


def _table(heading: str, rows: Rows) -> str:
    if not rows:
        return ""
    columns = max(len(row) for row in rows)
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(columns)]
    lines = ["  ".join(f"{cell:<{widths[at]}}" for at, cell in enumerate(row)) for row in rows]
    return "\n".join([heading, *(f"  {line.rstrip()}" for line in lines)])
