"""The HPA's replica calculator; long because each kind of metric has its own table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.system.autoscaling.hpa import decide
from simulator.system.autoscaling.observed import MetricInput, PodSample, Unavailable
from simulator.system.autoscaling.proposals import INT32_MAX, Proposal, propose
from simulator.system.autoscaling.spec import (
    DEFAULT_CONTROLLER,
    HpaSpec,
    Metric,
    Rules,
    Source,
    TargetType,
)
from simulator.system.autoscaling.state import HpaState
from simulator.units import SECOND
from tests.system.autoscaling._builders import (
    CPU_80,
    UP,
    behavior,
    external,
    hpa,
    per_pod,
    pods,
    seen,
)

MEMORY = Metric(Source.RESOURCE, "memory", TargetType.UTILIZATION, 80)
CPU_VALUE = Metric(Source.RESOURCE, "cpu", TargetType.AVERAGE_VALUE, 800)


def _one(
    metric: Metric,
    given_input: MetricInput,
    *,
    replicas: int = 4,
    ready: int | None = None,
    spec: HpaSpec | None = None,
) -> Proposal:
    observed = seen(given_input, replicas=replicas, ready=ready, now_s=10_000)
    return propose(spec or hpa(metric), metric, given_input, observed, DEFAULT_CONTROLLER)


def _not_ready(pod: PodSample, *, started_s: float, changed_s: float) -> PodSample:
    start, changed = int(started_s * SECOND), int(changed_s * SECOND)
    return replace(pod, ready=False, start=start, ready_changed_at=changed)


def _just_started(pod: PodSample) -> PodSample:
    return _not_ready(pod, started_s=9_900, changed_s=9_900)


@pytest.mark.parametrize(
    ("milli", "replicas", "wanted"),
    [
        pytest.param([800] * 4, 4, 4, id="on target"),
        pytest.param([880] * 4, 4, 4, id="at the upper edge of the tolerance"),
        pytest.param([890] * 4, 4, 5, id="above it: 89 / 80 x 4 = 4.45"),
        pytest.param([720] * 4, 4, 4, id="at the lower edge"),
        pytest.param([710] * 4, 4, 4, id="below it: 71 / 80 x 4 = 3.55"),
        pytest.param([590] * 4, 4, 3, id="59 / 80 x 4 = 2.95"),
        pytest.param([889] * 4, 4, 4, id="88.9 % is cut to 88 % before the ratio"),
        pytest.param([1600, 1600], 10, 4, id="the pods that count multiply, not the size"),
        pytest.param([0, 0], 2, 0, id="nothing used"),
    ],
)
def test_cpu_utilization(milli: list[int], replicas: int, wanted: int) -> None:
    assert _one(CPU_80, pods(*milli), replicas=replicas).replicas == wanted


@pytest.mark.parametrize(
    ("milli", "wanted"),
    [
        # 4 x 1000 over 5 x 1000 requested: 80 %, not 100 %.
        pytest.param([1000] * 4 + [None], 5, id="on the way up a missing pod counts 0"),
        pytest.param([1600] * 4 + [None], 8, id="and may still leave a need: 128 / 80 x 5"),
        # 40 % would be 2 of 4; with one pod at 100 % it is 52 %: 52 / 80 x 5 = 3.25.
        pytest.param([400] * 4 + [None], 4, id="on the way down it counts all it asked for"),
        pytest.param([700] * 2 + [None] * 2, 4, id="no move where filling in changes direction"),
    ],
)
def test_missing_pods_are_filled_in_carefully(milli: list[int | None], wanted: int) -> None:
    assert _one(CPU_80, pods(*milli), replicas=len(milli)).replicas == wanted


def test_a_target_above_100_percent_fills_in_that_much() -> None:
    metric = replace(CPU_80, target=200)

    # 2 x 500 and one at 2000: 100 %, so 100 / 200 x 3 = 1.5.
    assert _one(metric, pods(500, 500, None), replicas=3).replicas == 2


def test_exactly_on_target_only_values_count_missing_pods_as_idle() -> None:
    running = (*pods(4000, 4000), *replace_names(pods(None)))

    assert _one(CPU_80, (*pods(800, 800), *replace_names(pods(None))), replicas=3).replicas == 3
    assert _one(per_pod(4), running, replicas=3).replicas == 2


def replace_names(group: tuple[PodSample, ...]) -> tuple[PodSample, ...]:
    return tuple(replace(pod, name=f"other-{pod.name}") for pod in group)


def test_unready_pods_count_nothing_on_the_way_up() -> None:
    fresh = tuple(_just_started(pod) for pod in replace_names(pods(5000, 5000)))

    # 2 x 1600 alone would be 4; over four pods it is 80 %.
    assert _one(CPU_80, (*pods(1600, 1600), *fresh)).replicas == 4


def test_unready_pods_do_not_matter_on_the_way_down() -> None:
    fresh = tuple(_just_started(pod) for pod in replace_names(pods(5000, 5000)))

    assert _one(CPU_80, (*pods(300, 300), *fresh)).replicas == 1


@pytest.mark.parametrize(
    ("pod", "counts"),
    [
        pytest.param({}, True, id="ready for long"),
        pytest.param({"ready": None}, False, id="no Ready condition yet"),
        pytest.param({"start": None}, False, id="no start time yet"),
        pytest.param({"is_deleted": True}, False, id="being deleted"),
        pytest.param({"phase": "Failed"}, False, id="failed"),
        pytest.param({"phase": "Pending"}, False, id="pending"),
        pytest.param(
            {"start": 9800 * SECOND, "ready_changed_at": 9850 * SECOND, "ready": False},
            False,
            id="within the initialisation period and not ready",
        ),
        pytest.param(
            {
                "start": 9800 * SECOND, "ready_changed_at": 9985 * SECOND,
                "sampled_at": 9990 * SECOND, "window_ns": 15 * SECOND,
            },
            False,
            id="the sample began before it was ready",
        ),
        pytest.param(
            {
                "start": 9800 * SECOND, "ready_changed_at": 9900 * SECOND,
                "sampled_at": 9990 * SECOND, "window_ns": 15 * SECOND,
            },
            True,
            id="a whole sample since it became ready",
        ),
        pytest.param(
            {"start": 9000 * SECOND, "ready_changed_at": 9020 * SECOND, "ready": False},
            False,
            id="later: never been ready",
        ),
        pytest.param(
            {"start": 9000 * SECOND, "ready_changed_at": 9500 * SECOND, "ready": False},
            True,
            id="later: was ready once",
        ),
    ],
)  # fmt: skip
def test_which_cpu_samples_count(pod: dict[str, object], counts: bool) -> None:  # noqa: FBT001 - a table's column
    odd = replace(replace_names(pods(800))[0], **pod)  # type: ignore[arg-type]  # a table's fields

    low = _one(CPU_80, (*pods(200), odd), replicas=2)

    # Alone 200 of 1000 is 20 %; together with 800 it is 50 %.
    assert low.current == (50 if counts else 20)


def test_memory_of_a_pod_that_is_not_ready_counts() -> None:
    fresh = tuple(_just_started(pod) for pod in pods(1600, 1600))

    assert _one(MEMORY, fresh, replicas=2).replicas == 4
    assert _one(CPU_80, fresh, replicas=2).replicas is None


@pytest.mark.parametrize(
    ("given_input", "message"),
    [
        (pods(800, request=None), "missing request for cpu in container llm of Pod llm-0"),
        ((), "no pods returned by selector while calculating replica count"),
        (pods(None, None), "did not receive metrics for targeted pods (pods might be unready)"),
        (Unavailable("unable to get metrics for resource cpu"), "unable to get metrics"),
        (pods(800, request=0), "no metrics returned matched known pods"),
    ],
)
def test_a_metric_that_cannot_be_computed_says_why(given_input: MetricInput, message: str) -> None:
    proposal = _one(CPU_80, given_input)

    assert proposal.replicas is None
    assert message in proposal.error


def test_one_container_without_a_request_kills_the_metric() -> None:
    whole, partial = pods(800, 800)
    partial = replace(partial, requests_milli=(("llm", 1000), ("sidecar", None)))

    assert "container sidecar of Pod llm-1" in _one(CPU_80, (whole, partial)).error


def test_a_pod_level_request_wins() -> None:
    pod = replace(pods(800, request=None)[0], pod_request_milli=1000)

    assert _one(CPU_80, (pod,), replicas=1).replicas == 1


def test_a_container_metric_looks_at_that_container_alone() -> None:
    metric = Metric(Source.CONTAINER_RESOURCE, "cpu", TargetType.UTILIZATION, 80, container="llm")
    pod = replace(pods(1600)[0], requests_milli=(("llm", 1000), ("sidecar", None)))

    assert _one(metric, (pod,), replicas=1).replicas == 2


@pytest.mark.parametrize(
    ("milli", "wanted"),
    [
        pytest.param([4000, 4000, 4000], 3, id="on target"),
        pytest.param([5000, 5000, 5000], 4, id="5 / 4 x 3 = 3.75"),
        pytest.param([5000, 5000, 5001], 4, id="the average is cut to whole thousandths"),
        pytest.param([8000, 8000, None], 4, id="up, missing counts 0: 16/3 / 4 x 3"),
        pytest.param([1000, 1000, None], 2, id="down, missing counts the target: 6/3 / 4 x 3"),
    ],
)
def test_pods_metric(milli: list[int | None], wanted: int) -> None:
    assert _one(per_pod(4), pods(*milli), replicas=3).replicas == wanted


def test_custom_metrics_of_pods_that_are_not_ready_count() -> None:
    fresh = tuple(_just_started(pod) for pod in pods(8000, 8000))

    assert _one(per_pod(4), fresh, replicas=2).replicas == 4


def test_cpu_as_a_value_needs_no_requests() -> None:
    assert _one(CPU_VALUE, pods(1600, 1600, request=None), replicas=2).replicas == 4


@pytest.mark.parametrize(
    ("target", "value", "replicas", "ready", "wanted"),
    [
        pytest.param(TargetType.VALUE, 250, 4, 4, 4, id="value: on target"),
        pytest.param(TargetType.VALUE, 275, 4, 4, 4, id="value: within tolerance"),
        pytest.param(TargetType.VALUE, 500, 4, 3, 6, id="value: times the ready pods"),
        pytest.param(TargetType.VALUE, 500, 4, 0, 0, id="value: none ready, none wanted"),
        pytest.param(TargetType.VALUE, 260, 0, 0, 2, id="value: from zero, no tolerance"),
        pytest.param(TargetType.AVERAGE_VALUE, 1000, 4, 0, 4, id="average: on target"),
        pytest.param(TargetType.AVERAGE_VALUE, 1100, 4, 0, 4, id="average: within tolerance"),
        pytest.param(TargetType.AVERAGE_VALUE, 1101, 4, 0, 5, id="average: looks at no pod"),
        pytest.param(TargetType.AVERAGE_VALUE, 600, 4, 4, 3, id="average: down"),
        pytest.param(TargetType.AVERAGE_VALUE, 0, 4, 4, 0, id="average: nothing waits"),
        pytest.param(TargetType.AVERAGE_VALUE, 300, 0, 0, 2, id="average: from zero"),
    ],
)
def test_external_metric(
    target: TargetType, value: int, replicas: int, ready: int, wanted: int
) -> None:
    metric = external(target, 250)

    assert _one(metric, value * 1000, replicas=replicas, ready=ready).replicas == wanted


def test_a_count_never_leaves_32_bits() -> None:
    proposal = _one(external(TargetType.VALUE, 1), 2**62, ready=9)

    assert proposal.replicas == INT32_MAX


@pytest.mark.parametrize(("value", "wanted"), [(1040, 4), (1060, 5), (960, 4), (790, 4), (740, 3)])
def test_tolerance_of_the_hpa_itself(value: int, wanted: int) -> None:
    own = behavior(up=replace(UP, tolerance=0.05), down=Rules(0, "Max", (), tolerance=0.25))
    metric = external(TargetType.AVERAGE_VALUE, 250)

    assert _one(metric, value * 1000, spec=hpa(metric, rules=own)).replicas == wanted


SAMPLES = st.lists(st.one_of(st.none(), st.integers(0, 5000)), min_size=1, max_size=12)


@given(SAMPLES, st.integers(1, 12), st.integers(10, 300))
def test_a_proposal_never_goes_against_the_measured_direction(
    milli: list[int | None], replicas: int, target: int
) -> None:
    metric = replace(CPU_80, target=target)

    proposal = _one(metric, pods(*milli), replicas=len(milli))

    if proposal.replicas is None:
        assert all(value is None for value in milli)
    elif (proposal.current or 0) > target:
        assert proposal.replicas >= len(milli)
    else:
        assert proposal.replicas <= len(milli)
    assert replicas > 0


@given(SAMPLES, st.integers(1, 20), st.integers(1, 20), st.integers(1, 20))
def test_a_decision_stays_within_bounds(
    milli: list[int | None], replicas: int, low: int, span: int
) -> None:
    spec = hpa(least=low, most=low + span)

    decision = decide(spec, HpaState(), seen(pods(*milli), replicas=replicas))

    assert low <= decision.desired <= low + span or not decision.rescales
    assert decision.reason


@given(SAMPLES)
def test_the_order_of_pods_does_not_matter(milli: list[int | None]) -> None:
    group = pods(*milli)

    assert _one(CPU_80, group) == _one(CPU_80, tuple(reversed(group)))
