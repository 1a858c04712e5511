from simulator.instruments.alerting.manager.dispatch import Dispatcher
from simulator.instruments.alerting.manager.page import Page
from simulator.instruments.alerting.manager.reading import read_config
from simulator.instruments.alerting.model import AlertTransition, Change
from simulator.instruments.series.labels import Labels, labels_of
from simulator.instruments.series.matchers import Matcher

SECOND, HOUR = 1000, 3_600_000


def labels(pod: str, severity: str = "page") -> Labels:
    return labels_of({"alertname": "Slow", "pod": pod, "severity": severity})


def change(t_s: int, what: Change, pod: str, severity: str = "page") -> AlertTransition:
    at = t_s * SECOND
    return AlertTransition(at, what, labels(pod, severity), (), 1.0, at)


def told(
    dispatcher: Dispatcher, changes: list[AlertTransition], until_s: int
) -> list[tuple[int, str, list[str], list[str]]]:
    """Offer each change at its time, flush whenever due, and write the pages down."""
    pages: list[Page] = []
    for each in changes:
        pages += _flushed(dispatcher, each.t_ms)
        dispatcher.offer([each], each.t_ms)
    pages += _flushed(dispatcher, until_s * SECOND)
    return [
        (
            page.t_ms // SECOND,
            page.receiver,
            [dict(n.labels)["pod"] for n in page.firing],
            [dict(n.labels)["pod"] for n in page.resolved],
        )
        for page in pages
    ]


def _flushed(dispatcher: Dispatcher, until_ms: int) -> list[Page]:
    pages: list[Page] = []
    while (due := dispatcher.next_due()) is not None and due < until_ms:
        pages += dispatcher.flush(due)
    return pages


def test_a_group_waits_then_tells_of_news_at_each_interval() -> None:
    changes = [
        change(0, Change.FIRING, "a"),
        change(10, Change.FIRING, "b"),
        change(60, Change.FIRING, "c"),
        change(400, Change.RESOLVED, "a"),
    ]

    assert told(Dispatcher(), changes, 2000) == [
        (30, "pager", ["a", "b"], []),
        (330, "pager", ["a", "b", "c"], []),
        (630, "pager", ["b", "c"], ["a"]),
    ]


def test_what_resolves_before_the_wait_is_over_wakes_nobody() -> None:
    changes = [change(0, Change.FIRING, "a"), change(20, Change.RESOLVED, "a")]

    assert told(Dispatcher(), changes, 2000) == []


def test_an_end_is_told_and_the_group_starts_anew() -> None:
    dispatcher = Dispatcher()
    changes = [
        change(0, Change.FIRING, "a"),
        change(100, Change.RESOLVED, "a"),
        change(1000, Change.FIRING, "a"),
    ]

    assert told(dispatcher, changes, 1200) == [
        (30, "pager", ["a"], []),
        (330, "pager", [], ["a"]),
        (1030, "pager", ["a"], []),
    ]


def test_an_unchanged_group_repeats_only_after_the_repeat_interval() -> None:
    pages = told(Dispatcher(), [change(0, Change.FIRING, "a")], 10 * HOUR // SECOND)

    # A repeat exactly at the interval is not yet due; the next group tick is five minutes later.
    assert [t for t, *_ in pages] == [30, 30 + 4 * 3600 + 300, 30 + 2 * (4 * 3600 + 300)]


def test_severity_decides_who_is_told() -> None:
    changes = [
        change(0, Change.FIRING, "a", "page"),
        change(0, Change.FIRING, "b", "critical"),
        change(0, Change.FIRING, "c", "warning"),
    ]

    assert told(Dispatcher(), changes, 100) == [
        (30, "ticket", ["c"], []),
        (30, "pager", ["a", "b"], []),
    ]


def configured(routes: str, more: str = "") -> Dispatcher:
    """A dispatcher whose root route goes to `chat`, with what else is said of it."""
    receivers = (
        "receivers: [{name: chat, slack_configs: [{channel: ops, app_token: t}]}, "
        "{name: both, pagerduty_configs: [{routing_key: k}], email_configs: [{to: a}]}]\n"
        "global: {smtp_smarthost: 'mail:587', smtp_from: b}"
    )
    return Dispatcher(read_config(f"route: {{receiver: chat{routes}}}\n{receivers}\n{more}"))


def test_grouping_follows_the_route() -> None:
    dispatcher = configured(", group_by: [pod], group_wait: 0s")
    changes = [change(0, Change.FIRING, "a"), change(0, Change.FIRING, "b")]

    assert told(dispatcher, changes, 10) == [(0, "chat", ["a"], []), (0, "chat", ["b"], [])]


def test_every_integration_of_a_receiver_hears_and_only_some_hear_of_the_end() -> None:
    dispatcher = configured(", routes: [{receiver: both, matchers: [severity=page]}]")
    changes = [change(0, Change.FIRING, "a"), change(60, Change.RESOLVED, "a")]
    pages: list[Page] = []

    for each in changes:
        dispatcher.offer([each], each.t_ms)
        pages += dispatcher.flush(each.t_ms + 30 * SECOND)
    pages += dispatcher.flush(1000 * SECOND)

    heard = [(page.t_ms // SECOND, page.channel.value, bool(page.firing)) for page in pages]
    assert heard == [(30, "pager", True), (30, "ticket", True), (330, "pager", False)]


def test_an_alert_is_told_along_every_route_that_goes_on() -> None:
    dispatcher = configured(
        ", routes: [{receiver: both, matchers: [pod=a], continue: true}, {matchers: ['pod=~a|b']}]"
    )

    pages = told(dispatcher, [change(0, Change.FIRING, "a"), change(0, Change.FIRING, "b")], 100)

    assert pages == [(30, "both", ["a"], []), (30, "both", ["a"], []), (30, "chat", ["a", "b"], [])]


def test_a_silence_hides_until_it_ends() -> None:
    dispatcher = Dispatcher()
    dispatcher.silences.add((Matcher("pod", "=", "a"),), 0, 400 * SECOND)

    assert told(dispatcher, [change(0, Change.FIRING, "a")], 1000) == [(630, "pager", ["a"], [])]


def test_an_expired_silence_lets_the_next_interval_tell() -> None:
    dispatcher = Dispatcher()
    dispatcher.silences.add((Matcher("pod", "=~", "a|b"),), 0, HOUR)
    dispatcher.silences.expire(1, 100 * SECOND)

    assert told(dispatcher, [change(0, Change.FIRING, "a")], 1000) == [(330, "pager", ["a"], [])]


def test_a_firing_cause_mutes_what_it_explains_while_it_fires() -> None:
    rule = "{source_matchers: [severity=page], target_matchers: [severity=warning], equal: [pod]}"
    dispatcher = configured(", group_by: [severity]", f"inhibit_rules: [{rule}]")
    changes = [
        change(0, Change.FIRING, "a", "page"),
        change(0, Change.FIRING, "a", "warning"),
        change(0, Change.FIRING, "b", "warning"),
        change(100, Change.RESOLVED, "a", "page"),
    ]

    assert told(dispatcher, changes, 400) == [
        (30, "chat", ["a"], []),
        (30, "chat", ["b"], []),
        (330, "chat", ["a", "b"], []),
    ]


def test_alerts_that_are_cause_and_effect_at_once_do_not_silence_each_other() -> None:
    rule = "{source_matchers: [alertname=Slow], target_matchers: [alertname=Slow]}"
    dispatcher = configured("", f"inhibit_rules: [{rule}]")
    changes = [change(0, Change.FIRING, "a"), change(0, Change.FIRING, "b")]

    assert told(dispatcher, changes, 100) == [(30, "chat", ["a", "b"], [])]


def test_a_route_is_quiet_outside_its_active_times() -> None:
    times = "time_intervals: [{name: early, time_intervals: [{times: [{start_time: '00:05', "
    times += "end_time: '00:20'}]}]}]"
    dispatcher = configured(
        ", routes: [{matchers: [severity=page], active_time_intervals: [early]}]", times
    )

    pages = told(dispatcher, [change(0, Change.FIRING, "a")], 3600)

    assert pages == [(330, "chat", ["a"], [])]


def test_pending_alerts_are_nobodys_business() -> None:
    dispatcher = Dispatcher()

    dispatcher.offer([change(0, Change.PENDING, "a"), change(0, Change.DROPPED, "a")], 0)

    assert dispatcher.next_due() is None
