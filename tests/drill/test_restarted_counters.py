"""A process that starts again counts from zero, as Prometheus expects of counters."""

import pytest

from simulator.units import SECOND
from tests.drill.small import seated

pytestmark = pytest.mark.xdist_group("small")

FINISHED = 'vllm:request_success_total{finished_reason="stop",pod="llm-0"}'


def test_a_pod_whose_host_was_away_for_long_counts_from_zero() -> None:
    flight = seated("faults=[{kind: node_loss, at: 30s, lasts: 45s, target: node/gpu-0}]")
    session = flight.session
    session.advance(29 * SECOND)
    ((_, before),) = session.evaluate(FINISHED)

    session.advance(120 * SECOND)

    ((_, after),) = session.evaluate(FINISHED)
    assert 0 < after < before
    assert session.evaluate(f"resets({FINISHED}[2m])")[0][1] == 1
