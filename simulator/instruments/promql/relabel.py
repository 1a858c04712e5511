"""`label_replace` and `label_join`: new labels from old ones, worked out once per frame."""

import re
from dataclasses import dataclass

from simulator.errors import QueryError
from simulator.instruments.promql.nodes import VectorExpr
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import Labels, labels_of, value_of
from simulator.instruments.series.matchers import pattern

_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


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
        value = _REFERENCE.sub(lambda ref: _expanded(ref, match), self.replacement)
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

    def __post_init__(self) -> None:
        if not _LABEL.fullmatch(self.rule.target):
            raise QueryError(f"{self.rule.target!r} is not a label name")
        if isinstance(self.rule, Replace):
            pattern(self.rule.regex)

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        frame = source.frame.derive(
            self.rule, lambda f: Frame(tuple(self.rule.of(labels) for labels in f.labels))
        )
        return Vector(frame, source.values, source.present).checked()


def _expanded(reference: re.Match[str], match: re.Match[str]) -> str:
    """A group's text; as in Go, a reference to no group is empty."""
    if reference[1]:
        return "$"
    name = reference[2] or reference[3]
    if name.isdigit():
        return (match[int(name)] or "") if int(name) <= match.re.groups else ""
    return (match[name] or "") if name in match.re.groupindex else ""
