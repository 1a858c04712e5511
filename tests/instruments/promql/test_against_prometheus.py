"""Drawn expressions over a troubled store: a real Prometheus and ours must answer alike."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.instruments.promql.scripts.model import Evaluation
from simulator.instruments.series.store import SeriesStore
from tests.instruments.handover.real_prometheus import missing
from tests.instruments.promql.answers import differing
from tests.instruments.promql.expressions import expressions, troubled_store
from tests.instruments.promql.real_store import RealStore, real_store

WHY_NOT = missing()
DRAWN = 150
INSTANTS_S = (0, 7, 300, 899.9, 905, 1234.567, 1800, 2050)
Pair = tuple[RealStore, SeriesStore]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    store = troubled_store()
    with real_store(tmp_path_factory.mktemp("real")) as server:
        server.fill(store)
        yield server, store


pytestmark = [
    pytest.mark.skipif(bool(WHY_NOT), reason=f"{2 * DRAWN} expressions not compared: {WHY_NOT}"),
    pytest.mark.xdist_group("real prometheus"),
]
drawn = settings(max_examples=DRAWN, deadline=None, suppress_health_check=list(HealthCheck))


@drawn
@given(text=expressions(), at_s=st.sampled_from(INSTANTS_S))
def test_instant_queries_agree(pair: Pair, text: str, at_s: float) -> None:
    at_ms = round(at_s * 1000)

    assert differing(*pair, Evaluation(0, text, at_ms, at_ms, 1, is_range=False)) == ""


@drawn
@given(
    text=expressions(),
    start_s=st.sampled_from((0, 300, 907.5)),
    length_s=st.sampled_from((60, 300, 600)),
    step_s=st.sampled_from((15, 60, 37)),
)
def test_range_queries_agree(
    pair: Pair, text: str, start_s: float, length_s: int, step_s: int
) -> None:
    start, end = round(start_s * 1000), round((start_s + length_s) * 1000)

    assert differing(*pair, Evaluation(0, text, start, end, step_s * 1000, is_range=True)) == ""
