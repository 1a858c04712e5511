"""What each integration must have, may not have together, and what its values may be."""

from collections.abc import Callable, Iterator

import yaml

Names = tuple[str, ...]
_NULL = "tag:yaml.org,2002:null"
_Keys = dict[str, yaml.Node]
Odd = tuple[yaml.Node | None, str]
"""Where a value is wrong (nowhere: the whole integration) and why."""

_WEBHOOK: tuple[tuple[Names, Names], ...] = ((("webhook_url", "webhook_url_file"), ()),)
_SLACK = ("api_url", "api_url_file", "app_token", "app_token_file")
NEEDS: dict[str, tuple[tuple[Names, Names], ...]] = {
    "pagerduty": ((("routing_key", "routing_key_file", "service_key", "service_key_file"), ()),),
    "opsgenie": ((("api_key", "api_key_file"), ("opsgenie_api_key", "opsgenie_api_key_file")),),
    "victorops": (
        (("routing_key",), ()),
        (("api_key", "api_key_file"), ("victorops_api_key", "victorops_api_key_file")),
    ),
    "pushover": ((("user_key", "user_key_file"), ()), (("token", "token_file"), ())),
    "incidentio": ((("url", "url_file"), ()),),
    "sns": ((("target_arn", "topic_arn", "phone_number"), ()),),
    "email": (
        (("to",), ()),
        (("smarthost",), ("smtp_smarthost",)),
        (("from",), ("smtp_from",)),
    ),
    "jira": (
        (("project",), ()),
        (("issue_type",), ()),
        (("api_url",), ("jira_api_url",)),
    ),
    "webhook": ((("url", "url_file"), ()),),
    "slack": ((_SLACK, tuple(f"slack_{name}" for name in _SLACK)),),
    "msteams": _WEBHOOK,
    "msteamsv2": _WEBHOOK,
    "discord": _WEBHOOK,
    "mattermost": (
        (
            ("webhook_url", "webhook_url_file"),
            ("mattermost_webhook_url", "mattermost_webhook_url_file"),
        ),
    ),
    "rocketchat": (
        (("token_id", "token_id_file"), ("rocketchat_token_id", "rocketchat_token_id_file")),
        (("token", "token_file"), ("rocketchat_token", "rocketchat_token_file")),
    ),
    "telegram": (
        (("bot_token", "bot_token_file"), ("telegram_bot_token", "telegram_bot_token_file")),
        (("chat_id", "chat_id_file"), ()),
    ),
    "webex": ((("room_id",), ()),),
    "wechat": (
        (("api_secret", "api_secret_file"), ("wechat_api_secret", "wechat_api_secret_file")),
        (("corp_id",), ("wechat_api_corp_id",)),
    ),
}
"""One of these keys of its own, or one of those under `global`."""


def odd(kind: str, keys: _Keys) -> Iterator[Odd]:
    """What is wrong with the values of one integration."""
    if kind in _CHECKS:
        yield from _CHECKS[kind](keys)


def _slack(keys: _Keys) -> Iterator[Odd]:
    by_url = [name for name in _SLACK[:2] if _text(keys, name)]
    by_token = [name for name in _SLACK[2:] if _text(keys, name)]
    if by_url and by_token:
        yield None, f"only one of {by_url[0]} and {by_token[0]} may be given"
    if by_url and _text(keys, "update_message") == "true" and _text(keys, "api_url") != _POSTING:
        yield keys["update_message"], f"update_message needs the api_url {_POSTING}"
    for node in _items(keys, "fields"):
        yield from _lacking(node, "a Slack field", ("title",), ("value",))
    for node in _items(keys, "actions"):
        yield from _lacking(node, "a Slack action", ("type",), ("text",), ("url", "name"))


def _mattermost(keys: _Keys) -> Iterator[Odd]:
    holders = [keys, *(_named(node) for node in _items(keys, "attachments"))]
    for node in (each for holder in holders for each in _items(holder, "fields")):
        yield from _lacking(node, "a field", ("title",), ("value",))


def _telegram(keys: _Keys) -> Iterator[Odd]:
    if _text(keys, "chat_id") == "0" and not _text(keys, "chat_id_file"):
        yield keys["chat_id"], "chat_id must not be 0"


def _incidentio(keys: _Keys) -> Iterator[Odd]:
    http = keys.get("http_config")
    has_token = _text(keys, "alert_source_token") or _text(keys, "alert_source_token_file")
    if has_token and http is not None and "authorization" in _named(http):
        yield http, "only one of alert_source_token and http_config's authorization may be given"


def _opsgenie(keys: _Keys) -> Iterator[Odd]:
    for node in _items(keys, "responders"):
        yield from _lacking(node, "a responder", ("id", "username", "name"))
        kind = _text(_named(node), "type").lower()
        if "{{" not in kind and kind not in _RESPONDERS:
            yield node, f"a responder's type must be one of {', '.join(_RESPONDERS)}, not {kind!r}"


def _victorops(keys: _Keys) -> Iterator[Odd]:
    fields = keys.get("custom_fields")
    for name in _named(fields) if fields is not None else ():
        if name in _RESERVED:
            yield fields, f"custom_fields cannot have {name!r}, which is a field of its own"


def _pushover(keys: _Keys) -> Iterator[Odd]:
    if _text(keys, "html") == _text(keys, "monospace") == "true":
        yield None, "only one of html and monospace may be given"


def _webex(keys: _Keys) -> Iterator[Odd]:
    http = keys.get("http_config")
    if http is None or "authorization" not in _named(http):
        yield http, "a webex integration needs http_config with an authorization"


def _sns(keys: _Keys) -> Iterator[Odd]:
    given = [name for name in ("target_arn", "topic_arn", "phone_number") if _text(keys, name)]
    if len(given) == 2:  # noqa: PLR2004  Alertmanager lets three pass
        yield None, f"only one of {' and '.join(given)} may be given"


def _email(keys: _Keys) -> Iterator[Odd]:
    headers = keys.get("headers")
    seen: set[str] = set()
    for name in _named(headers) if headers is not None else ():
        if name.lower() in seen:
            yield headers, f"the header {name!r} is here twice"
        seen.add(name.lower())


def _lacking(node: yaml.Node, what: str, *needed: Names) -> Iterator[Odd]:
    keys = _named(node)
    for names in needed:
        if not any(_text(keys, name) for name in names):
            yield node, f"{what} needs {' or '.join(names)}"


def _items(keys: _Keys, name: str) -> list[yaml.Node]:
    node = keys.get(name)
    items = node.value if isinstance(node, yaml.SequenceNode) else ()
    return [each for each in items if each.tag != _NULL]


def _named(node: yaml.Node) -> _Keys:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {str(key.value): value for key, value in pairs}


def _text(keys: _Keys, name: str) -> str:
    node = keys.get(name)
    is_given = isinstance(node, yaml.ScalarNode) and node.tag != _NULL
    return str(node.value) if node is not None and is_given else ""


_POSTING = "https://slack.com/api/chat.postMessage"
_RESPONDERS = ("team", "teams", "user", "escalation", "schedule")
_RESERVED = (
    "routing_key", "message_type", "state_message", "entity_display_name", "monitoring_tool",
    "entity_id", "entity_state",
)  # fmt: skip
_CHECKS: dict[str, Callable[[_Keys], Iterator[Odd]]] = {
    "email": _email,
    "incidentio": _incidentio,
    "mattermost": _mattermost,
    "opsgenie": _opsgenie,
    "pushover": _pushover,
    "slack": _slack,
    "sns": _sns,
    "telegram": _telegram,
    "victorops": _victorops,
    "webex": _webex,
}
