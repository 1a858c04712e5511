"""Inhibition: an alert stays unsaid while another one fires that explains it."""

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.instruments.series.labels import Labels, value_of
from simulator.instruments.series.matchers import Matcher, match_all


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """A firing source mutes targets that agree with it in the labels `equal`."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()

    def mutes(self, labels: Labels, firing: Iterable[Labels]) -> bool:
        """Say whether some firing alert mutes this one.

        Labels that both lack are equal. An alert that is source and target at once is not muted by
        another such one, or two of them would silence each other (Alertmanager's inhibit.go).
        """
        if not match_all(self.target, labels):
            return False
        is_source = match_all(self.source, labels)
        return any(
            match_all(self.source, other)
            and all(value_of(other, name) == value_of(labels, name) for name in self.equal)
            and not (is_source and match_all(self.target, other))
            for other in firing
        )
