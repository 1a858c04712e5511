"""Reads Alertmanager's configuration file: every mistake is reported at once, with its place.

What only says how to reach outside services (addresses, keys, templates, headers) is checked as
Alertmanager checks it and not used: a drill sends nothing anywhere.
"""

from collections.abc import Iterable

import yaml

from simulator.errors import InvalidInput, suggestion
from simulator.instruments.alerting.located import Reader, is_null, pairs
from simulator.instruments.alerting.manager.config import Config
from simulator.instruments.alerting.manager.inhibition import InhibitRule
from simulator.instruments.alerting.manager.reading_matchers import collect_matchers
from simulator.instruments.alerting.manager.reading_receivers import read_global, read_receivers
from simulator.instruments.alerting.manager.reading_routes import read_route
from simulator.instruments.alerting.manager.reading_times import read_times
from simulator.instruments.alerting.manager.reading_values import check_mapping
from simulator.instruments.alerting.manager.receivers import Receiver
from simulator.instruments.alerting.manager.route import Route
from simulator.instruments.alerting.manager.times import TimeInterval
from simulator.instruments.series.matchers import Matcher

TOP_KEYS = (
    "global", "templates", "route", "inhibit_rules", "receivers", "time_intervals",
    "mute_time_intervals", "tracing", "event_recorder",
)  # fmt: skip
_INHIBIT_KEYS = (
    "name", "source_match", "source_match_re", "source_matchers", "target_match",
    "target_match_re", "target_matchers", "equal", "sources",
)  # fmt: skip


def read_config(text: str, file: str = "") -> Config:
    """Read a configuration; InvalidInput carries every mistake."""
    reader = Reader(file)
    root = reader.compose(text)
    if root is None:
        root = yaml.MappingNode("tag:yaml.org,2002:map", [], _start(), _start())
    config = _config(reader, root)
    if reader.mistakes or config is None:
        raise InvalidInput(reader.mistakes)
    return config


def _start() -> yaml.Mark:
    return yaml.Mark("", 0, 0, 0, "", 0)


def _config(reader: Reader, root: yaml.Node) -> Config | None:
    top = reader.mapping(root, "an Alertmanager configuration", TOP_KEYS)
    shared = read_global(reader, top.get("global"))
    found = read_receivers(reader, top.get("receivers"), shared)
    receivers = {receiver.name: receiver for receiver in found}
    for node in reader.sequence(top.get("templates"), "templates"):
        reader.text(node, "templates")
    if "tracing" in top and not is_null(top["tracing"]):
        check_mapping(reader, top["tracing"], "tracing", "tracing")
    times = _named_times(reader, top)
    rules = tuple(
        rule
        for node in reader.sequence(top.get("inhibit_rules"), "inhibit_rules")
        if not is_null(node) and (rule := _inhibit_rule(reader, node)) is not None
    )
    if "route" not in top or is_null(top["route"]):
        reader.wrong(root, "missing-key", "a configuration needs a 'route'")
        return None
    route = read_route(reader, top["route"])
    _check_names(reader, top["route"], route, receivers, times)
    return Config(route, receivers, rules, times)


def _named_times(reader: Reader, top: dict[str, yaml.Node]) -> dict[str, tuple[TimeInterval, ...]]:
    found: dict[str, tuple[TimeInterval, ...]] = {}
    for key in ("time_intervals", "mute_time_intervals"):
        for node in reader.sequence(top.get(key), key):
            if is_null(node):
                continue
            keys = reader.mapping(node, "a time interval", ("name", "time_intervals"))
            name = reader.text(keys["name"], "name") if "name" in keys else ""
            if not name:
                reader.wrong(node, "missing-key", "a time interval needs a name")
            elif name in found:
                reader.wrong(node, "repeated-name", f"there are two time intervals named {name!r}")
            found[name] = read_times(reader, keys.get("time_intervals"))
    return found


def _inhibit_rule(reader: Reader, node: yaml.Node) -> InhibitRule | None:
    keys = reader.mapping(node, "an inhibition rule", _INHIBIT_KEYS)
    if "sources" in keys:
        message = "several sources in one rule are not supported; write one rule per source"
        reader.wrong(keys["sources"], "not-supported", message)
        return None
    equal = [reader.text(name, "equal") for name in reader.sequence(keys.get("equal"), "equal")]
    if "" in equal:
        reader.wrong(keys["equal"], "bad-name", "equal has an empty label name")
    return InhibitRule(_side(reader, keys, "source"), _side(reader, keys, "target"), tuple(equal))


def _side(reader: Reader, keys: dict[str, yaml.Node], side: str) -> tuple[Matcher, ...]:
    renamed = {
        plain: keys[f"{side}_{plain}"]
        for plain in ("match", "match_re", "matchers")
        if f"{side}_{plain}" in keys
    }
    return collect_matchers(reader, renamed)


def _check_names(
    reader: Reader,
    node: yaml.Node,
    route: Route,
    receivers: dict[str, Receiver],
    times: dict[str, tuple[TimeInterval, ...]],
) -> None:
    """Find receivers and times that are named in the tree and nowhere defined."""
    for each, at in _with_nodes(route, node):
        keys = {str(key.value): value for key, value in pairs(at)}
        named = keys.get("receiver")
        if named is not None and reader.text(named, "") and each.receiver not in receivers:
            hint = suggestion(each.receiver, receivers)
            message = f"no receiver is named {each.receiver!r}{hint}"
            reader.wrong(keys["receiver"], "unknown-receiver", message)
        for key in ("mute_time_intervals", "active_time_intervals"):
            for name in reader.sequence(keys.get(key), key):
                if str(name.value) not in times:
                    hint = suggestion(str(name.value), times)
                    message = f"no time interval is named {name.value!r}{hint}"
                    reader.wrong(name, "unknown-time-interval", message)


def _with_nodes(route: Route, node: yaml.Node) -> Iterable[tuple[Route, yaml.MappingNode]]:
    if not isinstance(node, yaml.MappingNode):
        return
    yield route, node
    keys = {str(key.value): value for key, value in pairs(node)}
    below = keys.get("routes")
    if isinstance(below, yaml.SequenceNode):
        for child, at in zip(route.routes, below.value, strict=True):
            yield from _with_nodes(child, at)
