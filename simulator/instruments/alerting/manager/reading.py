"""Reads Alertmanager's configuration file: every mistake is reported at once, with its place.

What only says how to reach outside services (addresses, keys, templates, headers) is let through
unread: a drill sends nothing anywhere.
"""

from collections.abc import Iterable

import yaml

from simulator.errors import InvalidInput, suggestion
from simulator.instruments.alerting.located import Reader
from simulator.instruments.alerting.manager.config import Config, integration
from simulator.instruments.alerting.manager.inhibition import InhibitRule
from simulator.instruments.alerting.manager.reading_matchers import collect_matchers
from simulator.instruments.alerting.manager.reading_routes import read_route
from simulator.instruments.alerting.manager.reading_times import read_times
from simulator.instruments.alerting.manager.receivers import INTEGRATIONS, Integration, Receiver
from simulator.instruments.alerting.manager.route import Route
from simulator.instruments.alerting.manager.times import TimeInterval
from simulator.instruments.series.matchers import Matcher

TOP_KEYS = (
    "global", "templates", "route", "inhibit_rules", "receivers", "time_intervals",
    "mute_time_intervals", "tracing",
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
    receivers = {r.name: r for r in _receivers(reader, top.get("receivers"))}
    times = _named_times(reader, top)
    rules = tuple(
        rule
        for node in reader.sequence(top.get("inhibit_rules"), "inhibit_rules")
        if (rule := _inhibit_rule(reader, node)) is not None
    )
    if "route" not in top:
        reader.wrong(root, "missing-key", "a configuration needs a 'route'")
        return None
    route = read_route(reader, top["route"])
    _check_names(reader, top["route"], route, receivers, times)
    return Config(route, receivers, rules, times)


def _receivers(reader: Reader, node: yaml.Node | None) -> Iterable[Receiver]:
    known = ("name", *(f"{kind}_configs" for kind in INTEGRATIONS))
    seen: set[str] = set()
    for each in reader.sequence(node, "receivers"):
        keys = reader.mapping(each, "a receiver", known)
        name = reader.text(keys["name"], "name") if "name" in keys else ""
        if not name:
            reader.wrong(each, "missing-key", "a receiver needs a name")
        elif name in seen:
            reader.wrong(keys["name"], "repeated-name", f"there are two receivers named {name!r}")
        seen.add(name)
        found = tuple(
            _integration(reader, key.removesuffix("_configs"), config)
            for key, configs in keys.items()
            if key != "name"
            for config in reader.sequence(configs, key)
        )
        yield Receiver(name, found)


def _integration(reader: Reader, kind: str, node: yaml.Node) -> Integration:
    keys = reader.mapping(node, f"a {kind} integration", None)
    if "send_resolved" not in keys:
        return integration(kind)
    return integration(kind, sends_resolved=reader.boolean(keys["send_resolved"], "send_resolved"))


def _named_times(reader: Reader, top: dict[str, yaml.Node]) -> dict[str, tuple[TimeInterval, ...]]:
    found: dict[str, tuple[TimeInterval, ...]] = {}
    for key in ("time_intervals", "mute_time_intervals"):
        for node in reader.sequence(top.get(key), key):
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
        keys = {str(key.value): value for key, value in at.value}
        if "receiver" in keys and each.receiver not in receivers:
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
    keys = {str(key.value): value for key, value in node.value}
    below = keys.get("routes")
    if isinstance(below, yaml.SequenceNode):
        for child, at in zip(route.routes, below.value, strict=True):
            yield from _with_nodes(child, at)
