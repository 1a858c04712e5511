"""Receivers and their integrations: where a notification goes, and what that is to a responder."""

from dataclasses import dataclass

from simulator.instruments.alerting.manager.page import Channel

_PAGER, _TICKET, _CHAT = Channel.PAGER, Channel.TICKET, Channel.CHAT
INTEGRATIONS: dict[str, tuple[Channel, bool]] = {
    "pagerduty": (_PAGER, True),
    "opsgenie": (_PAGER, True),
    "victorops": (_PAGER, True),
    "pushover": (_PAGER, True),
    "incidentio": (_PAGER, True),
    "sns": (_PAGER, True),
    "email": (_TICKET, False),
    "jira": (_TICKET, True),
    "webhook": (_TICKET, True),
    "slack": (_CHAT, False),
    "msteams": (_CHAT, True),
    "msteamsv2": (_CHAT, True),
    "discord": (_CHAT, True),
    "mattermost": (_CHAT, True),
    "rocketchat": (_CHAT, False),
    "telegram": (_CHAT, True),
    "webex": (_CHAT, True),
    "wechat": (_CHAT, False),
}
"""By Alertmanager's name: the channel it is in a drill, and its default for `send_resolved`.

Defaults from the configuration reference of Alertmanager 0.28 (prometheus.io/docs/alerting).
"""


@dataclass(frozen=True, slots=True)
class Integration:
    """One way in which a receiver is told."""

    kind: str
    channel: Channel
    sends_resolved: bool


@dataclass(frozen=True, slots=True)
class Receiver:
    """A named list of integrations; with none, what is sent there is heard by nobody."""

    name: str
    integrations: tuple[Integration, ...] = ()
