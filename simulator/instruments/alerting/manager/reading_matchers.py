"""Reads the matchers of a route or of one side of an inhibition rule."""

import yaml

from simulator.instruments.alerting.located import Reader
from simulator.instruments.alerting.manager.matching import read_matchers, regex_matcher
from simulator.instruments.series.matchers import Matcher


def collect_matchers(reader: Reader, keys: dict[str, yaml.Node]) -> tuple[Matcher, ...]:
    """Read `matchers`, and the older `match` and `match_re`, of one mapping's keys."""
    found: list[Matcher] = []
    for key, op in (("match", "="), ("match_re", "=~")):
        if key in keys:
            for name, value in reader.mapping(keys[key], key, None).items():
                try:
                    found.append(regex_matcher(name, op, reader.text(value, name)))
                except ValueError as error:
                    reader.wrong(value, "bad-matcher", str(error))
    for node in reader.sequence(keys.get("matchers"), "matchers"):
        try:
            found += read_matchers(reader.text(node, "a matcher"))
        except ValueError as error:
            reader.wrong(node, "bad-matcher", str(error))
    return tuple(found)
