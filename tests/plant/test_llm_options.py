"""What servers that go one by one are for: speculation, adapters, priorities."""

from dataclasses import replace

import pytest

from simulator.plant.api import ReplicaKnob
from simulator.plant.hardware import lookup
from simulator.plant.llm_spec import Adapters, Speculation
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.plant.spec import (
    USERS,
    ClassSpec,
    Distribution,
    EdgeSpec,
    Llm,
    PlantSpec,
    PoolSpec,
    SharedPrompt,
)
from tests.plant.systems import SECOND, Times, poisson

H100 = lookup("llama-3.1-8b/h100/tp1/bf16")
EAGLE = Speculation(drafts=4, acceptance=0.7, w_ms=0.2, s_us_per_token=0.7)


def asks(name: str = "chat", tokens: int = 128, **more: object) -> ClassSpec:
    lengths = Distribution("fixed", 512), Distribution("fixed", tokens)
    return ClassSpec(name, "llm", *lengths, **more)  # type: ignore[arg-type]  # its own fields


def system(spec: Llm, *classes: ClassSpec, per_second: float, seconds: int = 20) -> Plant:
    made = PlantSpec((PoolSpec("llm", spec, 1),), (EdgeSpec(USERS, "llm"),), classes)
    plant = Plant(made, 1, {each.name: poisson(per_second, seconds) for each in classes})
    plant.advance(seconds * SECOND, inclusive=True)
    plant.check_conservation()
    plant.check_no_idling()
    return plant


def mean_s(plant: Plant, column: ClassProbe = ClassProbe.E2E_NS, of: int = 0) -> float:
    row = plant.class_row(of)
    return float(row[column] / row[ClassProbe.ANSWERED_2XX] / SECOND)


def answered(plant: Plant, of: int) -> int:
    return int(plant.class_row(of)[ClassProbe.ANSWERED_2XX])


@pytest.mark.parametrize(("drafts", "acceptance"), [(1, 0.6), (3, 0.8), (5, 0.5)])
def test_a_verification_yields_as_many_tokens_as_in_theory(drafts: int, acceptance: float) -> None:
    """1 + a + ... + a^k in the mean (Leviathan, Kalman, Matias 2023, equation 1)."""
    spec = replace(H100, speculation=Speculation(drafts, acceptance))
    plant = system(spec, asks(tokens=400), per_second=4)

    row = plant.replica_row(0)

    verified = int(row[ReplicaProbe.DRAFTS])
    yielded = 1 + row[ReplicaProbe.ACCEPTED_TOKENS] / verified
    theory = (1 - acceptance ** (drafts + 1)) / (1 - acceptance)
    assert row[ReplicaProbe.DRAFT_TOKENS] == drafts * verified
    assert yielded == pytest.approx(theory, abs=4 * drafts / verified**0.5)


def test_speculation_wins_when_few_ask_and_loses_when_many_do() -> None:
    """Verifying five tokens for one is free while weights are what a step waits for."""
    plain, speculates = H100, replace(H100, speculation=EAGLE)

    few = [mean_s(system(spec, asks(), per_second=1)) for spec in (plain, speculates)]
    many = [
        answered(system(spec, asks(tokens=600), per_second=45), 0)
        for spec in (plain, replace(speculates, speculation=replace(EAGLE, acceptance=0.3)))
    ]

    assert few[1] < 0.55 * few[0]
    assert many[1] < many[0]


def test_drafts_that_are_never_right_only_cost() -> None:
    wrong = replace(H100, speculation=replace(EAGLE, acceptance=0.0))

    assert mean_s(system(wrong, asks(), per_second=1)) > mean_s(system(H100, asks(), per_second=1))


def test_acceptance_can_be_turned_while_requests_run() -> None:
    made = PlantSpec(
        (PoolSpec("llm", replace(H100, speculation=EAGLE), 1),),
        (EdgeSpec(USERS, "llm"),),
        (asks(),),
    )
    plant = Plant(made, 1, {"chat": poisson(4, 20)})
    plant.advance(10 * SECOND, inclusive=True)
    before = plant.replica_row(0)

    plant.turn_replica(0, ReplicaKnob.ACCEPTANCE, 0.0)
    plant.advance(20 * SECOND, inclusive=True)

    after = plant.replica_row(0)
    assert before[ReplicaProbe.ACCEPTED_TOKENS] == after[ReplicaProbe.ACCEPTED_TOKENS] > 0
    assert after[ReplicaProbe.DRAFTS] > before[ReplicaProbe.DRAFTS]


def test_the_more_important_class_does_not_queue_behind_the_other() -> None:
    spec = replace(H100, max_num_seqs=16)
    classes = asks("chat", priority=1), asks("batch")

    fair, ranked = (
        system(replace(spec, by_priority=on), *classes, per_second=14) for on in (False, True)
    )

    ttft = ClassProbe.TTFT_NS
    assert mean_s(ranked, ttft) < 0.2 * mean_s(fair, ttft)
    assert answered(ranked, 1) < answered(fair, 1)


def test_what_does_not_fit_gives_way_by_priority() -> None:
    """A starved cache: the important ones are never preempted for the others."""
    spec = replace(H100, kv_tokens=6000, by_priority=True)
    classes = asks("chat", 300, priority=1), asks("batch", 300)
    plant = system(spec, *classes, per_second=6)

    assert plant.replica_row(0)[ReplicaProbe.PREEMPTIONS] > 0
    assert answered(plant, 0) > 3 * answered(plant, 1)


SLOTS = Adapters(on_gpu_max=1, on_host_max=2, load_from_disk_ns=400_000_000)


def first_tokens_s(spec: Llm, adapters: list[str]) -> list[float]:
    """Times to first token of requests 5 s apart, one class per adapter asked for."""
    classes = [asks(f"class{i}", adapter=name) for i, name in enumerate(adapters)]
    made = PlantSpec((PoolSpec("llm", spec, 1),), (EdgeSpec(USERS, "llm"),), tuple(classes))
    times = {each.name: Times([(1 + 5 * i) * SECOND]) for i, each in enumerate(classes)}
    plant = Plant(made, 1, times)
    plant.advance(100 * SECOND, inclusive=True)
    return [mean_s(plant, ClassProbe.TTFT_NS, i) for i in range(len(classes))]


def test_an_adapter_is_loaded_when_it_is_not_there_and_the_oldest_gives_way() -> None:
    spec = replace(H100, adapters=replace(SLOTS, load_from_host_ns=50_000_000))

    found = first_tokens_s(spec, ["", "law", "law", "code", "law", "health", "code"])

    base = found[0]
    loads = [round(each - base, 3) for each in found]
    # Two are kept on the host: law stays when health comes, because it was used after code.
    assert loads == [0.0, 0.45, 0.0, 0.45, 0.05, 0.45, 0.45]


def test_a_batch_has_no_more_adapters_than_there_are_places() -> None:
    """On one place, who asks for another adapter than those who run is passed over."""
    classes = asks("law", adapter="law"), asks("code", adapter="code")
    one, two = (
        system(replace(H100, adapters=Adapters(n, 2)), *classes, per_second=5) for n in (1, 2)
    )

    assert answered(one, 0) + answered(one, 1) < 0.9 * (answered(two, 0) + answered(two, 1))


def test_adapters_do_not_find_each_others_prompts() -> None:
    def hits(*adapters: str) -> int:
        shared = (SharedPrompt(480, name="system"),)
        classes = [
            asks(f"class{i}", adapter=name, shared_prompt=shared) for i, name in enumerate(adapters)
        ]
        spec = replace(H100, adapters=Adapters(2, 2))
        plant = system(spec, *classes, per_second=1)
        return int(plant.replica_row(0)[ReplicaProbe.HITS])

    assert hits("law", "law") - hits("law", "code") == 480


def test_an_adapter_makes_steps_longer() -> None:
    spec = replace(H100, adapters=Adapters(1, 1, overhead_share=0.2))

    alone, adapted = (
        mean_s(system(spec, asks(adapter=name), per_second=0.5)) for name in ("", "law")
    )

    assert adapted / alone == pytest.approx(1.0 + 0.2 * H100.w_ms / (H100.w_ms + 1.6), abs=0.02)


def test_every_token_is_sent_behind_its_step() -> None:
    """2 ms a token: the client has the first 2 ms later, the last of 50 another 98 ms."""
    plain, streams = (
        system(replace(H100, stream_ns_per_token=ns), asks(tokens=50), per_second=0.5)
        for ns in (0, 2_000_000)
    )

    ttft, whole = ClassProbe.TTFT_NS, ClassProbe.E2E_NS
    assert mean_s(streams, ttft) == pytest.approx(mean_s(plain, ttft) + 0.002)
    assert mean_s(streams, whole) == pytest.approx(mean_s(plain, whole) + 0.1)
