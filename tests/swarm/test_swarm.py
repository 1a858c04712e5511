"""A fixed small share of the swarm; `make swarm` flies more of it."""

import pytest

from tests.swarm.flights import fly
from tests.swarm.systems import trial

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", range(12))
def test_random_systems_keep_their_books_their_order_and_their_determinism(number: int) -> None:
    made = trial(number)

    assert fly(made) == fly(made, capacity=16)
