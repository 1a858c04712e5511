"""A queue metric and pods that start slowly: `Value` overshoots wildly, `AverageValue` does not.

A fluid queue: 100 requests/s arrive, a pod serves 10/s and needs 60 s to start, 250 waiting per
pod are wanted, one pod at first, ten needed.
"""

from dataclasses import replace

import pytest

from simulator.system.autoscaling.hpa import decide
from simulator.system.autoscaling.observed import Observed
from simulator.system.autoscaling.spec import Behavior, Policy, Rules, TargetType
from simulator.system.autoscaling.state import HpaState
from simulator.units import SECOND
from tests.system.autoscaling._builders import DOWN, external, hpa

UNLIMITED = Behavior(Rules(0, "Max", (Policy("Pods", 1_000_000, SECOND),)), DOWN)


def _proposals(target: TargetType, rules: Behavior | None) -> tuple[list[int], list[int]]:
    """Proposals and sizes at 15, 30, ... 600 s."""
    spec = replace(hpa(external(target, 250), rules=rules), replicas_max=100_000)
    state, queue = HpaState(), 0
    ready_at = [0]
    proposed, sizes = [], []
    for second in range(1, 601):
        ready = sum(at <= second for at in ready_at)
        queue = max(0, queue + 100 - 10 * ready)
        if second % 15:
            continue
        size = len(ready_at)
        seen = Observed(second * SECOND, size, size, ready, (queue * 1000,))
        decision = decide(spec, state, seen)
        state = decision.state
        assert decision.proposed is not None
        proposed.append(decision.proposed)
        sizes.append(decision.desired)
        ready_at = ready_at[: decision.desired] + [second + 60] * (decision.desired - size)
    return proposed, sizes


@pytest.mark.parametrize("target", [TargetType.VALUE, TargetType.AVERAGE_VALUE])
def test_while_no_new_pod_is_ready_both_follow_the_backlog(target: TargetType) -> None:
    proposed, _ = _proposals(target, UNLIMITED)

    assert proposed[:4] == [6, 11, 17, 22]


def test_value_multiplies_the_old_backlog_by_every_batch_of_ready_pods() -> None:
    proposed, sizes = _proposals(TargetType.VALUE, UNLIMITED)

    assert proposed[4:9] == [161, 319, 479, 523, 1771]
    assert max(sizes) > 500


@pytest.mark.parametrize(
    ("target", "rules", "peak"),
    [
        pytest.param(TargetType.VALUE, None, 849, id="value, default limits"),
        pytest.param(TargetType.AVERAGE_VALUE, UNLIMITED, 27, id="average, no limit"),
        pytest.param(TargetType.AVERAGE_VALUE, None, 31, id="average, default limits"),
    ],
)
def test_peak_size(target: TargetType, rules: Behavior | None, peak: int) -> None:
    _, sizes = _proposals(target, rules)

    assert max(sizes) == peak
