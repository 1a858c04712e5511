"""A routing tree as lines of text, and who hears of an alert."""

from collections.abc import Sequence
from pathlib import Path

from simulator.errors import UsageError
from simulator.instruments.alerting.manager.config import Config
from simulator.instruments.alerting.manager.matching import format_matchers
from simulator.instruments.alerting.manager.reading import read_config
from simulator.instruments.alerting.manager.route import Route
from simulator.instruments.series.labels import labels_of
from simulator.scenario.yaml import read_text
from simulator.units import MS, format_duration


def tree(file: str) -> list[str]:
    """Draw the tree, one route a line; InvalidInput for a file with mistakes."""
    return list(_lines(_read(file).route, 0))


def told(file: str, labels: Sequence[str]) -> list[str]:
    """Name the receivers of an alert with labels such as `severity=page`, in order."""
    pairs = [label.partition("=") for label in labels]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise UsageError(f"{name!r} is not a label; write LABEL=VALUE, such as severity=page")
    config = _read(file)
    routes = config.route.matching(labels_of((name, value) for name, _, value in pairs))
    return [f"{route.receiver:<24} {_channels(config, route)}".rstrip() for route in routes]


def _read(file: str) -> Config:
    return read_config(read_text(Path(file), file), file)


def _channels(config: Config, route: Route) -> str:
    channels = [each.channel.value for each in config.receivers[route.receiver].integrations]
    return ", ".join(dict.fromkeys(channels)) or "nobody: the receiver has no integration"


def _lines(route: Route, depth: int) -> list[str]:
    matchers = format_matchers(route.matchers) if route.matchers else "everything"
    waits = "/".join(
        format_duration(ms * MS)
        for ms in (route.group_wait_ms, route.group_interval_ms, route.repeat_interval_ms)
    )
    more = "  continue" if route.goes_on else ""
    by = ",".join(route.group_by) or "nothing"
    line = f"{'  ' * depth}{matchers} -> {route.receiver}  by {by}  wait/interval/repeat {waits}"
    return [line + more, *(text for child in route.routes for text in _lines(child, depth + 1))]
