"""Reads Prometheus rule files: every mistake is reported at once, with its place.

Light on purpose: a scenario's validation comes through here, so nothing imports NumPy.
"""

import re
from collections.abc import Sequence

import yaml

from simulator.errors import InvalidInput, QueryError
from simulator.instruments.alerting.located import Reader, is_null
from simulator.instruments.alerting.manifests import is_manifest, prometheus_rules
from simulator.instruments.alerting.model import (
    DEFAULT_INTERVAL_MS,
    AlertRule,
    RecordingRule,
    Rule,
    RuleGroup,
)
from simulator.instruments.alerting.template_parser import parse_template
from simulator.instruments.alerting.template_values import TemplateError
from simulator.instruments.promql.foreign import hint
from simulator.instruments.promql.reading import read
from simulator.instruments.series.labels import NAME, Labels

GROUP_KEYS = ("name", "interval", "limit", "query_offset", "labels", "rules")
MANIFEST_GROUP_KEYS = (*GROUP_KEYS, "partial_response_strategy")
"""In a PrometheusRule, which Thanos's ruler reads too."""
RULE_KEYS = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")

_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?"
)
_LONGEST_MS = (2**63 - 1) // 1_000_000
_UNITS_MS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1)


def read_rules(text: str, file: str = "") -> tuple[RuleGroup, ...]:
    """Read a rule file, or Kubernetes manifests; InvalidInput carries every mistake.

    Of a rule file with several documents the first one counts, as in Prometheus; of manifests
    every PrometheusRule does.
    """
    reader = Reader(file, ignores_null_keys=True)
    documents = reader.documents(text)
    root = next(documents, None)
    if root is None:
        return ()
    if is_manifest(root):
        roots = prometheus_rules(reader, [root, *documents])
        groups = tuple(g for node in roots for g in _groups(reader, node, MANIFEST_GROUP_KEYS))
    else:
        groups = _groups(reader, root, GROUP_KEYS)
    if reader.mistakes:
        raise InvalidInput(reader.mistakes)
    return groups


def unread(text: str) -> int:
    """On which line of a rule file the documents begin that are not read; 0 without any."""
    documents = Reader("").documents(text)
    first = next(documents, None)
    if first is None or is_manifest(first):
        return 0
    try:
        later = next(documents, None)
    except InvalidInput as error:
        return error.mistakes[0].line
    return later.start_mark.line + 1 if later else 0


def _groups(reader: Reader, root: yaml.Node, known: Sequence[str]) -> tuple[RuleGroup, ...]:
    top = reader.mapping(root, "a rule file", ("groups",))
    nodes = [n for n in reader.sequence(top.get("groups"), "groups") if not is_null(n)]
    groups = [_group(reader, node, known) for node in nodes]
    names = [group.name for group in groups]
    for index, (name, node) in enumerate(zip(names, nodes, strict=True)):
        if name in names[:index]:
            reader.wrong(node, "repeated-name", f"there are two groups named {name!r}")
    return tuple(groups)


def _group(reader: Reader, node: yaml.Node, known: Sequence[str]) -> RuleGroup:
    keys = reader.mapping(node, "a rule group", known)
    name = reader.text(keys["name"], "name") if "name" in keys else ""
    if not name:
        reader.wrong(node, "missing-key", "a rule group needs a name")
    shared = _labels(reader, keys.get("labels"), "labels")
    nodes = [n for n in reader.sequence(keys.get("rules"), "rules") if not is_null(n)]
    rules = [_rule(reader, each, shared) for each in nodes]
    limit = reader.text(keys["limit"], "limit") if "limit" in keys else "0"
    if not limit.removeprefix("-").isdigit():
        reader.wrong(keys["limit"], "wrong-type", f"limit must be a whole number, not {limit!r}")
    return RuleGroup(
        name,
        tuple(rule for rule in rules if rule is not None),
        duration_ms(reader, keys.get("interval")) or DEFAULT_INTERVAL_MS,
        reader.file,
        int(limit) if limit.isdigit() else 0,  # a negative one limits nothing
        duration_ms(reader, keys.get("query_offset")),
    )


def _rule(reader: Reader, node: yaml.Node, shared: Labels) -> Rule | None:
    keys = reader.mapping(node, "a rule", RULE_KEYS)
    names = {k: reader.text(keys[k], k) for k in ("record", "alert") if k in keys}
    kinds = [kind for kind, name in names.items() if name]
    if len(kinds) != 1:
        reader.wrong(node, "missing-key", "a rule has either 'record' or 'alert'")
        return None
    (kind,) = kinds
    name = names[kind]
    expr = _expression(reader, node, keys)
    own = _labels(reader, keys.get("labels"), "labels", is_template=kind == "alert")
    # A rule's own label wins over its group's, even when it is empty.
    labels = tuple(sorted((dict(shared) | dict(own)).items()))
    times = [duration_ms(reader, keys.get(key)) for key in ("for", "keep_firing_for")]
    notes = _labels(reader, keys.get("annotations"), "annotations", is_template=kind == "alert")
    if kind == "alert":
        return AlertRule(name, expr, labels, notes, *times)
    if "{" in name or "}" in name:
        message = f"{name!r} is not a metric name: it has braces; should it be in expr?"
        reader.wrong(keys["record"], "bad-name", message)
    for key, given in zip(("for", "keep_firing_for", "annotations"), (*times, notes), strict=True):
        if given:
            reader.wrong(keys[key], "unknown-key", f"a recording rule has no key {key!r}")
    return RecordingRule(name, expr, labels)


def _expression(reader: Reader, node: yaml.Node, keys: dict[str, yaml.Node]) -> str:
    if "expr" not in keys:
        reader.wrong(node, "missing-key", "a rule needs an 'expr'")
        return ""
    expr = reader.text(keys["expr"], "expr").strip()
    try:
        read(expr)
    except QueryError as error:
        reader.wrong(keys["expr"], "bad-expression", f"{error}{hint(expr)}")
    return expr


def _labels(
    reader: Reader, node: yaml.Node | None, what: str, *, is_template: bool = False
) -> Labels:
    if node is None:
        return ()
    pairs: dict[str, str] = {}
    for name, value in reader.mapping(node, what, None).items():
        if not name or (name == NAME and what == "labels"):
            reader.wrong(value, "bad-name", f"{name!r} is not a label name")
        text = reader.text(value, name)
        pairs[name] = text
        if is_template:
            try:
                parse_template(text)
            except TemplateError as error:
                reader.wrong(value, "bad-template", f"{name}: {error}")
    return tuple(sorted(pairs.items()))


def duration_ms(reader: Reader, node: yaml.Node | None) -> int:
    """Read a duration such as 1h30m in milliseconds; none is 0, a mistake too."""
    if node is None or is_null(node):
        return 0
    text = reader.text(node, "a duration")
    match = _DURATION.fullmatch(text)
    if text == "0":
        return 0
    if not text or match is None:
        message = f"{text!r} is not a duration; write a number and a unit, such as 5m or 1h30m"
        reader.wrong(node, "bad-duration", message)
        return 0
    parts = zip(match.groups(), _UNITS_MS, strict=True)
    total = sum(int(number or 0) * unit for number, unit in parts)
    if total > _LONGEST_MS:
        reader.wrong(node, "bad-duration", f"{text!r} is out of range")
    return min(total, _LONGEST_MS)
