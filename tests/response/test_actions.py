import pytest

from simulator import kinds
from simulator.errors import ActionRefused, BrownoutError, NotFound, UsageError
from simulator.response.actions._base import Action
from simulator.response.command import action_kind, parse
from simulator.units import SECOND
from tests.faults.fake_world import FakeWorld

LINES = {
    "scale llm 6": [("scale", "llm", 6)],
    "restart llm-1": [("restart_pod", "llm-1")],
    "restart pod/llm-1": [("restart_pod", "llm-1")],
    "restart llm": [("restart_component", "llm")],
    "drain gpu-1": [("drain_node", "gpu-1")],
    "drain node/gpu-1": [("drain_node", "gpu-1")],
    "drain llm-1": [("drain_pod", "llm-1")],
    "cordon gpu-1": [("cordon", "gpu-1", True)],
    "uncordon node/gpu-1": [("cordon", "gpu-1", False)],
    "rollback llm": [("roll_back", "llm")],
    "restart monitoring/prometheus": [("restart_monitoring", "prometheus")],
    "rollback monitoring/rules": [("roll_back_monitoring", "rules")],
    "limit class/chat prompt_tokens 8000 concurrency 50": [
        ("configure", "class/chat", "concurrency_max", 50.0),
        ("configure", "class/chat", "prompt_tokens_max", 8000.0),
    ],
    "limit gateway -> provider requests_per_second 2.5/s": [
        ("configure", "gateway -> provider", "rate_max", 2.5)
    ],
    "limit class/chat output_tokens off": [("configure", "class/chat", "output_tokens_max", 0.0)],
    "shed chat 30%": [("configure", "class/chat", "shed_share", 0.3)],
    "failover gateway -> llm provider 50%": [
        ("divert", "gateway -> llm", "gateway -> provider", 0.5)
    ],
    "failover gateway->llm provider": [("divert", "gateway -> llm", "gateway -> provider", 1.0)],
    "retries gateway -> llm 0 --budget 10%": [
        ("configure", "gateway -> llm", "retries_max", 0.0),
        ("configure", "gateway -> llm", "retry_budget", 0.1),
    ],
    "timeout gateway -> llm 20s --on-timeout leave": [
        ("configure", "gateway -> llm", "timeout_ns", 20e9),
        ("configure", "gateway -> llm", "cancels", 0.0),
    ],
    "flush passages": [("flush_cache", "passages")],
    "warm passages 80%": [("warm_cache", "passages", 0.8)],
    "add_nodes gpu 2": [("add_nodes", "gpu", 2)],
    "silence alertname=Slow,pod=~a.*": [("silence", "alertname=Slow,pod=~a.*", 3600 * SECOND, "")],
    "expire 2": [("expire_silence", 2)],
    "freeze llm": [("freeze_autoscaler", "llm", True)],
    "unfreeze autoscaler/llm": [("freeze_autoscaler", "llm", False)],
    "delete_pod llm-1": [("drain_pod", "llm-1")],
    "delete-pod llm-1 --force": [("force_delete_pod", "llm-1")],
    "tune llm max_num_seqs 64": [("configure", "llm", "max_num_seqs", 64.0)],
    "tune passages ttl 10m": [("configure", "passages", "ttl_ns", 600e9)],
    "tune passages stale_for 30s": [("configure", "passages", "stale_ns", 30e9)],
    "tune passages keys_max 50000": [("configure", "passages", "keys_max", 50000.0)],
}


def action(line: str) -> Action:
    said = parse(line)
    assert isinstance(said, Action)
    return said


def test_every_action_is_tried_here() -> None:
    assert {action(line).kind_name for line in LINES} == set(kinds.names("actions"))


@pytest.mark.parametrize(("line", "done"), LINES.items())
def test_action_pulls_its_levers(line: str, done: list[tuple[object, ...]]) -> None:
    world = FakeWorld()

    action(line).check(world)
    action(line).perform(world)

    assert world.done == done


@pytest.mark.parametrize("line", LINES)
def test_refused_action_changes_nothing(line: str) -> None:
    world = FakeWorld(refuses="not now")

    with pytest.raises(ActionRefused, match="not now"):
        action(line).perform(world)

    assert world.done == []


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("scale lmm 6", NotFound, "no component 'lmm' .did you mean 'llm'"),
        ("restart llm-9", NotFound, "no component 'llm-9'"),
        ("restart pod/llm-9", NotFound, "no pod 'llm-9'"),
        ("drain gpu-7", NotFound, "no node 'gpu-7'"),
        ("cordon gpu-7", NotFound, "no node"),
        ("uncordon gpu-7", NotFound, "no node"),
        ("rollback chat", NotFound, "no component"),
        ("limit class/chatt concurrency 5", NotFound, "did you mean 'chat'"),
        ("shed nobody 5%", NotFound, "no class"),
        ("failover gateway -> llm vectros", NotFound, "did you mean 'gateway -> vectors'"),
        ("retries gateway -> nothing 0", NotFound, "no edge"),
        ("timeout llm -> gateway 5s", NotFound, "no edge"),
        (
            "flush vectors",
            UsageError,
            r"works on a cache or semantic_cache \(passages\); vectors is a vector_index",
        ),
        ("warm llm", UsageError, "works on a cache"),
        ("add_nodes tpu 1", NotFound, "no node pool 'tpu'"),
        ("freeze gateway", NotFound, "no autoscaler"),
        ("unfreeze gateway", NotFound, "no autoscaler"),
        ("delete_pod gateway", NotFound, "no pod"),
        ("tune vectors max_num_seqs 5", UsageError, "max_num_seqs is of a llm; vectors is"),
    ],
)
def test_bad_target_is_found_before_anything_is_done(
    line: str, error: type[BrownoutError], says: str
) -> None:
    world = FakeWorld()

    with pytest.raises(error, match=says):
        action(line).check(world)

    assert world.done == []


@pytest.mark.parametrize("name", kinds.names("actions"))
def test_every_action_says_what_it_takes_and_costs(name: str) -> None:
    kind = action_kind(name)

    assert kind.mutates
    assert kind.takes_ns > 0
    assert kind.syntax.startswith(name)
    assert kind.effect
    assert kind.cost
    for field, info in kind.model_fields.items():
        assert info.description, field
        assert info.examples, field
