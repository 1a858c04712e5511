import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from simulator.clock import Clock
from simulator.errors import ActionRefused, NotFound, QueryError
from simulator.system.autoscaling.adapter import (
    PromqlAdapter,
    Sample,
    expression_of,
    unusable,
)
from simulator.system.autoscaling.hpa import Decision
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.autoscaling.loop import AutoscalerLoop, clashes, loop_for
from simulator.system.autoscaling.metrics_server import MetricsServer
from simulator.system.autoscaling.observed import Unavailable
from simulator.system.autoscaling.policy import read_policy
from simulator.system.autoscaling.spec import Matcher, Metric, Source, TargetType
from simulator.units import SECOND
from simulator.world import ComponentView, PodPhase, PodView
from tests.system.autoscaling._builders import external, hpa

WAITING = Metric(Source.PODS, "vllm_num_requests_waiting", TargetType.AVERAGE_VALUE, 4000)
KNOWN = ["up", "vllm:num_requests_running", "vllm:num_requests_waiting"]


def _pod(name: str, **changes: object) -> PodView:
    running = PodView(name, "llm", "gpu-0", PodPhase.RUNNING, True, "v1", 0, 0, 0, 0)  # noqa: FBT003 - a view's field
    return replace(running, **changes)  # type: ignore[arg-type]  # any field


@dataclass
class FixedApi:
    """An API server with pods that change only by scaling."""

    found: list[PodView]
    desired: int
    refuses: bool = False
    asked: list[int] = field(default_factory=list)

    def component(self, name: str) -> ComponentView:
        return ComponentView(name, "llm", self.desired, len(self.found), "v1", None, False)  # noqa: FBT003 - a view's field

    def pods(self, component: str | None = None) -> Sequence[PodView]:
        assert component == "llm"
        return self.found

    def scale(self, component: str, replicas: int) -> None:
        assert component == "llm"
        self.asked.append(replicas)
        if self.refuses:
            raise ActionRefused("not now")
        self.desired = replicas


def _hpa(name: str = "llm", *, cpu: bool = False) -> Autoscaler:
    pods_metric = {
        "type": "Pods",
        "pods": {
            "metric": {"name": "vllm_num_requests_waiting"},
            "target": {"type": "AverageValue", "averageValue": 4},
        },
    }
    cpu_metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    spec = {
        "scaleTargetRef": {"kind": "Deployment", "name": "llm"},
        "maxReplicas": 9,
        "metrics": [cpu_metric if cpu else pods_metric],
    }
    return read_policy({"kind": "hpa", "name": name, "spec": spec}).policy


def _adapter(
    answer: Sequence[tuple[Mapping[str, str], float]] = (),
    samples: Mapping[str, Sample] | None = None,
) -> PromqlAdapter:
    return PromqlAdapter(lambda _expr, _at: answer, lambda _name: samples or {}, lambda: KNOWN)


def _run(
    policy: Autoscaler,
    api: FixedApi,
    adapter: PromqlAdapter,
    until_s: int,
    during: Callable[[AutoscalerLoop, int], None] = lambda _loop, _now: None,
    **settings: object,
) -> list[Decision]:
    clock, decisions = Clock(), []
    loop = loop_for(
        policy, clock, api, adapter, lambda _component, _resource: 1000, api.scale,
        lambda name, decision: decisions.append((name, decision)),
        **settings,  # type: ignore[arg-type]  # optional keywords
    )  # fmt: skip
    loop.start()
    while clock.peek() <= until_s * SECOND:
        during(loop, clock.now)
        clock.step()
    assert {name for name, _ in decisions} <= {policy.title}
    return [decision for _, decision in decisions]


def test_an_hpa_decides_every_15_seconds_in_its_own_phase() -> None:
    first = _run(_hpa("llm"), FixedApi([], 1), _adapter(), 100)
    other = _run(_hpa("embed"), FixedApi([], 1), _adapter(), 100)

    steps = {b.at - a.at for a, b in itertools.pairwise(first)}
    assert steps == {15 * SECOND}
    assert 0 <= first[0].at < 15 * SECOND
    assert first[0].at != other[0].at
    assert first == _run(_hpa("llm"), FixedApi([], 1), _adapter(), 100)


def test_an_hpa_scales_on_what_its_adapter_says() -> None:
    api = FixedApi([_pod("llm-0"), _pod("llm-1")], 2)
    answer = [({"pod": "llm-0"}, 9.0), ({"pod": "llm-1"}, 7.0), ({"pod": "embed-0"}, 99.0)]

    decisions = _run(_hpa(), api, _adapter(answer), 14)

    assert api.asked == [4]
    assert decisions[0].reason == (
        "pods metric vllm_num_requests_waiting above target; "
        "pods metric vllm_num_requests_waiting is 8, target 4, ratio 2.000 x 2 pods: 4"
    )


def test_pods_arrive_as_the_api_server_shows_them() -> None:
    long_ago = {"started_at": -900 * SECOND, "ready_changed_at": -800 * SECOND}
    api = FixedApi(
        [
            _pod("llm-0", **long_ago),
            _pod("llm-1", is_ready=False, phase=PodPhase.PENDING, ready_changed_at=None),
            _pod("llm-2", phase=PodPhase.TERMINATING, is_ready=False),
            _pod("llm-3", **long_ago),
        ],
        3,
    )
    samples = {name: Sample(2000, 0, 15 * SECOND) for name in ("llm-0", "llm-2", "llm-3")}

    decision = _run(_hpa(cpu=True), api, _adapter(samples=samples), 14)[0]

    # Two of three count 200 %, the pending one nothing: 133 / 80 x 3.
    assert decision.proposed == 5
    assert "0 without a sample, 1 not ready" in decision.reason


def test_a_frozen_autoscaler_does_nothing_until_it_is_let_go() -> None:
    api = FixedApi([_pod("llm-0")], 1)

    def freeze(loop: AutoscalerLoop, now: int) -> None:
        loop.is_frozen = now < 50 * SECOND

    decisions = _run(_hpa(), api, _adapter([({"pod": "llm-0"}, 9.0)]), 100, freeze)

    assert min(decision.at for decision in decisions) >= 50 * SECOND
    assert api.asked


def test_a_refused_scale_is_asked_for_again() -> None:
    api = FixedApi([_pod("llm-0")], 1, refuses=True)

    _run(_hpa(), api, _adapter([({"pod": "llm-0"}, 9.0)]), 29)

    assert api.asked == [3, 3]


def test_hpas_on_the_same_component_stop_each_other() -> None:
    one, two = _hpa("a"), _hpa("b")
    api = FixedApi([_pod("llm-0")], 1)

    found = clashes([one, two])
    decisions = _run(one, api, _adapter([({"pod": "llm-0"}, 9.0)]), 29, clashes_with=found["a"])

    assert found == {"a": ("b",), "b": ("a",)}
    assert api.asked == []
    assert all(d.reason.startswith("AmbiguousSelector") for d in decisions)


def test_a_static_policy_asks_once() -> None:
    api = FixedApi([], 2)
    policy = read_policy({"kind": "static", "target": "llm", "replicas": 6}).policy

    decisions = _run(policy, api, _adapter(), 100)

    assert api.asked == [6]
    assert [(d.at, d.current, d.desired, d.reason) for d in decisions] == [
        (0, 2, 6, "fixed at 6 replicas")
    ]


@pytest.mark.parametrize(
    ("metric", "mapping", "expected"),
    [
        (WAITING, {}, "sum by (pod) (vllm:num_requests_waiting)"),
        (replace(WAITING, source=Source.OBJECT), {}, "sum(vllm:num_requests_waiting)"),
        (
            replace(WAITING, source=Source.EXTERNAL, matchers=(Matcher("model", "=", 'a"b'),)),
            {},
            'sum(vllm:num_requests_waiting{model="a\\"b"})',
        ),
        (WAITING, {"vllm_num_requests_waiting": "max(x)"}, "max(x)"),
    ],
)
def test_metric_names_become_promql(metric: Metric, mapping: dict[str, str], expected: str) -> None:
    assert expression_of(metric, mapping, KNOWN) == expected


def test_an_unmapped_name_names_the_nearest() -> None:
    typo = replace(WAITING, name="vllm_num_request_waiting")

    with pytest.raises(NotFound, match="did you mean 'vllm_num_requests_waiting'"):
        expression_of(typo, {}, KNOWN)


def test_metrics_that_could_never_be_read_are_found_before_a_drill() -> None:
    memory = Metric(Source.RESOURCE, "memory", TargetType.UTILIZATION, 80)
    chosen = replace(external(TargetType.VALUE, 1), name="lag", matchers=(Matcher("a", "=", "b"),))
    spec = hpa(memory, WAITING, chosen, replace(WAITING, name="vllm_waiting"))

    found = unusable(spec, {"lag": "sum(x)"}, KNOWN)

    assert [text.split(";")[0] for text in found] == [
        "resource 'memory' is not measured here",
        "metric 'lag' is mapped to PromQL, so its selector has no effect",
        "no metric 'vllm_waiting' (did you mean 'vllm_num_requests_waiting'?)",
    ]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ([({}, 1.2345), ({}, 2.0)], 3234),
        ([({}, float("nan"))], 0),
        ([({}, float("inf"))], 2**63 - 1),
    ],
)
def test_values_are_whole_milli_units(
    answer: list[tuple[dict[str, str], float]], value: int
) -> None:
    metric = replace(WAITING, source=Source.EXTERNAL)

    assert _adapter(answer).value(metric, 0) == value


def test_no_series_and_a_failed_query_are_unavailable() -> None:
    def fails(_expression: str, _at: int) -> Sequence[tuple[Mapping[str, str], float]]:
        raise QueryError("many-to-many matching")

    broken = PromqlAdapter(fails, lambda _name: {}, lambda: KNOWN)
    metric = replace(WAITING, source=Source.EXTERNAL)

    assert _adapter().value(metric, 0) == Unavailable(
        "unable to get external metric vllm_num_requests_waiting: no metrics returned"
    )
    assert broken.value(metric, 0) == Unavailable(
        "unable to get metric vllm_num_requests_waiting: many-to-many matching"
    )


def test_cpu_samples_are_rates_over_their_window() -> None:
    clock, used = Clock(), {"llm-0": 0, "llm-1": 5 * SECOND}
    server = MetricsServer(clock, lambda: dict(used))
    server.start()
    clock.step()
    clock.step()
    first = server.samples("cpu")

    used.update({"llm-0": 3 * SECOND, "llm-1": SECOND, "llm-2": SECOND})
    clock.step()

    # One counter fell, so its container is new; one pod has been seen only once.
    assert (first, server.samples("cpu")) == (
        {},
        {"llm-0": Sample(200, 15 * SECOND, 15 * SECOND)},
    )
    assert isinstance(server.samples("memory"), Unavailable)
