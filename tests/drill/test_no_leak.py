"""Nothing a responder can reach while the drill is on says what was broken, or how."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import kinds
from simulator.drill.run import Flight, take_off
from simulator.errors import NotFound, QueryError, UsageError
from simulator.faults._base import Fault
from simulator.interfaces.cli.main import run
from simulator.record.digest import canonical
from simulator.record.folder import new_run
from simulator.record.model import Json
from simulator.scenario.reader import load
from simulator.taxonomy import MECHANISMS
from simulator.units import MINUTE
from tests.drill.small import PATH
from tests.rehearsal import SHORTER

EVERYTHING = """
faults:
  - {kind: bad_release, at: 30s, target: llm, revision: 2026-03, quality: 40%, note: model 2026-03}
  - {kind: cache_flush, at: 40s, target: pages}
  - {kind: capacity_dip, at: 50s, target: catalogue, lasts: 21s, share_left: 23%}
  - {kind: load_spike, at: 60s, target: class/facts, multiplier: 1.37}
  - {kind: slow_gpu, at: 70s, target: node/gpu-1, slowdown: 7.77}
  - kind: prompt_mix_shift
    at: 80s
    target: class/chat
    share: 13%
    prompt_tokens: {quantiles: {50%: 12321, 99%: 34543}}
  - {kind: provider_quota_cut, at: 90s, target: provider, share_left: 31%}
  - {kind: node_loss, at: 2m, target: node/gpu-0}
  - {kind: slow_link, at: 65s, target: gateway -> pages, delay: 7ms, jitter: 3ms}
  - {kind: lossy_link, at: 75s, target: gateway -> catalogue, share: 2%}
  - {kind: network_partition, at: 85s, target: pod/pages-0, lost: answers, share: 30%}
  - kind: leaky_release
    at: 55s
    target: catalogue
    per_second: 3Mi
    revision: "1.1"
    note: catalogue 1.1
  - {kind: provider_overload, at: 95s, target: provider, demand: 2.3}
  - {kind: exporter_down, at: 30s, target: pod/door-1}
  - {kind: scrape_lag, at: 130s, slowdown: 4.37}
  - {kind: lost_logs, at: 3m, share: 37%, lines_per_second: 7}
  - {kind: cardinality_blowup, at: 35s, target: door, revision: 1.9.0, note: door 1.9.0, values: 41}
  - {kind: wrong_dashboard, at: 45s, dashboard: llm, panel: Tokens, shows: door}
  - {kind: oversensitive_rules, at: 55s, sensitivity: 8.88}
  - {kind: missing_alert, at: 4m, alerts: [AnswersFail]}
  - {kind: chronic_alert, alert: DiskFills, expr: vector(1), summary: A disk fills up}
"""
LIMITED = (
    "components.catalogue.limits={memory: {max: 2Gi, base: 400Mi}}",
    "components.provider.capacity={streams: 2000, others: 0.7}",
)
"""What some of them need."""
FIGURES = ("7.77", "12321", "34543")
"""Numbers of that section which nothing measured can come near by chance."""
LOOKS = (
    "status", "alerts", "changes", "topology", "pods", "nodes", "brief", "query up", "events",
    "tickets", "anomalies --all", "exemplars",
    'query {__name__=~".+"}', 'query {cause=~".+"}',
)  # fmt: skip
MISTAKES = (
    "restart nothing", "scale llm many", "frobnicate", "query sum(", "logs nothing",
    "failover gateway -> nowhere llm", "limit class/chat", "rollback gateway", "unfreeze gateway",
)  # fmt: skip
ACTS = ("scale llm 4", "restart llm-1", "limit class/chat requests_per_second 12")

pytestmark = pytest.mark.xdist_group("small")


def secrets(name: str, faults: list[Fault]) -> list[str]:
    """Every word that would give the answer away, in the ways it might be spelled."""
    words = {"located_at", "until_healed", "slowdown", "share_left", "prompt_mix"}
    for number, fault in enumerate(faults):
        words |= {fault.kind, fault.mechanism, f"{fault.kind}-{number}", type(fault).__name__}
    words |= set(kinds.names("faults")) | set(MECHANISMS)
    words |= set(FIGURES) if name == "small" else set()
    spelled = {form for word in words for form in (word, word.replace("_", " "))}
    return sorted({form.lower() for form in spelled})


def told(text: str, words: list[str]) -> list[str]:
    """Which of these words a text holds, as words of their own."""
    low = text.lower()
    return [
        word for word in words if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", low)
    ]


def said(flight: Flight, command: str) -> str:
    """What comes back for a line at the prompt, an error's message included."""
    try:
        return "\n".join(flight.session.do(command).lines)
    except (NotFound, UsageError, QueryError) as error:
        return str(error)


def reachable(flight: Flight, folder: Path) -> Iterator[tuple[str, str]]:
    """Everything there is to see at this instant, with where it was seen."""
    names = list(flight.drill.kinds)
    looks = [*LOOKS, *(f"logs {n} --since 10m --level debug" for n in names)]
    looks += [f"metrics {name}" for name in names]
    for command in (*looks, *MISTAKES, *ACTS):
        yield command, said(flight, command)
    yield "brief", "\n".join(flight.session.brief)
    for entry in flight.session.entries():
        row: list[Json] = [entry.kind, entry.subject, entry.detail]
        yield f"entry {entry.seq}", canonical(row)
    for path in sorted(folder.rglob("*")):
        yield f"file {path.name}", path.name
        yield f"file {path.name}", path.read_text(encoding="utf-8") if path.is_file() else ""


def leaks(flight: Flight, folder: Path, words: list[str]) -> list[tuple[str, str]]:
    found = []
    for minute in (1, 3, 5):
        flight.session.advance(minute * MINUTE)
        found += [(at, w) for at, text in reachable(flight, folder) for w in told(text, words)]
    return found


@pytest.fixture
def broken_everywhere(tmp_path: Path) -> Path:
    """The small drill with every kind of fault in it."""
    shutil.copytree(PATH.parent, tmp_path / "drills")
    path = tmp_path / "drills" / PATH.name
    path.write_text(PATH.read_text(encoding="utf-8") + EVERYTHING, encoding="utf-8")
    return path


def test_with_every_fault_at_once_nothing_in_reach_names_one(
    broken_everywhere: Path, tmp_path: Path
) -> None:
    scenario = load(broken_everywhere, set_=LIMITED)
    assert {fault.kind for fault in scenario.faults} == set(kinds.names("faults"))
    place = new_run(tmp_path / "runs", scenario.name)

    flight = take_off(scenario, seed=1, journal=place.journal)

    assert leaks(flight, tmp_path / "runs", secrets("small", scenario.faults)) == []
    assert any(entry.kind == "paged" for entry in flight.session.entries())


@pytest.mark.parametrize("name", sorted(SHORTER))
def test_no_shipped_drill_names_its_trouble(name: str, tmp_path: Path) -> None:
    scenario = load(name, set_=SHORTER[name])
    place = new_run(tmp_path / "runs", scenario.name)

    flight = take_off(scenario, seed=3, journal=place.journal)

    assert leaks(flight, tmp_path / "runs", secrets(name, scenario.faults)) == []


@pytest.mark.parametrize("name", sorted(SHORTER))
def test_show_and_list_say_nothing_of_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = secrets(name, load(name).faults)

    assert run(["show", name]) == 0
    assert run(["list"]) == 0
    assert run(["list", "--format", "json"]) == 0

    assert told(capsys.readouterr().out, words) == []


def test_the_public_list_of_mechanisms_is_the_same_in_every_drill() -> None:
    lists = {said(take_off(load(name, set_=SHORTER[name])), "mechanisms") for name in SHORTER}

    assert len(lists) == 1


def test_a_leak_would_be_noticed() -> None:
    words = secrets("small", [])

    assert told("the cache_flush-0 struck", words) == ["cache_flush"]
    assert told("a Retry Storm", words) == ["retry storm"]
    assert told("slowdowns of flush", words) == []
