"""Tenants: who they are, their quotas at the door, and that a noisy one harms nobody else."""

from typing import Any

import numpy as np
import pytest

from simulator.plant.api import ClassKnob, Outcome, ReplicaKnob, ScrapeKind, TenantKnob
from simulator.plant.client_spec import Session, Tenants
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, TenantProbe
from simulator.plant.spec import ClassSpec, Client, Distribution, EdgeSpec, PlantSpec
from tests.plant.systems import MS, SECOND, Times, fixed, outcomes, plant, poisson, pool, run_until

ARRIVED, REFUSED = TenantProbe.ARRIVED, TenantProbe.REFUSED_429


def served(tenants: Tenants, times: Times, *, workers: int = 500, **of_class: Any) -> Plant:
    client = Client(tenants=tenants)
    return plant([pool("api", workers, fixed(20))], times, client=client, **of_class)


def test_tenants_share_requests_as_zipf_says() -> None:
    made = served(Tenants(50, zipf=1.1), poisson(300, 60))

    run_until(made, 60)

    counts = made.tenant_rows(0)[:, ARRIVED]
    weights = np.arange(1, 51) ** -1.1
    expected = weights / weights.sum() * counts.sum()
    # Pearson's statistic of 50 cells: mean 49, standard deviation sqrt(2 x 49).
    assert ((counts - expected) ** 2 / expected).sum() < 49 + 3 * np.sqrt(98)


def test_a_users_tries_and_turns_are_one_tenants() -> None:
    session = Session(
        Distribution("fixed", 3), Distribution("fixed", SECOND), Distribution("fixed", 5)
    )
    made = plant(
        [pool("api", 5, fixed(20))],
        Times([SECOND]),
        client=Client(tenants=Tenants(40), session=session),
        client_retries_max=2,
        client_backoff_ns=MS,
    )
    made.turn_replica(0, ReplicaKnob.ERROR_SHARE, 1.0)

    run_until(made, 20)

    counts = made.tenant_rows(0)[:, ARRIVED]
    assert sorted(counts.tolist())[-2:] == [0, 9]


@pytest.mark.parametrize(
    ("quota", "refused"),
    [
        pytest.param({"requests_per_minute": 5.0}, 15, id="requests"),
        pytest.param({"tokens_per_minute": 700.0}, 13, id="tokens of prompt and answer"),
        pytest.param({"concurrency_max": 3}, 17, id="requests in flight"),
    ],
)
def test_a_quota_refuses_what_is_beyond_it(quota: dict[str, float], refused: int) -> None:
    times = Times([SECOND + i for i in range(20)], prompt=60, output=40)
    made = served(Tenants(1, **quota), times)  # type: ignore[arg-type]  # numbers of tenants

    run_until(made, 2)

    assert made.tenant_rows(0)[0, REFUSED] == refused
    assert outcomes(made)[Outcome.GOOD] == 20 - refused


def test_a_bucket_fills_again_within_a_minute() -> None:
    times = Times([SECOND + i for i in range(10)] + [31 * SECOND + i for i in range(10)])
    made = served(Tenants(1, requests_per_minute=8), times)

    run_until(made, 40)

    assert outcomes(made)[Outcome.GOOD] == 8 + 4


def test_quotas_keep_a_noisy_tenant_from_the_others() -> None:
    """A hot tenant asks for more than the server has; who is not hot is hurt without quotas."""

    def share_good(quota: float) -> float:
        made = served(
            Tenants(20, requests_per_minute=quota), poisson(60, 60), workers=1,
            patience_ns=SECOND,
        )  # fmt: skip
        made.turn_class(0, ClassKnob.HOT_TENANT_SHARE, 0.7)
        run_until(made, 62)
        quiet = made.tenant_rows(0)[1:].sum(axis=0)
        return float(quiet[TenantProbe.ANSWERED_2XX] / quiet[ARRIVED])

    assert share_good(0.0) < 0.9
    # The others ask 54 times a minute each on average: a burst may exceed 100, rarely.
    assert share_good(100.0) > 0.97


def test_a_hot_tenants_share_grows_by_what_the_knob_says() -> None:
    made = served(Tenants(10), poisson(200, 30))
    made.turn_class(0, ClassKnob.HOT_TENANT_SHARE, 0.5)

    run_until(made, 30)

    counts = made.tenant_rows(0)[:, ARRIVED]
    assert counts[0] / counts.sum() == pytest.approx(0.5 + 0.5 / 10, abs=0.02)


def test_quotas_are_turned_for_one_or_for_all() -> None:
    times = Times([SECOND + i for i in range(400)])
    made = served(Tenants(2), times)
    made.turn_tenant(0, -1, TenantKnob.REQUESTS_PER_MINUTE, 30)
    made.turn_tenant(0, 1, TenantKnob.CONCURRENCY_MAX, 7)

    run_until(made, 2)

    good = made.tenant_rows(0)[:, TenantProbe.ANSWERED_2XX]
    assert good.tolist() == [30, 7]


def test_a_refusal_says_when_to_come_again() -> None:
    client = Client(tenants=Tenants(1, requests_per_minute=60), heeds_retry_after=True)
    made = plant(
        [pool("api", 500, fixed(1))],
        Times([SECOND + i for i in range(70)]),
        client=client,
        client_retries_max=1,
        client_backoff_ns=5 * MS,
    )

    run_until(made, 1.9)
    assert made.class_row(0)[ClassProbe.ARRIVED] == 70
    run_until(made, 2.2)

    # One token a second: all ten come back after it, and one is let in.
    assert made.class_row(0)[ClassProbe.ARRIVED] == 80
    assert outcomes(made)[Outcome.GOOD] == 61


def test_tenants_of_two_classes_are_counted_apart_and_scraped() -> None:
    classes = [
        ClassSpec(name, "api", client=Client(tenants=Tenants(count)))
        for name, count in (("chat", 3), ("job", 2))
    ]
    spec = PlantSpec((pool("api", 9, fixed(1)),), (EdgeSpec("users", "api"),), tuple(classes))
    made = Plant(spec, 1, {"chat": poisson(20, 5), "job": poisson(10, 5, seed=3)})
    made.scrape_every(ScrapeKind.TENANT, made.tenant_target(1, 1), 10 * SECOND, 0)

    run_until(made, 11)

    rows = made.tenant_rows(1)
    assert rows.shape == (2, len(TenantProbe))
    assert rows[:, ARRIVED].sum() == made.class_row(1)[ClassProbe.ARRIVED]
    assert made.tenant_rows(0)[:, ARRIVED].sum() == made.class_row(0)[ClassProbe.ARRIVED]
    scraped = made.drain_scrapes()[-1]
    assert scraped.values.tolist() == rows[1].tolist()
