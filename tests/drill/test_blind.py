from collections import Counter

from simulator.drill.blind import drawn_twin


def test_a_blind_drill_is_the_fault_every_other_time() -> None:
    drawn = Counter(drawn_twin("busy-lunch", seed) for seed in range(400))

    assert set(drawn) == {"fault", "healthy", "noisy"}
    assert 160 < drawn["fault"] < 240


def test_scenarios_do_not_share_their_draws() -> None:
    seeds = range(64)

    first, second = ([drawn_twin(name, seed) for seed in seeds] for name in ("one", "other"))

    assert first == [drawn_twin("one", seed) for seed in seeds]
    assert first != second
