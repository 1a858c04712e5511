"""A machine is gone, and the autoscaler looks at processors that are no busier than before."""

import pytest

from tests.rehearsal import left_alone, rehearse, rescued, responded

DRILL = "quiet-thursday"

pytestmark = pytest.mark.xdist_group(DRILL)


def test_waiting_for_the_autoscaler_is_waiting_for_ever() -> None:
    drill = left_alone(DRILL)

    asked_for = {entry.detail["desired"] for entry in drill.entries("decided")}
    assert asked_for == {4}
    assert "TimeToFirstTokenHigh" in drill.pages
    assert drill.bad_share_at_the_end > 0.8
    assert not drill.is_recovered()


def test_the_reference_response_brings_everyone_back() -> None:
    drill = rescued(DRILL)

    assert drill.entries("closed")
    assert drill.bad_share_at_the_end < 0.05
    assert drill.is_recovered()


def test_a_new_machine_is_what_cures_it() -> None:
    ended = responded(DRILL, "add_nodes gpu 1")

    assert ended.is_recovered()


def test_pausing_background_work_serves_people_until_then() -> None:
    ended = responded(DRILL, "shed class/digest 100%")

    chat = ended.record.header.classes.index("chat")
    bins = ended.record.outcomes[-30:, chat].sum(axis=0)
    assert bins[-1] > 0.95 * bins.sum()


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param(
            ("restart llm-0", "restart llm-2", "restart llm-3"), id="restarting the survivors"
        ),
        pytest.param(("restart llm",), id="rolling the model servers over"),
        pytest.param(("scale llm 6",), id="scaling where nothing fits"),
        pytest.param(("delete_pod llm-1 --force",), id="forgetting the pod, without a machine"),
        pytest.param(("restart gateway",), id="restarting the gateway"),
    ],
)
def test_what_is_tempting_does_not_cure_it(commands: tuple[str, ...]) -> None:
    ended = responded(DRILL, *commands)

    assert ended.bad_share_at_the_end > 0.8
    assert not ended.is_recovered()


def test_a_pod_without_room_says_what_it_waits_for() -> None:
    drill = rehearse(DRILL)

    drill.until_paged()
    drill.act("scale llm 6")
    drill.run_for("1m")
    [pods] = drill.act("pods llm")

    assert any("Pending" in line and "nvidia.com/gpu" in line for line in pods.lines)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_afternoon_is_the_same_story(seed: int) -> None:
    alone, reference = left_alone(DRILL, seed=seed), rescued(DRILL, seed=seed)

    assert alone.bad_share_at_the_end > 0.8
    assert reference.is_recovered()
