import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.response.actions.add_nodes import AddNodes
from simulator.response.actions.delete_pod import DeletePod
from simulator.response.actions.failover import FailOver
from simulator.response.actions.limit import LimitTraffic
from simulator.response.actions.retries import SetRetries
from simulator.response.actions.scale import ScaleComponent
from simulator.response.actions.shed import ShedLoad
from simulator.response.actions.timeout import SetTimeout
from simulator.response.actions.tune import TuneComponent
from simulator.response.actions.warm import WarmCache
from simulator.response.command import Command, command_kind, parse, render, verbs
from simulator.response.evidence import Logs
from simulator.response.looks import Alerts, Pods, Query, Status
from simulator.response.navigation import NAVIGATION, parse_navigation
from simulator.response.process import Acknowledge, Declare, Hypothesis, Note, Resolve, Update
from simulator.taxonomy import MECHANISMS, TRIGGERS
from simulator.units import MINUTE, SECOND, format_duration

NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,12}", fullmatch=True)
EDGES = st.builds("{} -> {}".format, NAMES, NAMES)
SHARES = st.floats(0.0, 1.0)
WHOLE = st.integers(0, 10**9)
SPANS = st.integers(1, 10**15).map(format_duration)
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: bool(text.strip()))
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20)


def limits() -> st.SearchStrategy[Command]:
    return st.builds(
        LimitTraffic,
        target=NAMES.map("class/{}".format),
        requests_per_second_max=st.none() | st.floats(0, 1e6),
        concurrency_max=WHOLE,
        prompt_tokens_max=st.none() | WHOLE,
        output_tokens_max=st.none() | WHOLE,
    )


def hypotheses() -> st.SearchStrategy[Command]:
    return st.builds(
        Hypothesis,
        component=NAMES,
        mechanism=st.sampled_from(sorted(MECHANISMS)),
        trigger=st.none() | st.sampled_from(sorted(TRIGGERS)),
        confidence=SHARES,
        note=LINES,
    )


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(ScaleComponent, target=NAMES, replicas=st.integers(0, 1000)),
    st.builds(ShedLoad, target=NAMES, share=SHARES),
    st.builds(FailOver, target=EDGES, to=NAMES, share=SHARES),
    st.builds(SetRetries, target=EDGES, retries_max=st.integers(0, 20), budget=st.none() | SHARES),
    st.builds(
        SetTimeout, target=EDGES, after=SPANS, on_timeout=st.sampled_from([None, "cancel", "leave"])
    ),
    st.builds(TuneComponent, target=NAMES, setting=st.just("ttl"), value=SPANS),
    st.builds(TuneComponent, target=NAMES, setting=st.just("ef"), value=WHOLE),
    st.builds(WarmCache, target=NAMES, share=SHARES),
    st.builds(AddNodes, target=NAMES, count=st.integers(1, 100)),
    st.builds(DeletePod, target=NAMES, force=st.booleans()),
    limits(),
    hypotheses(),
    st.builds(Declare, severity=st.sampled_from(["sev1", "SEV-5"])),
    st.builds(Update, text=TEXTS),
    st.builds(Note, text=TEXTS),
    st.builds(Query, expr=TEXTS),
    st.builds(Pods, component=st.none() | NAMES),
    st.builds(
        Logs,
        component=NAMES,
        since=SPANS,
        grep=st.none() | LINES.filter(lambda text: bool(text.strip())),
        level=st.sampled_from(["debug", "info", "warning", "error"]),
    ),
    st.sampled_from([Acknowledge(), Resolve(), Status(), Alerts()]),
)


@given(command=COMMANDS)
def test_journal_line_gives_the_command_back(command: Command) -> None:
    line = render(command)

    assert parse(line) == command
    assert "\n" not in line


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("scale llm 6", ScaleComponent(target="llm", replicas=6)),
        (
            "limit class/chat prompt_tokens 8000",
            LimitTraffic(target="class/chat", prompt_tokens_max=8000),
        ),
        (
            "hypothesis llm kv_exhaustion --trigger mix_shift --confidence 0.8",
            Hypothesis(
                component="llm", mechanism="kv_exhaustion", trigger="mix_shift", confidence=0.8
            ),
        ),
        ("ack", Acknowledge()),
        ("  declare   SEV2 ", Declare(severity="SEV-2")),
        ('update "we are on it"', Update(text="we are on it")),
        ("note it's odd: {a} | b", Note(text="it's odd: {a} | b")),
        (
            'query max by (pod) (up{job="llm"}) > 0; x',
            Query(expr='max by (pod) (up{job="llm"}) > 0; x'),
        ),
        (
            "logs llm --since=10m --grep 'KV cache' --level error",
            Logs.build({"component": "llm", "since": "10m", "grep": "KV cache", "level": "error"}),
        ),
        ("LOGS llm", Logs.build({"component": "llm", "since": format_duration(5 * MINUTE)})),
        (
            "timeout gateway->llm 20s",
            SetTimeout.build({"target": "gateway -> llm", "after": format_duration(20 * SECOND)}),
        ),
        ("resolve", Resolve()),
    ],
)
def test_line_as_a_person_types_it(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "nothing was said"),
        ("scael llm 6", "no command 'scael' .did you mean 'scale'"),
        ("stats", "did you mean 'status'"),
        ("step 10s", "'step' moves the clock"),
        ("scale llm", "replicas is missing; write: scale COMPONENT REPLICAS"),
        ("scale llm many", "replicas: .*valid integer"),
        ("scale llm -1", "replicas: .*greater than or equal to 0"),
        ("scale llm 6 7", "'7' is one word too many"),
        ("scale llm 6 --now", "no option --now"),
        ("restart 'llm", "a quote is missing"),
        ("restart ;rm", "is not a name"),
        ("shed chat 0.3", "not a share; write a percentage"),
        ("shed chat 130%", "not between"),
        ("timeout llm 5s", "'llm' is not an edge; write CALLER -> CALLEE"),
        ("timeout gateway -> llm 5", "not a duration"),
        ("limit llm concurrency 5", "limits are of a class"),
        ("limit class/chat", "say what to limit"),
        ("limit class/chat concurrency", "pairs of a limit and a number"),
        ("limit class/chat prompt_token 5", "did you mean 'prompt_tokens'"),
        ("limit gateway -> llm prompt_tokens 5", "limits of tokens and tenants are of a class"),
        ("tune passages ttl 10", "ttl needs a unit: write 10s or 10m"),
        ("tune llm max_num_seqs 10m", "max_num_seqs is a whole number"),
        ("hypothesis llm kv_exhausted", "did you mean 'kv_exhaustion'"),
        ("hypothesis llm kv_exhaustion --trigger mix", "no trigger 'mix'"),
        ("hypothesis llm kv_exhaustion --confidence 3", "less than or equal to 1"),
        ("hypothesis llm kv_exhaustion --note", "--note needs a value"),
        ("declare terrible", "severity: Input should be 'SEV-1'"),
        ("query", "expr is missing; write: query PROMQL"),
        ("note", "text is missing"),
        ("logs llm --level loud", "level: Input should be 'debug'"),
        ("ack all", "one word too many"),
    ],
)
def test_malformed_line_says_what_to_write(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse(line)


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_is_its_own_name(verb: str) -> None:
    assert command_kind(verb).kind_name == verb
    assert command_kind(verb.replace("_", "-").upper()).kind_name == verb


@given(
    verb=st.sampled_from(["", *verbs(), *NAVIGATION]),
    rest=st.text(st.sampled_from("aZ09 -->=.'\"/:%²∞\n") | st.characters(), max_size=30),
)
def test_whatever_is_typed_is_understood_or_explained(verb: str, rest: str) -> None:
    line = f"{verb} {rest}"

    try:
        says = (parse_navigation(line) or parse(line)).kind_name
    except UsageError as explained:
        says = str(explained)

    assert says


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "1e300"])
def test_limit_is_a_figure_one_can_set(value: str) -> None:
    with pytest.raises(UsageError, match="requests_per_second_max"):
        parse(f"limit class/chat requests_per_second {value}")
