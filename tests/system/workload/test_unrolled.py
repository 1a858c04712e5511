"""Sessions unrolled without a plant ask what the plant's sessions ask."""

import numpy as np

from simulator.plant.arrivals import Feed
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe
from simulator.plant.spec import (
    ClassSpec,
    Client,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    Session,
    SharedPrompt,
    Workers,
)
from simulator.system.workload.describe import describe_sessions
from simulator.system.workload.unrolled import unroll
from tests.plant.systems import SECOND, poisson

SESSION = Session(
    turns=Distribution("uniform", 1, 9),
    think=Distribution("exponential", 5 * SECOND),
    words=Distribution("uniform", 5, 400),
    context_max=3000,
    returns_share=0.5,
    returns_after=Distribution("exponential", 20 * SECOND),
)
CHAT = ClassSpec(
    "chat",
    "api",
    Distribution("uniform", 50, 500),
    Distribution("uniform", 10, 300),
    shared_prompt=(SharedPrompt(200),),
    client=Client(session=SESSION),
)


def test_what_is_unrolled_is_what_the_plant_asks_when_answers_come_at_once() -> None:
    arrivals = poisson(2, 60)
    spec = PlantSpec((PoolSpec("api", Workers(1), 1),), (EdgeSpec("users", "api"),), (CHAT,))
    made = Plant(spec, 3, {"chat": arrivals})
    made.stop_arrivals(100 * SECOND)
    while made.now < 100 * SECOND:
        made.advance(100 * SECOND, inclusive=False)
    feed = Feed(("chat",), 3, {"chat": arrivals})

    found = unroll(np.concatenate([feed.load(0), feed.load(1)]), CHAT, 0, 100 * SECOND)

    row = made.class_row(0)
    assert found.times.size == made.requests() > 300
    assert found.prompts.sum() == row[ClassProbe.PROMPT_TOKENS]
    assert found.outputs.sum() == row[ClassProbe.OUTPUT_TOKENS]


def test_what_repeats_is_said() -> None:
    feed = Feed(("chat",), 3, {"chat": poisson(2, 60)})
    found = unroll(feed.load(0), CHAT, 0, 200 * SECOND)

    described = describe_sessions(found)

    assert described.turns is not None
    assert 4 < described.turns.mean < 6
    assert described.prefix_hit is not None
    assert 0.4 < described.prefix_hit < 0.95
