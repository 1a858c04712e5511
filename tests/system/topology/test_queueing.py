"""Queues, priorities and processors as scenarios write them."""

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.plant.spec import Cpu, Distribution, Work, Workers
from simulator.system.topology.request_class import RequestClass
from simulator.units import MS, SECOND
from tests.system.topology.worked import component


def test_a_queue_is_said_in_full() -> None:
    of = component(
        {"kind": "workers", "workers": 3, "service": "1ms", "queue_max": 7, "order": "lifo",
         "by_priority": True, "shed_lowest": True, "queue_timeout": "2s"}
    )  # fmt: skip

    assert of.discipline() == Workers(
        3, 7, "lifo", by_priority=True, sheds_lowest=True, queue_timeout_ns=2 * SECOND,
        cpu_idle_cores=0.05, cpu_per_worker_cores=1.0,
    )  # fmt: skip


def test_processors_are_said_in_full() -> None:
    of = component(
        {"kind": "cpu", "cores": 8, "limits": {"cpu": "1500m"}, "threads_max": 50,
         "holds_thread": False, "queue_max": 7, "contention": 0.03, "coherency": 0.0005,
         "service": {"base": "1ms", "per_prompt_token": "2us"}, "cpu": {"idle": 0.2}}
    )  # fmt: skip

    assert of.discipline() == Cpu(
        8.0, 1.5, threads_max=50, holds_thread=False, queue_max=7, contention=0.03,
        coherency=0.0005, cpu_idle_cores=0.2,
    )  # fmt: skip
    assert of.own_work() == (Work(Distribution("fixed", MS), per_prompt_token_ns=2000),)


@pytest.mark.parametrize("priority", [-9, 0, 9])
def test_a_class_says_how_important_its_requests_are(priority: int) -> None:
    of = RequestClass.model_validate({"arrives_at": "gateway", "priority": priority})

    assert of.class_spec("chat").priority == priority


@pytest.mark.parametrize("priority", [-10, 10, 1.5, "high"])
def test_a_priority_is_a_small_whole_number(priority: object) -> None:
    with pytest.raises(ValidationError, match="priority"):
        RequestClass.model_validate({"arrives_at": "gateway", "priority": priority})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param(
            {"kind": "workers", "workers": 2, "service": "1ms", "shed_lowest": True},
            "shed_lowest needs a queue that knows priorities: by_priority: true",
            id="no priorities to shed by",
        ),
        pytest.param(
            {"kind": "cpu", "cores": 2, "service": "1ms", "queue_max": 5, "order": "lifo"},
            "without threads_max nobody waits: write threads_max: 200, or leave out "
            "queue_max, order",
            id="a queue nobody waits in",
        ),
        pytest.param(
            {
                "kind": "cpu",
                "cores": 2,
                "service": "1ms",
                "limits": {"cpu": "500m"},
                "requests": {"cpu": 1},
            },
            "requests.cpu is 1000m, above the limit of 500m: Kubernetes refuses such a pod",
            id="requests above the limit",
        ),
    ],
)
def test_what_cannot_queue_is_told_what_to_write(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        component(fields)

    assert message in str(refused.value)
