"""YAML events to a tree of nodes, each with its place, in one pass of PyYAML's C parser.

Deep nesting and tags are refused here, duplicate keys noted; aliases stay references to the node
they name, so that the reader can count what they expand to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from simulator.scenario.scalars import Scalar, resolve

DEPTH_MAX = 60
TOO_DEEP = f"nested more than {DEPTH_MAX} levels deep"

Report = Callable[["Spot", str, str], None]
"""Notes a mistake: where, code, message."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the text; lines and columns count from 1."""

    line: int
    col: int


class Unreadable(Exception):
    """The rest of the text cannot be read; the mistake says where and why."""

    def __init__(self, spot: Spot, code: str, message: str) -> None:
        super().__init__(message)
        self.spot, self.code, self.message = spot, code, message


@dataclass(slots=True)
class Leaf:
    """A single value."""

    spot: Spot
    value: Scalar
    text: str


@dataclass(slots=True)
class Items:
    """A list."""

    spot: Spot
    items: list["Reference"]


@dataclass(slots=True)
class Entries:
    """A mapping: key text, key place, value; keys are text even where they look like numbers."""

    spot: Spot
    entries: dict[str, tuple[Spot, "Reference"]]


Node = Leaf | Items | Entries


@dataclass(slots=True)
class Reference:
    """A node as it is used: directly, or through an alias, which has a place of its own."""

    node: Node
    alias: str = ""
    spot: Spot | None = None


class Composer:
    """Builds nodes from the events of one parser."""

    def __init__(self, parser: yaml.CSafeLoader, report: Report) -> None:
        self._parser, self._report = parser, report
        self._anchors: dict[str, Node] = {}
        self._open: list[str] = []

    def documents(self) -> list[Reference]:
        """Every document of the stream; raises Unreadable or a YAML error."""
        found = []
        while not self._parser.check_event(yaml.StreamEndEvent):
            event = self._parser.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                found.append(self._node(0))
        return found

    def _node(self, depth: int) -> Reference:
        # Untyped on purpose: the stubs know neither that an event is there nor what it holds.
        event: Any = self._parser.get_event()
        spot = Spot(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), spot)
        if depth > DEPTH_MAX:
            raise Unreadable(spot, "too-deep", TOO_DEEP)
        self._check_tag(event, spot)
        if event.anchor:
            self._open.append(event.anchor)
        node = self._build(event, spot, depth)
        if event.anchor:
            self._open.pop()
            self._anchors[event.anchor] = node
        return Reference(node)

    def _build(self, event: Any, spot: Spot, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._leaf(event, spot)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not self._parser.check_event(yaml.SequenceEndEvent):
                items.append(self._node(depth + 1))
            self._parser.get_event()
            return Items(spot, items)
        return self._entries(spot, depth)

    def _leaf(self, event: yaml.ScalarEvent, spot: Spot) -> Leaf:
        if not event.implicit[0] or event.tag is not None:
            return Leaf(spot, event.value, event.value)
        try:
            return Leaf(spot, resolve(event.value), event.value)
        except ValueError as error:
            self._report(spot, "number", str(error))
            return Leaf(spot, event.value, event.value)

    def _entries(self, spot: Spot, depth: int) -> Entries:
        found = Entries(spot, {})
        merged: list[Reference] = []
        while not self._parser.check_event(yaml.MappingEndEvent):
            is_merge = _is_merge(self._parser.peek_event())
            key = self._node(depth + 1)
            value = self._node(depth + 1)
            if is_merge:
                merged += value.node.items if isinstance(value.node, Items) else [value]
            else:
                self._add(found, key, value)
        self._parser.get_event()
        for reference in merged:
            self._merge(found, reference)
        return found

    def _add(self, into: Entries, key: Reference, value: Reference) -> None:
        if not isinstance(key.node, Leaf):
            self._report(key.node.spot, "key", "a key must be plain text, not a list or mapping")
            return
        name, spot = key.node.text, key.spot or key.node.spot
        if name in into.entries:
            first = into.entries[name][0].line
            self._report(spot, "duplicate-key", f"{name!r} was already set on line {first}")
            return
        into.entries[name] = (spot, value)

    def _merge(self, into: Entries, reference: Reference) -> None:
        if not isinstance(reference.node, Entries):
            spot = reference.spot or reference.node.spot
            self._report(spot, "merge", "'<<' takes a mapping, or a list of mappings")
            return
        for name, (spot, value) in reference.node.entries.items():
            shared = Reference(value.node, value.alias or reference.alias, reference.spot)
            into.entries.setdefault(name, (spot, shared))

    def _alias(self, name: str, spot: Spot) -> Reference:
        if name in self._open:
            raise Unreadable(spot, "alias", f"'*{name}' stands inside '&{name}': it never ends")
        if name not in self._anchors:
            raise Unreadable(spot, "alias", f"no anchor '&{name}' before this alias")
        return Reference(self._anchors[name], name, spot)

    def _check_tag(self, event: Any, spot: Spot) -> None:
        plain = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map"}
        if event.tag not in plain | {"tag:yaml.org,2002:seq"}:
            self._report(spot, "tag", f"the tag {event.tag!r} has no meaning here; leave it out")


def _is_merge(event: yaml.Event | None) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
