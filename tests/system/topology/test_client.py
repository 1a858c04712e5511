"""Clients and sessions from YAML."""

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.plant import client_spec as spec
from simulator.plant.laws import Distribution
from simulator.system.topology.client import Client, Session
from simulator.system.topology.request_class import RequestClass
from simulator.units import SECOND


def request_class(**fields: Any) -> Any:
    return RequestClass.model_validate({"arrives_at": "gateway", **fields}).class_spec("chat")


def test_constant_patience_and_backoff_cost_nothing_more() -> None:
    made = request_class(client={"patience": "20s", "retries": 1})

    assert made.client is None
    assert (made.patience_ns, made.client_retries_max) == (20 * SECOND, 1)


def test_patience_by_a_law_is_a_habit() -> None:
    made = request_class(client={"patience": {"exponential": "20s"}})

    assert made.patience_ns == 0
    assert made.client == spec.Client(patience=Distribution("exponential", 20 * SECOND))


def test_the_openai_sdk_is_a_set_of_numbers() -> None:
    made = request_class(client={"sdk": "openai", "retries": 5})

    assert (made.client_retries_max, made.client_backoff_ns) == (5, SECOND // 2)
    assert made.client == spec.Client(
        backoff_max_ns=8 * SECOND, backoff_jitter=0.25, heeds_retry_after=True
    )


def test_every_habit_is_said_in_the_plants_terms() -> None:
    read = Client.model_validate(
        {
            "patience_first_token": "8s",
            "reload": {"share": "50%", "after": "2s", "max": 3},
            "comes_back": {"share": "40%", "after": {"exponential": "5m"}},
            "stops_reading": {"share": "10%", "after": "4s"},
        }
    )

    assert read.plant_client(None) == spec.Client(
        first_token_patience=Distribution("fixed", 8 * SECOND),
        reload_share=0.5,
        reloads_max=3,
        reload_after=Distribution("fixed", 2 * SECOND),
        back_share=0.4,
        back_after=Distribution("exponential", 300 * SECOND),
        stops_share=0.1,
        stops_after=Distribution("fixed", 4 * SECOND),
    )


def test_a_session_is_said_in_the_plants_terms() -> None:
    session = {
        "turns": 6,
        "think": {"exponential": "20s"},
        "words": 60,
        "context_max": 32000,
        "gives_up": "50%",
        "returns": {"share": "100%", "after": "10m"},
    }

    assert Session.model_validate(session).plant_session() == spec.Session(
        turns=Distribution("fixed", 6),
        think=Distribution("exponential", 20 * SECOND),
        words=Distribution("fixed", 60),
        context_max=32000,
        gives_up_share=0.5,
        returns_share=1.0,
        returns_after=Distribution("fixed", 600 * SECOND),
    )


def test_users_who_return_at_once_for_ever_are_refused() -> None:
    with pytest.raises(ValidationError, match="after must be above 0"):
        Session.model_validate(
            {"turns": 1, "think": "1s", "words": 1, "returns": {"share": "100%", "after": "0"}}
        )
