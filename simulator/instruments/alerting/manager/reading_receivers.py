"""Reads receivers: their integrations, and whether each has what it needs to send anything."""

from collections.abc import Iterator

import yaml

from simulator.instruments.alerting.located import Reader, is_null
from simulator.instruments.alerting.manager.config import integration
from simulator.instruments.alerting.manager.needs import NEEDS, odd
from simulator.instruments.alerting.manager.reading_values import check_keys, check_mapping
from simulator.instruments.alerting.manager.receivers import INTEGRATIONS, Integration, Receiver
from simulator.instruments.alerting.manager.schema import INTEGRATION_KEYS


def read_global(reader: Reader, node: yaml.Node | None) -> set[str]:
    """Check `global`; give the keys that are set in it."""
    if node is None or is_null(node):
        return set()
    return check_mapping(reader, node, "global", "global")


def read_receivers(reader: Reader, node: yaml.Node | None, shared: set[str]) -> Iterator[Receiver]:
    """Read the receivers; `shared` are the keys that `global` sets."""
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
            _integration(reader, key.removesuffix("_configs"), config, shared)
            for key, configs in keys.items()
            if key != "name"
            for config in reader.sequence(configs, key)
        )
        yield Receiver(name, found)


def _integration(reader: Reader, kind: str, node: yaml.Node, shared: set[str]) -> Integration:
    given = check_keys(reader, node, f"a {kind} integration", INTEGRATION_KEYS[kind], kind)
    for own, inherited in NEEDS.get(kind, ()):
        if not given & set(own) and not shared & set(inherited):
            wanted = " or ".join(own)
            rest = f", or {' or '.join(inherited)} under global" if inherited else ""
            reader.wrong(node, "missing-key", f"a {kind} integration needs {wanted}{rest}")
    keys = reader.mapping(node, "", None) if isinstance(node, yaml.MappingNode) else {}
    for at, why in odd(kind, keys):
        reader.wrong(at or node, "bad-value", why)
    if "send_resolved" not in keys or is_null(keys["send_resolved"]):
        return integration(kind)
    resolved = keys["send_resolved"].value in ("true", "yes", "on", "True", "Yes", "On", "y", "Y")
    return integration(kind, sends_resolved=resolved)
