"""The system drawn as text: who calls whom, from the users on."""

from simulator.plant.spec import USERS
from simulator.system.topology.graph import calls
from simulator.system.topology.parts import SystemParts


def drawn(parts: SystemParts) -> tuple[str, ...]:
    """Draw the call tree, one component a line; what was drawn before is only named."""
    called: dict[str, list[str]] = {}
    for caller, callee in calls(parts):
        called.setdefault(caller, []).append(callee)
    lines = ["users"]
    seen: list[str] = []

    def below(caller: str, indent: str) -> None:
        callees = called.get(caller, [])
        for place, callee in enumerate(callees):
            is_last = place == len(callees) - 1
            component = parts.components[callee]
            size = "" if component.is_outside else f" x {component.replicas}"
            lines.append(f"{indent}{'└─' if is_last else '├─'} {callee} ({component.kind}{size})")
            if callee not in seen:
                seen.append(callee)
                below(callee, indent + ("   " if is_last else "│  "))

    below(USERS, "")
    return tuple(lines)
