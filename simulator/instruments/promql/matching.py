"""Binary operators between two vectors: who is matched with whom, worked out once per frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.errors import QueryError
from simulator.instruments.promql.binary import apply
from simulator.instruments.promql.nodes import Memo, VectorExpr
from simulator.instruments.promql.values import Moment, Vector, nothing
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import (
    NAME,
    Labels,
    braced,
    labels_of,
    value_of,
    without_name,
)

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Matching:
    """`on (...)` or `ignoring (...)`, and which side is many with which extra labels."""

    labels: tuple[str, ...] = ()
    is_on: bool = False
    many: str = ""
    include: tuple[str, ...] = ()

    def signature(self, labels: Labels) -> Labels:
        """The part of a label set that must be equal on both sides."""
        if self.is_on:
            return tuple(pair for pair in labels if pair[0] in self.labels)
        return tuple(pair for pair in labels if pair[0] not in self.labels and pair[0] != NAME)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Each element's match group, on the many side and on the one side.

    `is_straight` when element by element both sides match and no group has two.
    """

    many: Indices
    one: Indices
    count: int
    is_straight: bool


class Output:
    """The frame of results, laid out like the many side.

    Labels copied by `group_left(...)` depend on the partner, so the frame is kept until an
    element finds another partner than before.
    """

    def __init__(self, matching: Matching, *, drops_name: bool, is_bool: bool) -> None:
        self._matching, self._is_bool = matching, is_bool
        self._drops_name = drops_name
        self._frames: tuple[Frame, Frame] | None = None
        self._partner: Indices = np.zeros(0, np.intp)
        self._frame = Frame(())

    def frame(self, many: Frame, one: Frame, here: Indices, chosen: Indices) -> Frame:
        """Result labels for each element of the many side; those without a partner do not count."""
        if not self._matching.include:
            key = ("matched", self._matching, self._drops_name, self._is_bool)
            return many.derive(key, lambda f: self._made(f, [None] * len(f)))
        is_known = self._frames is not None and self._frames[0] is many and self._frames[1] is one
        if is_known and (self._partner[here] == chosen).all():
            return self._frame
        if not is_known:
            self._frames, self._partner = (many, one), np.full(len(many), -1, np.intp)
        self._partner[here] = chosen
        partners = [one.labels[i] if i >= 0 else None for i in self._partner.tolist()]
        self._frame = self._made(many, partners)
        return self._frame

    def _made(self, many: Frame, partners: Sequence[Labels | None]) -> Frame:
        pairs = zip(many.labels, partners, strict=True)
        labels = tuple(self._labels(ours, theirs) for ours, theirs in pairs)
        return many.matched(labels, drops=self._is_bool)

    def _labels(self, ours: Labels, theirs: Labels | None) -> Labels:
        kept = dict(ours)
        if self._drops_name:
            kept = dict(without_name(ours))
        matching = self._matching
        if not matching.many:
            kept = {n: v for n, v in kept.items() if (n in matching.labels) == matching.is_on}
        for name in matching.include if theirs is not None else ():
            kept[name] = value_of(theirs or (), name)
        return labels_of(kept)


@dataclass(frozen=True)
class VectorOperation(VectorExpr):
    """Arithmetic or comparison between matched elements."""

    operator: str
    left: VectorExpr
    right: VectorExpr
    matching: Matching
    is_bool: bool
    groups: Memo[_Groups]
    output: "Output"

    def vector(self, moment: Moment) -> Vector:
        left, right = self.left.vector(moment), self.right.vector(moment)
        is_swapped = self.matching.many == "right"
        many, one = (right, left) if is_swapped else (left, right)
        if not len(many) or not len(one):
            return nothing()
        groups = self.groups.get(
            (many.frame, one.frame), lambda: _groups(many.frame, one.frame, self.matching)
        )
        if groups.is_straight and not self.matching.include:
            return self._straight(left, right, many.frame)
        partner = self._partners(one, groups)
        here = np.flatnonzero(many.present & (partner >= 0))
        chosen = partner[here]
        ours, theirs = many.values[here], one.values[chosen]
        lhs, rhs = (theirs, ours) if is_swapped else (ours, theirs)
        values, keeps = apply(self.operator, lhs, rhs, lhs, is_bool=self.is_bool)
        here, chosen = here[keeps], chosen[keeps]
        out = np.zeros(len(many.frame))
        out[here] = values[keeps]
        present = np.zeros(len(many.frame), np.bool_)
        present[here] = True
        frame = self.output.frame(many.frame, one.frame, here, chosen)
        self._check_unique(frame, groups.many[here], here)
        return Vector(frame, out, present).checked()

    def _straight(self, left: Vector, right: Vector, many: Frame) -> Vector:
        """What `vector` comes to when each element meets the one at its own place."""
        values, keeps = apply(
            self.operator, left.values, right.values, left.values, is_bool=self.is_bool
        )
        present = left.present & right.present & keeps
        nobody = np.zeros(0, np.intp)
        frame = self.output.frame(many, many, nobody, nobody)
        return Vector(frame, np.where(present, values, 0.0), present).checked()

    def _partners(self, one: Vector, groups: _Groups) -> Indices:
        """The index on the one side for each element of the many side, or -1."""
        here = np.flatnonzero(one.present)
        if one.order is not None:
            here = one.order[one.present[one.order]]
        partner = np.full(groups.count, -1, np.intp)
        partner[groups.one[here]] = here
        if len(here) and np.bincount(groups.one[here]).max() > 1:
            self._refuse_repeated(one, groups, here)
        return partner[groups.many]

    def _refuse_repeated(self, one: Vector, groups: _Groups, here: Indices) -> None:
        seen: dict[int, int] = {}
        for i in here.tolist():
            earlier = seen.setdefault(int(groups.one[i]), i)
            if earlier == i:
                continue
            pair = [one.frame.labels[i], one.frame.labels[earlier]]
            side = "left" if self.matching.many == "right" else "right"
            shown = ", ".join(braced(labels) for labels in pair)
            raise QueryError(
                "found duplicate series for the match group "
                f"{braced(self.matching.signature(pair[0]))} on the {side} hand-side of the "
                f"operation: [{shown}];many-to-many matching not allowed: matching labels must "
                "be unique on one side"
            )

    def _check_unique(self, frame: Frame, matched: Indices, here: Indices) -> None:
        """Refuse two results of one match group, unless they are grouped and differ."""
        if not self.matching.many:
            if len(matched) and np.bincount(matched).max() > 1:
                raise QueryError(
                    "multiple matches for labels: many-to-one matching must be explicit "
                    "(group_left/group_right)"
                )
        elif frame.repeats:
            pairs = zip(matched.tolist(), here.tolist(), strict=True)
            found = [(group, frame.labels[i]) for group, i in pairs]
            if len(set(found)) < len(found):
                raise QueryError(
                    "multiple matches for labels: grouping labels must ensure unique matches"
                )


def _groups(many: Frame, one: Frame, matching: Matching) -> _Groups:
    numbers: dict[Labels, int] = {}
    sides = [
        np.array(
            [numbers.setdefault(matching.signature(x), len(numbers)) for x in frame.labels], np.intp
        )
        for frame in (many, one)
    ]
    many_group, one_group = sides
    is_straight = np.array_equal(many_group, one_group) and len(numbers) == len(one_group)
    return _Groups(many_group, one_group, len(numbers), is_straight)


@dataclass(frozen=True)
class SetOperation(VectorExpr):
    """`and`, `or` and `unless`, by match groups rather than by values."""

    operator: str
    left: VectorExpr
    right: VectorExpr
    matching: Matching
    groups: Memo[_Groups]
    union: Memo[Frame]

    def vector(self, moment: Moment) -> Vector:
        left, right = self.left.vector(moment), self.right.vector(moment)
        groups = self.groups.get(
            (left.frame, right.frame), lambda: _groups(left.frame, right.frame, self.matching)
        )
        if self.operator == "or":
            return self._either(left, right, groups)
        in_right = np.zeros(groups.count, np.bool_)
        in_right[groups.one[right.present]] = True
        matched = in_right[groups.many]
        present = left.present & (matched if self.operator == "and" else ~matched)
        return Vector(left.frame, left.values, present)

    def _either(self, left: Vector, right: Vector, groups: _Groups) -> Vector:
        in_left = np.zeros(groups.count, np.bool_)
        in_left[groups.many[left.present]] = True
        added = right.present & ~in_left[groups.one]
        frame = self.union.get((left.frame, right.frame), lambda: left.frame.joined(right.frame))
        values = np.concatenate((left.values, right.values))
        return Vector(frame, values, np.concatenate((left.present, added)))
