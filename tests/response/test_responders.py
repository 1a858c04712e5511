import math
from collections.abc import Callable
from typing import Any

import pytest

from simulator import kinds
from simulator.response.command import render
from simulator.response.responders._base import (
    Answer,
    Checked,
    Do,
    Ending,
    Evaluate,
    Request,
    Responder,
    Talk,
    WaitForPage,
    WaitUntil,
)
from simulator.response.responders.none import NoResponder
from simulator.response.responders.runbook import RunbookResponder
from simulator.response.runbook import Runbook
from simulator.units import MINUTE, SECOND, format_clock

Metric = Callable[[int], float | None]


def advanced(talk: Talk, answer: Answer | None) -> tuple[Request | None, Ending | None]:
    try:
        return (next(talk) if answer is None else talk.send(answer)), None
    except StopIteration as end:
        return None, end.value


class FakeSession:
    """Carries a responder's requests out; metrics are functions of time, a page comes once."""

    def __init__(self, metrics: dict[str, Metric], page_at: int = 20 * MINUTE) -> None:
        self.metrics, self.page_at = metrics, page_at
        self.now = 0
        self.story: list[str] = []
        self.polls = 0
        self.refuses: set[str] = set()

    def run(self, responder: Responder) -> Ending:
        talk = responder.respond(self.now)
        request, ending = advanced(talk, None)
        while request is not None:
            request, ending = advanced(talk, self.answer(request))
        assert ending is not None
        return ending

    def answer(self, request: Request) -> Answer:
        match request:
            case WaitUntil():
                assert request.at >= self.now
                self.now = request.at
            case WaitForPage():
                self.now = max(self.now, self.page_at)
            case Evaluate():
                self.polls += 1
                metric = self.metrics.get(request.expr)
                value = metric(self.now) if metric else None
                return Answer(self.now, samples=[] if value is None else [({}, value)])
            case Do():
                return self.do(request)
            case Checked():
                self.tell(f"check {request.verdict}")
        return Answer(self.now)

    def do(self, request: Do) -> Answer:
        line = render(request.command)
        if line in self.refuses:
            self.tell(f"refused {line}")
            return Answer(self.now, "no room", is_refused=True)
        self.now += request.command.takes_ns
        self.tell(line)
        return Answer(self.now, "done")

    def tell(self, what: str) -> None:
        self.story.append(f"{format_clock(self.now)} {what}")


def follows(*steps: dict[str, Any], on: dict[str, Any] | None = None) -> RunbookResponder:
    page = {"schema": 1, "title": "T", "on": on or {"alert": "Slow"}, "steps": list(steps)}
    return RunbookResponder(Runbook.model_validate(page))


def always(value: float | None) -> Metric:
    return lambda _: value


def drops_below(at: int) -> Metric:
    """Gives a condition that holds from a time on."""
    return lambda now: 1.0 if now >= at else None


def test_runbook_acts_in_the_time_a_person_needs() -> None:
    session = FakeSession({"kv > 0.95": lambda _: 0.99, "queue < 5": drops_below(22 * MINUTE)})
    responder = follows(
        {"ack": {}},
        {"look": "status"},
        {
            "when": "kv > 0.95",
            "then": [
                {"hypothesis": {"component": "llm", "mechanism": "kv_exhaustion"}},
                {"act": {"limit": {"target": "class/chat", "prompt_tokens_max": 8000}}},
                {"until": {"expr": "queue < 5", "at_most": "10m"}},
            ],
            "else": [{"stop": "not this incident"}],
        },
        {"wait": "2m"},
        {"resolve": {}},
    )

    ending = session.run(responder)

    assert session.story == [
        "00:20:05 ack",
        "00:20:10 status",
        "00:20:15 hypothesis llm kv_exhaustion",
        "00:20:25 limit class/chat prompt_tokens 8000",
        "00:24:10 resolve",
    ]
    assert ending == Ending("resolved")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(None, "no", id="nothing left"),
        pytest.param(math.nan, "no", id="not a number"),
        pytest.param(0.97, "yes", id="something left"),
    ],
)
def test_unknown_takes_the_other_way(value: float | None, says: str) -> None:
    session = FakeSession({"kv > 0.95": lambda _: value})

    session.run(follows({"when": "kv > 0.95", "then": [{"note": "yes"}], "else": [{"note": "no"}]}))

    assert session.story == [f'00:20:05 note "{says}"']


def test_until_looks_every_15_seconds_and_gives_up_in_time() -> None:
    session = FakeSession({})

    session.run(
        follows({"until": {"expr": "queue < 5", "at_most": "1m", "else": [{"note": "too long"}]}})
    )

    assert session.story == ['00:21:00 note "too long"']
    assert session.polls == 5


def test_until_that_holds_already_takes_no_time() -> None:
    session = FakeSession({"queue < 5": lambda _: 1.0})

    session.run(follows({"until": "queue < 5"}, {"note": "on"}))

    assert session.story == ['00:20:00 note "on"']


@pytest.mark.parametrize(
    ("metrics", "verdict"),
    [
        pytest.param({"p99 < 2": 0.4, "p99": 0.4}, "pass", id="holds"),
        pytest.param({"p99": 6.0}, "fail", id="does not hold"),
        pytest.param({"p99": math.nan}, "unknown", id="not a number"),
        pytest.param({}, "unknown", id="no data"),
    ],
)
def test_check_tells_false_from_unknown(metrics: dict[str, float], verdict: str) -> None:
    session = FakeSession({expr: always(value) for expr, value in metrics.items()})

    session.run(follows({"check": "p99 < 2"}))

    assert session.story == [f"00:20:00 check {verdict}"]


def test_failed_check_keeps_the_runbook_from_resolving() -> None:
    session = FakeSession({"p99": lambda _: 6.0})

    ending = session.run(follows({"check": "p99 < 2"}, {"resolve": {}}))

    assert session.story == ["00:20:00 check fail"]
    assert ending == Ending("stopped", "check fail: p99 < 2")


def test_check_with_another_way_goes_on() -> None:
    session = FakeSession({"p99": lambda _: 6.0})
    check = {"expr": "p99 < 2", "else": [{"act": {"restart": "llm"}}]}

    ending = session.run(follows({"check": check}, {"resolve": {}}))

    assert session.story == ["00:20:00 check fail", "00:20:10 restart llm", "00:20:10 resolve"]
    assert ending == Ending("resolved")


def test_stop_ends_everything_from_within_a_branch() -> None:
    session = FakeSession({})
    steps: list[dict[str, Any]] = [
        {"when": "up == 0", "else": [{"stop": "all up"}]},
        {"resolve": {}},
    ]

    ending = session.run(follows(*steps))

    assert session.story == ['00:20:05 note "left the runbook: all up"']
    assert ending == Ending("stopped", "all up")


def test_refused_act_takes_no_time_and_the_next_step_follows() -> None:
    session = FakeSession({})
    session.refuses = {"scale llm 6"}

    ending = session.run(
        follows(
            {"act": {"scale": {"target": "llm", "replicas": 6}}}, {"act": {"flush": "passages"}}
        )
    )

    assert session.story == ["00:20:00 refused scale llm 6", "00:20:05 flush passages"]
    assert ending == Ending("done")


@pytest.mark.parametrize(
    ("on", "first"),
    [
        ({"alert": "Slow"}, WaitForPage("Slow")),
        ({"page": "any"}, WaitForPage(None)),
        ({"time": "12m"}, WaitUntil(12 * MINUTE)),
    ],
)
def test_runbook_waits_for_its_occasion(on: dict[str, Any], first: Request) -> None:
    assert next(follows({"ack": {}}, on=on).respond(0)) == first


def test_time_that_has_passed_is_now() -> None:
    session = FakeSession({})
    session.now = 30 * MINUTE

    talk = follows({"ack": {}}, on={"time": "12m"}).respond(session.now)

    assert next(talk) == WaitUntil(30 * MINUTE)


def test_two_readings_of_one_runbook_know_nothing_of_each_other() -> None:
    responder = follows({"wait": "1m"}, {"note": "a minute later"})
    early, late = FakeSession({}, page_at=MINUTE), FakeSession({}, page_at=9 * MINUTE)

    early.run(responder)
    late.run(responder)

    assert early.story == ['00:02:00 note "a minute later"']
    assert late.story == ['00:10:00 note "a minute later"']


def test_nobody_does_nothing() -> None:
    session = FakeSession({})

    ending = session.run(NoResponder())

    assert (session.story, session.now, ending) == ([], 0 * SECOND, Ending("done"))


@pytest.mark.parametrize("name", kinds.names("responders"))
def test_every_responder_is_found_by_its_name(name: str) -> None:
    kind = kinds.load("responders", name)

    assert issubclass(kind, Responder)
    assert kind.kind_name == name
