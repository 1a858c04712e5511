from pathlib import Path

import pytest

from simulator.errors import InvalidInput
from simulator.instruments.alerting.manager.matching import format_matchers, read_matchers
from simulator.instruments.alerting.manager.reading import read_config
from simulator.instruments.series.labels import labels_of
from simulator.instruments.series.matchers import Matcher

SAMPLE = Path(__file__).parents[5] / "shared/data/alertmanager/conf.good.yml"

BROKEN = """
route:
  receiver: a
  matchers: [x=y]
  group_interval: 0s
  grup_by: [a]
  routes:
  - receiver: bb
    matchers: ['sev=~"(("', 'nonsense']
    mute_time_intervals: [nights]
  - oops
time_intervals:
- name: night
  time_intervals:
  - times: [{start_time: 17:00, end_time: '25:00'}]
    weekdays: [monday:fryday]
    location: Nowhere/X
receivers:
- name: ab
  slak_configs: []
- {}
inhibit_rules: 5
"""


def test_every_mistake_is_found_at_once_and_in_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_config(BROKEN, "am.yml")

    found = [(m.line, m.col, m.code) for m in sorted(caught.value.mistakes)]
    assert found == [
        (3, 13, "unknown-receiver"), (4, 13, "unknown-key"), (5, 19, "bad-duration"),
        (6, 3, "unknown-key"), (8, 15, "unknown-receiver"), (9, 16, "bad-matcher"),
        (9, 29, "bad-matcher"), (10, 27, "unknown-time-interval"), (11, 5, "wrong-type"),
        (15, 43, "bad-time"), (16, 16, "bad-range"), (17, 15, "unknown-time-zone"),
        (20, 3, "unknown-key"), (21, 3, "missing-key"), (22, 16, "wrong-type"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "route: 5", "route: {receiver: [a]}", "{", "a: b"])
def test_nonsense_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_config(text, "am.yml")

    assert all(mistake.file == "am.yml" and mistake.line >= 1 for mistake in caught.value.mistakes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a="b"', (Matcher("a", "=", "b"),)),
        ("a=b", (Matcher("a", "=", "b"),)),
        ('{a="b", c!~"d.*"}', (Matcher("a", "=", "b"), Matcher("c", "!~", "d.*"))),
        ('a != "x,\\"y\\""', (Matcher("a", "!=", 'x,"y"'),)),
        ('"a label"=b', (Matcher("a label", "=", "b"),)),
        ("a=", (Matcher("a", "=", ""),)),
        ("{a=b", (Matcher("a", "=", "b"),)),
        ("a==b", (Matcher("a", "=", "=b"),)),
        ("a=b c=d", (Matcher("a", "=", "b c=d"),)),
        ("a=\"b\\n\", c='d'", (Matcher("a", "=", "b\n"), Matcher("c", "=", "'d'"))),
    ],
)
def test_matchers_are_read_as_amtool_reads_them(text: str, expected: tuple[Matcher, ...]) -> None:
    assert read_matchers(text) == expected


@pytest.mark.parametrize("text", ["", "{}", "a", "=b", 'a="b', 'a="b" c', 'a b="c"', "a=~(("])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"matcher|brace|regexp"):
        read_matchers(text)


def test_matchers_are_written_as_they_can_be_read() -> None:
    matchers = read_matchers("a=b,c!~d.*")

    assert format_matchers(matchers) == '{a="b",c!~"d.*"}'
    assert read_matchers(format_matchers(matchers)) == matchers


HEAD = "route: {receiver: a}\nreceivers:\n- name: a\n"
NEEDY = [
    ("email_configs: [{to: x}]", "needs smarthost, or smtp_smarthost under global"),
    ("email_configs: [{to: x, smarthost: mail, from: y}]", "an address with a port"),
    ("slack_configs: [{channel: x}]", "needs api_url or"),
    ("slack_configs: [{app_token: x, api_url: 'http://h'}]", "only one of api_url and app_token"),
    ("slack_configs: [{app_token: x, fields: [{title: y}]}]", "needs value"),
    ("pagerduty_configs: [{routing_key: x, routing_key_file: y}]", "only one of routing_key"),
    ("pagerduty_configs: [{routing_key: x, url: 'ftp://h'}]", "a URL of http or https"),
    ("opsgenie_configs: [{api_key: x, teams: y}]", "has no key 'teams'"),
    ("opsgenie_configs: [{api_key: x, responders: [{name: y, type: all}]}]", "one of team, teams"),
    ("victorops_configs: [{api_key: x, routing_key: y, custom_fields: {entity_id: z}}]", "of its"),
    ("webhook_configs: [{url: 'http://h', max_alerts: -1}]", "must not be negative"),
    ("webhook_configs: [{url: 'http://h', timeout: soon}]", "a duration such as"),
    ("telegram_configs: [{bot_token: x, chat_id: '5'}]", "must be a whole number"),
    ("wechat_configs: [{api_secret: x, corp_id: y, message_type: z}]", "one of text, markdown"),
    ("webex_configs: [{room_id: x}]", "http_config with an authorization"),
    ("sns_configs: [{}]", "needs target_arn or topic_arn or phone_number"),
    ("jira_configs: [{api_url: 'http://h', project: x}]", "needs issue_type"),
    ("discord_configs: [{webhook_url: 'http://h', content: [x]}]", "content must be a text"),
    ("webhook_configs: [{url: 'http://h', http_config: {basic_auth: {}, oauth2: {}}}]", "needs"),
    ("webhook_configs: [{url: 'http://h', http_config: {no_proxy: x}}]", "needs proxy_url"),
    ("webhook_configs: [{url: 'http://h', http_config: {tls_config: {cert: x}}}]", "needs key"),
    ("webhook_configs: [{url: 'http://h', http_config: {http_headers: {Host: {}}}}]", "cannot be"),
]


@pytest.mark.parametrize(("receiver", "said"), NEEDY)
def test_a_receiver_that_could_send_nothing_is_refused(receiver: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=rf"am\.yml:4:\d+: .*{said}"):
        read_config(f"{HEAD}  {receiver}\n", "am.yml")


@pytest.mark.parametrize(
    "said",
    [
        "global: {smtp_smarthost: 'mail:587', smtp_from: x}\nmute_time_intervals: null",
        "global: {resolve_timeout: 5m, slack_api_url: <secret>}\ntracing: null",
        "inhibit_rules: [null, {source_matchers: ['', 'a=b'], target_match: {c: d}, equal: [e]}]",
        "time_intervals: [{name: x, time_intervals: [null, {location: Local, months: [13]}]}]",
        "templates: [x.tmpl]\n---\nanother: document",
    ],
)
def test_what_alertmanager_lets_pass_passes(said: str) -> None:
    assert read_config(f"{HEAD}{said}\n", "am.yml").route.receiver == "a"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("global: {opsgenie_api_key: x, opsgenie_api_key_file: y}", "only one of"),
        ("global: {resolve_timeout: 99999999999h}", "out of range"),
        ("tracing: {client_type: x}", "tracing needs endpoint"),
        ("inhibit_rules: [{source_match: {'a b': c}}]", "needs a label name"),
        ("time_intervals: [{name: x, time_intervals: [{days_of_month: ['28:-4']}]}]", "ends befo"),
    ],
)
def test_what_alertmanager_refuses_is_refused(said: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=rf"am\.yml:4:\d+: .*{why}"):
        read_config(f"{HEAD}{said}\n", "am.yml")


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample configuration is not on this machine")
@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, ["team-X-mails"]),
        ({"service": "foo1", "severity": "critical"}, ["team-X-pager"]),
        ({"service": "files"}, ["team-Y-mails"]),
        ({"service": "database", "owner": "team-Y", "owner2": "team-X"},
         ["team-X-pager", "team-Y-pager"]),
        ({"service": "database"}, ["team-DB-pager"]),
    ],
)  # fmt: skip
def test_the_sample_routes_as_amtool_says(labels: dict[str, str], receivers: list[str]) -> None:
    config = read_config(SAMPLE.read_text(), SAMPLE.name)

    assert [route.receiver for route in config.route.matching(labels_of(labels))] == receivers
