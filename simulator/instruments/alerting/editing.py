"""Changed rule files: what an edit makes of the groups that were there. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from simulator.edits import RuleEdit
from simulator.errors import QueryError
from simulator.instruments.alerting.model import AlertRule, Rule, RuleGroup
from simulator.instruments.alerting.rules import read_rules
from simulator.instruments.promql.reading import read
from simulator.instruments.promql.syntax.tree import Binary, Node, NumberLiteral, Paren
from simulator.instruments.series.labels import go_float
from simulator.units import MS

ADDED = "rules/added.rules.yaml"
"""The file that rules which were not there before are put in."""

_ABOVE, _BELOW = (">", ">="), ("<", "<=")
_BY = re.compile(r"\bby\s*\(")


def edited(groups: Iterable[RuleGroup], edits: Iterable[RuleEdit]) -> tuple[RuleGroup, ...]:
    """Apply edits one after the other; groups keep their names, also without any rule left."""
    found = list(groups)
    for edit in edits:
        found = [replace(group, rules=tuple(_rules(group, edit))) for group in found]
        found += read_rules(edit.adds, ADDED) if edit.adds else ()
    return tuple(found)


def _rules(group: RuleGroup, edit: RuleEdit) -> Iterator[Rule]:
    for rule in group.rules:
        is_meant = isinstance(rule, AlertRule) and rule.alert in (edit.alerts or (rule.alert,))
        if not is_meant or not isinstance(rule, AlertRule) or edit.adds:
            yield rule
        elif not edit.deletes:
            yield _alert(rule, edit)


def _alert(rule: AlertRule, edit: RuleEdit) -> AlertRule:
    expr = sooner(rule.expr, edit.sensitivity)
    if edit.splits_by:
        expr = _BY.sub(f"by ({edit.splits_by}, ", expr)
    for old, new in edit.renames:
        expr = re.sub(rf"(?<![\w:]){re.escape(old)}(?![\w:])", new, expr)
    for_ms = rule.for_ms if edit.for_ns is None else edit.for_ns // MS
    return replace(rule, expr=expr, for_ms=for_ms)


def sooner(expr: str, sensitivity: float) -> str:
    """Move every threshold so that it is reached so many times sooner.

    Thresholds are the numbers that the whole condition, or a part of it joined by `and`, `or` or
    `unless`, is compared with.
    """
    try:
        found = sorted(_thresholds(read(expr)), reverse=True)
    except QueryError:  # such a rule fails as before
        return expr
    for start, end, is_upper, value in found if sensitivity != 1.0 else ():
        moved = value / sensitivity if is_upper else value * sensitivity
        expr = f"{expr[:start]}{go_float(moved)}{expr[end:]}"
    return expr


def _thresholds(node: Node) -> Iterator[tuple[int, int, bool, float]]:
    """Place of each threshold, whether it is an upper limit, and its value."""
    if isinstance(node, Paren):
        yield from _thresholds(node.expr)
    elif isinstance(node, Binary) and node.op in ("and", "or", "unless"):
        for side in node.children:
            yield from _thresholds(side)
    elif isinstance(node, Binary) and node.op in (*_ABOVE, *_BELOW):
        for limit, above in ((node.right, _ABOVE), (node.left, _BELOW)):
            if isinstance(limit, NumberLiteral):
                yield limit.start, limit.end, node.op in above, limit.value
