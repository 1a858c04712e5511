"""Who reads which queue: a component that has steps, and one queue only."""

from collections.abc import Iterator

from simulator.errors import suggestion
from simulator.system.topology.parts import SystemParts


def consumers(parts: SystemParts) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Say where a queue's consumer cannot be one: path, code and message."""
    reads: dict[str, str] = {}
    for name, component in parts.components.items():
        for consumer in component.hands_to():
            path = ("components", name, "consumer")
            found = parts.components.get(consumer)
            if found is None:
                near = suggestion(consumer, parts.components)
                yield path, "unknown-target", f"no component {consumer!r}{near}"
            elif not found.takes_steps:
                text = f"{consumer} is of kind {found.kind} and has no steps to run for a message"
                yield path, "not-a-consumer", text
            elif consumer in reads:
                text = f"{consumer} reads {reads[consumer]} already; write another component"
                yield path, "not-a-consumer", text
            reads.setdefault(consumer, name)
