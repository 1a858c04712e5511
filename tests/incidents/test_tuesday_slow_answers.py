"""Model servers run out of memory for conversations: what helps, and what only looks like it."""

import pytest

from tests.rehearsal import left_alone, rehearse, rescued, responded

DRILL = "tuesday-slow-answers"
LONG_PROMPTS = 0.12
"""At most so many are refused while the trouble lasts: the long ones, and the usual few."""

pytestmark = pytest.mark.xdist_group(DRILL)


def test_nobody_acts_and_it_stays_broken() -> None:
    drill = left_alone(DRILL)

    assert "TimeToFirstTokenHigh" in drill.pages
    assert drill.bad_share_at_the_end > 0.9
    assert not drill.is_recovered()


def test_the_reference_response_recovers_everyone_who_can_be_served() -> None:
    drill = rescued(DRILL)

    assert drill.entries("closed")
    assert drill.bad_share_at_the_end < LONG_PROMPTS
    assert drill.is_recovered(reference=drill)


def test_capping_prompts_is_what_cures_it() -> None:
    drill = rehearse(DRILL)

    drill.until_paged()
    drill.act("limit class/chat prompt_tokens 8000")
    ended = drill.end()

    assert ended.bad_share_at_the_end < LONG_PROMPTS
    assert ended.is_recovered(reference=rescued(DRILL))


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param(("restart llm",), id="rolling the model servers over"),
        pytest.param(
            ("restart llm-0", "restart llm-1", "restart llm-2"), id="restarting each of them"
        ),
        pytest.param(("tune llm max_num_seqs 512",), id="letting more sequences run at once"),
        pytest.param(("timeout gateway -> llm 60s",), id="waiting longer"),
        pytest.param(("scale gateway 6",), id="more gateways"),
    ],
)
def test_what_is_tempting_does_not_cure_it(commands: tuple[str, ...]) -> None:
    ended = responded(DRILL, *commands)

    assert ended.bad_share_at_the_end > 0.8
    assert not ended.is_recovered(reference=rescued(DRILL))


def test_the_servers_run_out_of_blocks_not_of_health() -> None:
    drill = rehearse(DRILL)

    drill.until_paged()
    [pods] = drill.act("pods llm")
    [waiting] = drill.act("query max_over_time(sum(vllm:num_requests_waiting)[3m:15s]) > 100")
    [full] = drill.act("query max(vllm:kv_cache_usage_perc) > 0.95")

    assert [line.split()[1] for line in pods.lines[1:]] == ["yes", "yes", "yes"]
    assert waiting.lines != ("empty result",)
    assert full.lines != ("empty result",)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_morning_is_the_same_story(seed: int) -> None:
    alone, reference = left_alone(DRILL, seed=seed), rescued(DRILL, seed=seed)

    assert alone.bad_share_at_the_end > 0.9
    assert reference.is_recovered(reference=reference)
    assert reference.bad_share_at_the_end < LONG_PROMPTS
