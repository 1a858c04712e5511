"""Reads the routing tree; what a route leaves out it inherits."""

from dataclasses import replace

import yaml

from simulator.instruments.alerting.located import Reader, is_null
from simulator.instruments.alerting.manager.reading_matchers import collect_matchers
from simulator.instruments.alerting.manager.route import ALL_LABELS, Route
from simulator.instruments.alerting.rules import duration_ms

ROUTE_KEYS = (
    "receiver", "group_by", "continue", "match", "match_re", "matchers", "group_wait",
    "group_interval", "repeat_interval", "mute_time_intervals", "active_time_intervals", "routes",
)  # fmt: skip
_NOT_AT_THE_ROOT = (
    "match", "match_re", "matchers", "continue", "mute_time_intervals", "active_time_intervals",
)  # fmt: skip


def read_route(reader: Reader, node: yaml.Node) -> Route:
    """Read the tree under the key `route`; mistakes go to the reader."""
    keys = _written(reader.mapping(node, "the root route", ROUTE_KEYS))
    if "receiver" not in keys:
        reader.wrong(node, "missing-key", "the root route needs a 'receiver'")
    for key in _NOT_AT_THE_ROOT:
        if key in keys and keys[key].value not in ([], "false", "no", "off"):
            message = f"the root route takes every alert, so it can have no {key!r}"
            reader.wrong(keys[key], "unknown-key", message)
    return _route(reader, node, Route(""), "")


def _route(reader: Reader, node: yaml.Node, parent: Route, path: str) -> Route:
    if not isinstance(node, yaml.MappingNode):
        reader.wrong(node, "wrong-type", "a route must be a mapping")
        return replace(parent, path=path, routes=())
    # What is wrong with the root's keys has been said.
    keys = _written(reader.mapping(node, "a route", ROUTE_KEYS if path else None))
    route = Route(
        reader.text(keys["receiver"], "receiver") if "receiver" in keys else parent.receiver,
        path,
        collect_matchers(reader, keys),
        goes_on="continue" in keys and reader.boolean(keys["continue"], "continue"),
        group_by=_group_by(reader, keys["group_by"]) if "group_by" in keys else parent.group_by,
        mute_times=_names(reader, keys, "mute_time_intervals"),
        active_times=_names(reader, keys, "active_time_intervals"),
        group_wait_ms=_time(reader, keys, "group_wait", parent.group_wait_ms),
        group_interval_ms=_time(reader, keys, "group_interval", parent.group_interval_ms),
        repeat_interval_ms=_time(reader, keys, "repeat_interval", parent.repeat_interval_ms),
    )
    below = keys.get("routes")
    children = [
        _route(reader, child, route, f"{path}.{number}" if path else str(number))
        for number, child in enumerate(reader.sequence(below, "routes"))
    ]
    return replace(route, routes=tuple(children))


def _written(keys: dict[str, yaml.Node]) -> dict[str, yaml.Node]:
    """The keys that say something: null and an empty receiver are as good as none."""
    return {
        name: node
        for name, node in keys.items()
        if not is_null(node) and (name != "receiver" or node.value)
    }


def _time(reader: Reader, keys: dict[str, yaml.Node], key: str, inherited_ms: int) -> int:
    if key not in keys:
        return inherited_ms
    found = duration_ms(reader, keys[key])
    if found == 0 and key != "group_wait":
        reader.wrong(keys[key], "bad-duration", f"{key} must be longer than 0s")
    return found


def _group_by(reader: Reader, node: yaml.Node) -> tuple[str, ...]:
    names = [reader.text(each, "group_by") for each in reader.sequence(node, "group_by")]
    if set(names) == {ALL_LABELS}:
        return (ALL_LABELS,)
    if ALL_LABELS in names:
        message = f"{ALL_LABELS!r} groups by every label, so it stands alone"
        reader.wrong(node, "bad-group-by", message)
    if "" in names:
        reader.wrong(node, "bad-group-by", "group_by has an empty label name")
    for name in sorted({name for name in names if names.count(name) > 1}):
        reader.wrong(node, "repeated-name", f"group_by has {name!r} twice")
    return tuple(names)


def _names(reader: Reader, keys: dict[str, yaml.Node], key: str) -> tuple[str, ...]:
    return tuple(reader.text(each, key) for each in reader.sequence(keys.get(key), key))
