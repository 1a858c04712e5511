"""A whole configuration, and the one a drill has when it names none."""

from dataclasses import dataclass, field

from simulator.instruments.alerting.manager.inhibition import InhibitRule
from simulator.instruments.alerting.manager.receivers import INTEGRATIONS, Integration, Receiver
from simulator.instruments.alerting.manager.route import Route
from simulator.instruments.alerting.manager.times import TimeInterval
from simulator.instruments.series.matchers import Matcher

PAGING = ("critical", "page")
"""Values of the label `severity` that wake someone where no configuration says who is told."""


@dataclass(frozen=True, slots=True)
class Config:
    """Routes, receivers, inhibition and named times; every name in them is known to exist."""

    route: Route
    receivers: dict[str, Receiver] = field(default_factory=dict)
    inhibit_rules: tuple[InhibitRule, ...] = ()
    times: dict[str, tuple[TimeInterval, ...]] = field(default_factory=dict)


def integration(kind: str, *, sends_resolved: bool | None = None) -> Integration:
    """Make an integration with its own default for resolved alerts; KeyError for no such kind."""
    channel, default = INTEGRATIONS[kind]
    return Integration(kind, channel, default if sends_resolved is None else sends_resolved)


def default_config() -> Config:
    """Page for severe alerts, file a ticket for the others; by alert name, at default times."""
    urgent = (Matcher("severity", "=~", "|".join(PAGING)),)
    group_by = ("alertname",)
    paging = Route("pager", "0", urgent, group_by=group_by)
    receivers = (
        Receiver("pager", (integration("pagerduty"),)),
        Receiver("ticket", (integration("email", sends_resolved=True),)),
    )
    return Config(
        Route("ticket", group_by=group_by, routes=(paging,)), {r.name: r for r in receivers}
    )
