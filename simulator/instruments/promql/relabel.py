"""`label_replace` and `label_join`: new labels from old ones, worked out once per frame."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.errors import QueryError
from simulator.instruments.promql.nodes import VectorExpr
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.series.labels import NAME, Labels, labels_of, value_of
from simulator.instruments.series.matchers import group_names, pattern

_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Replace:
    """Sets a label from a pattern's groups when the source label matches it whole."""

    target: str
    replacement: str
    source: str
    regex: str

    def of(self, labels: Labels) -> Labels:
        """The label set after the replacement."""
        match = pattern(self.regex).fullmatch(value_of(labels, self.source))
        if match is None:
            return labels
        names = group_names(self.regex)
        value = _REFERENCE.sub(lambda ref: _expanded(ref, match, names), self.replacement)
        return labels_of(dict(labels) | {self.target: value})


@dataclass(frozen=True, slots=True)
class Join:
    """Sets a label to the source labels joined by a separator."""

    target: str
    separator: str
    sources: tuple[str, ...]

    def of(self, labels: Labels) -> Labels:
        """The label set after the joining."""
        value = self.separator.join(value_of(labels, name) for name in self.sources)
        return labels_of(dict(labels) | {self.target: value})


@dataclass(frozen=True)
class Relabelled(VectorExpr):
    """A vector with its labels rewritten."""

    expr: VectorExpr
    rule: Replace | Join

    def vector(self, moment: Moment) -> Vector:
        self._check()
        source = self.expr.vector(moment)
        frame = source.frame.derive(
            self.rule,
            lambda f: f.relabelled(
                tuple(self.rule.of(labels) for labels in f.labels),
                renames=self.rule.target == NAME,
            ),
        )
        return Vector(frame, source.values, source.present).checked()

    def _check(self) -> None:
        rule = self.rule
        if isinstance(rule, Join):
            for name in rule.sources:
                if not _is_label(name):
                    raise QueryError(f"invalid source label name in label_join(): {name}")
        if isinstance(rule, Replace):
            try:
                pattern(rule.regex)
            except QueryError:
                message = f"invalid regular expression in label_replace(): {rule.regex}"
                raise QueryError(message) from None
        if not _is_label(rule.target):
            function = "label_join" if isinstance(rule, Join) else "label_replace"
            raise QueryError(f"invalid destination label name in {function}(): {rule.target}")


def _is_label(name: str) -> bool:
    """Any UTF-8 text that is not empty; what escapes left over are no UTF-8."""
    return bool(name) and not any("\udc80" <= char <= "\udcff" for char in name)


def _expanded(reference: re.Match[str], match: re.Match[str], names: Mapping[str, int]) -> str:
    """A group's text; as in Go, a reference to no group is empty."""
    if reference[1]:
        return "$"
    name = reference[2] or reference[3]
    number = int(name) if name.isdigit() else names.get(name, match.re.groups + 1)
    return (match[number] or "") if number <= match.re.groups else ""
