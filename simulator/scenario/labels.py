"""A path in a scenario, in the words people use: `component 'gateway', replicas`."""

from simulator.scenario.yaml import YamlPath

_NAMED = {
    "components": "component",
    "classes": "class",
    "edges": "edge",
    "nodes": "node pool",
    "severities": "severity",
}
_COUNTED = {
    "faults": "fault",
    "workload": "workload entry",
    "objectives": "objective",
    "innocent_changes": "innocent change",
    "alerts": "alert file",
    "autoscalers": "autoscaler",
    "steps": "step",
}


def label(path: YamlPath) -> str:
    """Say where a path leads."""
    words, rest = _head(path)
    tail = ""
    for step in rest:
        tail += f"[{step}]" if isinstance(step, int) else f".{step}" if tail else str(step)
    return ", ".join(part for part in (words, tail) if part)


def _head(path: YamlPath) -> tuple[str, YamlPath]:
    if len(path) > 1 and isinstance(path[1], str) and path[0] in _NAMED:
        return f"{_NAMED[str(path[0])]} {path[1]!r}", path[2:]
    if len(path) > 1 and isinstance(path[1], int) and path[0] in _COUNTED:
        return f"{_COUNTED[str(path[0])]} {path[1] + 1}", path[2:]
    return "", path
