"""Reads the matchers of a route or of one side of an inhibition rule."""

import re

import yaml

from simulator.instruments.alerting.located import Reader, is_null
from simulator.instruments.alerting.manager.matching import read_matchers, regex_matcher
from simulator.instruments.series.matchers import Matcher

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def collect_matchers(reader: Reader, keys: dict[str, yaml.Node]) -> tuple[Matcher, ...]:
    """Read `matchers`, and the older `match` and `match_re`, of one mapping's keys."""
    found: list[Matcher] = []
    for key, op in (("match", "="), ("match_re", "=~")):
        if key in keys and not is_null(keys[key]):
            for name, value in reader.mapping(keys[key], key, None).items():
                if not _LABEL.fullmatch(name) or (op == "=~" and is_null(value)):
                    reader.wrong(value, "bad-matcher", f"{name!r} needs a label name and a text")
                    continue
                try:
                    found.append(regex_matcher(name, op, reader.text(value, name)))
                except ValueError as error:
                    reader.wrong(value, "bad-matcher", str(error))
    for node in reader.sequence(keys.get("matchers"), "matchers"):
        try:
            found += read_matchers(reader.text(node, "a matcher"), may_be_none=True)
        except ValueError as error:
            reader.wrong(node, "bad-matcher", str(error))
    return tuple(found)
