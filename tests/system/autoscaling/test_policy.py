import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from simulator import kinds
from simulator.system.autoscaling.defaults import FilledIn
from simulator.system.autoscaling.kinds.hpa import Hpa
from simulator.system.autoscaling.kinds.static import Static
from simulator.system.autoscaling.policy import Ignored, read_policy
from simulator.system.autoscaling.spec import (
    Behavior,
    HpaSpec,
    Matcher,
    Metric,
    Policy,
    Rules,
    Source,
    TargetType,
)
from simulator.units import SECOND

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "manifests"

FULL = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: llm, namespace: prod, labels: {team: serving}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: llm}
  minReplicas: 2
  maxReplicas: 8
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
    - type: Pods
      pods:
        metric: {name: vllm_num_requests_waiting}
        target: {type: AverageValue, averageValue: 500m}
    - type: Object
      object:
        metric: {name: queue_depth}
        describedObject: {kind: Namespace, name: prod, apiVersion: v1}
        target: {type: Value, value: 4}
    - type: External
      external:
        metric:
          name: lag
          selector:
            matchLabels: {queue: chat}
            matchExpressions:
              - {key: zone, operator: In, values: [a.1, b]}
              - {key: old, operator: DoesNotExist}
        target: {type: AverageValue, averageValue: 1.5k}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 30
      selectPolicy: Min
      tolerance: 0.05
      policies: [{type: Pods, value: 1, periodSeconds: 60}]
    scaleDown: {policies: [{type: Percent, value: 10, periodSeconds: 60}]}
"""


def _full() -> dict[str, Any]:
    document = yaml.safe_load(FULL)
    assert isinstance(document, dict)
    return document


def _spec(document: dict[str, Any]) -> HpaSpec:
    policy = read_policy(document).policy
    assert isinstance(policy, Hpa)
    return policy.resolved()


def test_a_manifest_becomes_plain_numbers() -> None:
    read = read_policy(_full())

    assert isinstance(read.policy, Hpa)
    assert read.ignored == ()
    assert read.policy.resolved() == HpaSpec(
        "llm",
        "llm",
        2,
        8,
        (
            Metric(Source.RESOURCE, "cpu", TargetType.UTILIZATION, 70),
            Metric(Source.PODS, "vllm_num_requests_waiting", TargetType.AVERAGE_VALUE, 500),
            Metric(
                Source.OBJECT,
                "queue_depth",
                TargetType.VALUE,
                4000,
                described_object="Namespace/prod",
            ),
            Metric(
                Source.EXTERNAL,
                "lag",
                TargetType.AVERAGE_VALUE,
                1_500_000,
                matchers=(
                    Matcher("queue", "=", "chat"),
                    Matcher("zone", "=~", "a\\.1|b"),
                    Matcher("old", "=", ""),
                ),
            ),
        ),
        Behavior(
            Rules(30 * SECOND, "Min", (Policy("Pods", 1, 60 * SECOND),), 0.05),
            Rules(300 * SECOND, "Max", (Policy("Percent", 10, 60 * SECOND),)),
        ),
    )
    assert read.policy.filled_in() == (
        FilledIn("behavior.scaleDown.stabilizationWindowSeconds", "300", "kube-controller-manager"),
        FilledIn("behavior.scaleDown.selectPolicy", "Max"),
    )


def test_what_is_left_out_takes_kubernetes_defaults_and_is_told() -> None:
    document = _full()
    document["spec"] = {
        "scaleTargetRef": {"kind": "Deployment", "name": "llm"},
        "maxReplicas": 3,
        "behavior": {"scaleUp": {"stabilizationWindowSeconds": 10}},
    }

    spec = _spec(document)

    assert (spec.replicas_min, spec.metrics) == (
        1, (Metric(Source.RESOURCE, "cpu", TargetType.UTILIZATION, 80),),
    )  # fmt: skip
    assert spec.behavior == Behavior(
        Rules(
            10 * SECOND,
            "Max",
            (Policy("Pods", 4, 15 * SECOND), Policy("Percent", 100, 15 * SECOND)),
        ),
        Rules(300 * SECOND, "Max", (Policy("Percent", 100, 15 * SECOND),)),
    )
    policy = read_policy(document).policy
    assert isinstance(policy, Hpa)
    assert [str(one) for one in policy.filled_in()][:3] == [
        "minReplicas: 1 (autoscaling/v2 default)",
        "metrics: cpu at 80% of requests (autoscaling/v2 default)",
        "behavior.scaleUp.policies: 4 pods in 15 s or 100% in 15 s (autoscaling/v2 default)",
    ]


def test_unknown_fields_are_reported_with_their_place() -> None:
    document = _full()
    document["spec"]["behavior"]["scaleUp"]["stabilisationWindow"] = 3
    document["spec"]["metrics"][0]["resource"]["weight"] = 1

    read = read_policy(document)

    assert read.ignored == (
        Ignored(("spec", "metrics", 0, "resource", "weight"), "unknown field 'weight', left out"),
        Ignored(
            ("spec", "behavior", "scaleUp", "stabilisationWindow"),
            "unknown field 'stabilisationWindow', left out",
        ),
    )
    assert read.policy == read_policy(_full()).policy


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("maxReplicas", 1, "minReplicas 2 is above maxReplicas 1"),
        ("maxReplicas", None, "valid integer"),
        ("metrics.0.resource.target.averageUtilization", None, "needs averageUtilization"),
        ("metrics.0.type", "Pods", "needs the block pods"),
        ("metrics.2.object.target.value", "4x", "is not a quantity"),
        ("metrics.2.object.target.value", 0, "greater than 0"),
        ("metrics.1.pods.target", {"type": "Value", "value": 1}, "target of type AverageValue"),
        ("behavior.scaleUp.stabilizationWindowSeconds", 3601, "less than or equal to 3600"),
        ("behavior.scaleUp.policies.0.periodSeconds", 1801, "less than or equal to 1800"),
        ("behavior.scaleUp.policies.0.value", 0, "greater than 0"),
    ],
)
def test_a_wrong_field_is_refused_with_its_place(path: str, value: object, message: str) -> None:
    document = _full()
    *parents, last = path.split(".")
    inside: Any = document["spec"]
    for step in parents:
        inside = inside[int(step) if step.isdigit() else step]
    inside[last] = value

    with pytest.raises(ValidationError, match=message) as refused:
        read_policy(document)

    assert refused.value.errors()[0]["loc"][0] == "spec"


def test_a_minimum_of_zero_needs_a_metric_from_outside() -> None:
    document = _full()
    document["spec"]["minReplicas"] = 0
    assert _spec(copy.deepcopy(document)).replicas_min == 0

    document["spec"]["metrics"] = document["spec"]["metrics"][:2]

    with pytest.raises(ValidationError, match="needs an Object or External metric"):
        read_policy(document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "a policy is a mapping"),
        ({"kind": "statik"}, "did you mean 'static'"),
        ({"kind": "Deployment"}, "unknown policy kind 'Deployment'"),
        ({"kind": "Kustomization"}, "kustomize build"),
        ({"apiVersion": "v2", "name": "x", "version": "1"}, "helm template"),
        ({"kind": "static", "target": "llm"}, "Field required"),
        ({"kind": "static", "target": "llm", "replicas": 1, "x": 2}, "Extra inputs"),
    ],
)
def test_what_is_no_policy_is_refused(document: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_policy(document)


def test_our_own_kinds_are_read_by_name() -> None:
    read = read_policy({"kind": "static", "target": "llm", "replicas": 6})

    assert read.policy == Static(kind="static", target="llm", replicas=6)
    assert (read.policy.title, read.policy.component) == ("static-llm-6", "llm")


@pytest.mark.parametrize("kind", kinds.names("autoscalers"))
def test_every_kind_reads_its_own_examples(kind: str) -> None:
    model = kinds.load("autoscalers", kind)
    fields = getattr(model, "model_fields")  # noqa: B009 - a registry yields plain classes
    document = {name: field.examples[0] for name, field in fields.items()}

    policy = read_policy(document).policy

    assert isinstance(policy, model)
    assert model.__doc__


@pytest.mark.parametrize(
    ("file", "target", "metric"),
    [
        ("k8s-hpa-php-apache.yaml", "php-apache", "cpu"),
        ("k8s-vllm-hpa-pods-metric.yaml", "vllm-gemma-deployment", "vllm_num_requests_running"),
        (
            "vllm-stack-hpa-object-value.yaml",
            "vllm-llama3-deployment-vllm",
            "vllm_num_requests_waiting",
        ),
    ],
)
def test_manifests_from_the_field_are_read_whole(file: str, target: str, metric: str) -> None:
    path = SAMPLES / file
    if not path.exists():
        pytest.skip("development data is not here")

    read = read_policy(yaml.safe_load(path.read_text()))

    assert isinstance(read.policy, Hpa)
    spec = read.policy.resolved()
    assert (spec.target, spec.metrics[0].name, read.ignored) == (target, metric, ())
