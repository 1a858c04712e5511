from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from simulator import kinds
from simulator.faults._base import Fault
from simulator.taxonomy import MEANINGS, MECHANISMS, TRIGGERS, Family
from simulator.units import MINUTE, SECOND
from simulator.world import Home, Knob, Place, TokenMix
from tests.faults.fake_world import FakeWorld

NAMES = kinds.names("faults")
TARGETS: dict[str, dict[str, Any]] = {
    "prompt_mix_shift": {
        "target": "class/chat",
        "share": "30%",
        "prompt_tokens": {"quantiles": {"50%": 24000, "99%": 60000}},
    },
    "slow_gpu": {"target": "node/gpu-1", "slowdown": 1.8},
    "node_loss": {"target": "node/gpu-0"},
    "cache_flush": {"target": "passages"},
    "capacity_dip": {"target": "vectors", "lasts": "10s", "share_left": "20%"},
    "provider_quota_cut": {"target": "provider", "share_left": "25%"},
    "bad_release": {"target": "llm", "revision": "two", "quality": "70%", "note": "model two"},
    "provider_overload": {"target": "provider", "demand": 2.0},
    "leaky_release": {
        "target": "llm",
        "per_second": "2Mi",
        "revision": "two",
        "note": "llm two: response cache",
    },
    "load_spike": {"target": "class/chat", "multiplier": 2.5},
    "lossy_link": {"target": "gateway -> vectors", "share": "2%"},
    "slow_link": {"target": "gateway -> llm", "delay": "50ms", "jitter": "20ms"},
    "network_partition": {"target": "pod/llm-1", "lost": "answers", "share": "30%"},
    "exporter_down": {"target": "llm"},
    "scrape_lag": {"slowdown": 8},
    "lost_logs": {"share": "90%"},
    "cardinality_blowup": {"target": "gateway", "revision": "two", "note": "by customer"},
    "wrong_dashboard": {"dashboard": "llm", "panel": "Tokens", "shows": "gateway"},
    "oversensitive_rules": {"sensitivity": 10},
    "missing_alert": {"alerts": ["AnswersFail"]},
    "chronic_alert": {"alert": "CertificateExpires"},
}


def fault_class(name: str) -> type[Fault]:
    found = kinds.load("faults", name)
    assert issubclass(found, Fault)
    return found


def fault(name: str, **changes: Any) -> Fault:
    at = {} if fault_class(name).is_there_before else {"at": "20m"}
    return fault_class(name).model_validate({"kind": name, **at, **TARGETS[name], **changes})


def test_every_fault_has_a_case_here() -> None:
    assert sorted(TARGETS) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_speaks_the_public_words(name: str) -> None:
    kind = fault_class(name)

    assert kind.kind_name == name
    assert get_args(kind.model_fields["kind"].annotation) == (name,)
    assert MECHANISMS[kind.mechanism] is kind.family
    assert kind.trigger in TRIGGERS
    assert isinstance(kind.home, Home)


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_has_its_card(name: str) -> None:
    card = fault_class(name).__doc__ or ""

    for part in ("Symptom:", "Evidence:", "Right:", "Tempting:"):
        assert part in card


@pytest.mark.parametrize("name", NAMES)
def test_every_field_says_what_it_is_with_an_example(name: str) -> None:
    bare = [
        field
        for field, info in fault_class(name).model_fields.items()
        if field != "kind" and not (info.description and info.examples)
    ]

    assert bare == []


def test_public_words_do_not_name_a_kind_of_fault() -> None:
    assert set(NAMES) & (set(MECHANISMS) | set(TRIGGERS)) == set()


def test_taxonomy_covers_every_family_with_plausible_others() -> None:
    used = {fault_class(name).mechanism for name in NAMES}

    assert set(MECHANISMS.values()) == set(Family)
    assert len(MECHANISMS) >= 2 * len(used)
    assert set(MEANINGS) == set(MECHANISMS)


CHAT, GPU_1 = Place("class", "chat"), Place("node", "gpu-1")


@pytest.mark.parametrize(
    ("name", "held"),
    [
        pytest.param("prompt_mix_shift", (Home.TRAFFIC, CHAT, Knob.MIX, 0.3)),
        pytest.param("slow_gpu", (Home.HOST, GPU_1, Knob.SLOWDOWN, 1.8)),
        pytest.param(
            "capacity_dip", (Home.PROCESS, Place("component", "vectors"), Knob.WORKERS, 0.2)
        ),
        pytest.param(
            "provider_quota_cut", (Home.EXTERNAL, Place("component", "provider"), Knob.QUOTA, 0.25)
        ),
        pytest.param("load_spike", (Home.TRAFFIC, CHAT, Knob.ARRIVALS, 2.5)),
        pytest.param(
            "lossy_link",
            (Home.EXTERNAL, Place("edge", "gateway -> vectors"), Knob.LOSS, 0.02),
        ),
        pytest.param(
            "network_partition",
            (Home.EXTERNAL, Place("pod", "llm-1"), Knob.ANSWERS_BLOCKED, 0.3),
        ),
        pytest.param(
            "exporter_down", (Home.PROCESS, Place("component", "llm"), Knob.SCRAPE_FAILURE, 1.0)
        ),
        pytest.param(
            "scrape_lag", (Home.PROCESS, Place("monitoring", "prometheus"), Knob.SLOWDOWN, 8.0)
        ),
        pytest.param(
            "lost_logs", (Home.PROCESS, Place("monitoring", "log-collector"), Knob.LOG_LOSS, 0.9)
        ),
        pytest.param(
            "cardinality_blowup",
            (Home.RELEASE, Place("revision", "gateway@two"), Knob.LABEL_VALUES, 20_000.0),
        ),
    ],
)
def test_fault_turns_one_knob_at_its_home(name: str, held: tuple[Home, Place, Knob, float]) -> None:
    world = FakeWorld()

    fault(name).strike(world, "first")

    assert world.held == {("first", *held)}


def test_mix_shift_says_what_the_others_ask_for() -> None:
    world = FakeWorld()

    fault("prompt_mix_shift").strike(world, "first")

    assert world.mixes == {"chat": TokenMix(((0.5, 24000.0), (0.99, 60000.0)), ())}


def test_node_loss_stops_the_host_and_deletes_no_pod() -> None:
    world = FakeWorld()

    fault("node_loss").strike(world, "first")

    assert world.lost == {"gpu-0"}
    assert [pod.name for pod in world.pods("llm")] == ["llm-0", "llm-1"]


def test_cache_flush_deletes_the_keys_once() -> None:
    world = FakeWorld()

    fault("cache_flush").strike(world, "first")
    world.let_traffic_refill()
    fault("cache_flush").lift(world, "first")

    assert world.keys == {"passages": 100}


def test_bad_release_is_a_revision_of_its_own() -> None:
    world = FakeWorld()

    fault("bad_release").strike(world, "first")

    assert (world.revisions["llm"], world.qualities["llm"]) == ("two", 0.7)
    assert world.held == set()


def test_bad_release_that_was_rolled_back_is_left_alone_when_it_lifts() -> None:
    world = FakeWorld()
    fault("bad_release").strike(world, "first")
    world.release("llm", "three", 0.95, "a later one")

    fault("bad_release").lift(world, "first")

    assert world.revisions["llm"] == "three"


@pytest.mark.parametrize("name", NAMES)
def test_fault_heals_completely(name: str) -> None:
    world = FakeWorld()
    before = world.state()

    fault(name).strike(world, "first")
    struck = world.state()
    fault(name).lift(world, "first")
    world.let_traffic_refill()

    assert struck != before
    assert world.state() == before


@given(strikes=st.permutations(NAMES), lifts=st.permutations(NAMES), count=st.integers(1, 8))
def test_faults_lift_in_any_order_without_a_trace(
    strikes: list[str], lifts: list[str], count: int
) -> None:
    world = FakeWorld()
    before = world.state()
    chosen = strikes[:count]

    for name in chosen:
        fault(name).strike(world, f"cause-{name}")
    for name in [name for name in lifts if name in chosen]:
        fault(name).lift(world, f"cause-{name}")
    world.let_traffic_refill()

    assert world.state() == before


def test_two_causes_of_one_kind_lift_one_by_one() -> None:
    world = FakeWorld()
    fault("slow_gpu").strike(world, "first")
    fault("slow_gpu", slowdown=3.0).strike(world, "second")

    fault("slow_gpu").lift(world, "first")

    assert world.held == {("second", Home.HOST, GPU_1, Knob.SLOWDOWN, 3.0)}


@pytest.mark.parametrize(
    ("name", "component"),
    [
        pytest.param("prompt_mix_shift", "llm", id="where sequences compete for memory"),
        pytest.param("slow_gpu", "llm", id="whose pod is on the host"),
        pytest.param("node_loss", "llm", id="whose pod was on the host"),
        pytest.param("cache_flush", "passages", id="the cache itself"),
        pytest.param("load_spike", "gateway", id="the door"),
        pytest.param("scrape_lag", "prometheus", id="who scrapes"),
        pytest.param("missing_alert", "rules", id="the files that changed"),
    ],
)
def test_perfect_diagnosis_names(name: str, component: str) -> None:
    assert fault(name).component(FakeWorld()) == component


def test_dip_of_a_pod_is_located_at_its_component() -> None:
    assert fault("capacity_dip", target="pod/gateway-0").component(FakeWorld()) == "gateway"


def test_scenario_can_say_where_the_trouble_is() -> None:
    assert fault("load_spike", located_at="vectors").component(FakeWorld()) == "vectors"


@pytest.mark.parametrize(
    ("lasts", "lifts_at"),
    [("until_healed", None), ("5m", 25 * MINUTE), ("30s", 20 * MINUTE + 30 * SECOND)],
)
def test_fault_lifts_by_itself_only_when_told_how_long(lasts: str, lifts_at: int | None) -> None:
    assert fault("slow_gpu", lasts=lasts).lifts_at == lifts_at


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        pytest.param("slow_gpu", {"slowdown": 0.5}, "greater than 1", id="a faster one"),
        pytest.param("slow_gpu", {"slowdwn": 2}, "Extra inputs", id="an unknown field"),
        pytest.param("slow_gpu", {"lasts": "for ever"}, "not a duration", id="no duration"),
        pytest.param("cache_flush", {"lasts": "5m"}, "deleted once", id="a flush with a length"),
        pytest.param("capacity_dip", {"lasts": "until_healed"}, "not a duration", id="endless dip"),
        pytest.param("prompt_mix_shift", {"prompt_tokens": None}, "changes", id="no change"),
        pytest.param(
            "prompt_mix_shift",
            {"prompt_tokens": {"quantiles": {"50%": 900, "99%": 100}}},
            "rise",
            id="falling quantiles",
        ),
    ],
)
def test_senseless_fault_is_refused(name: str, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        fault(name, **changes)


def test_trouble_of_a_zone_says_where_it_shows() -> None:
    with pytest.raises(ValidationError, match="write located_at"):
        fault("network_partition", target="zone/eu-1a")

    assert fault("network_partition", target="zone/eu-1a", located_at="llm").place.kind == "zone"
