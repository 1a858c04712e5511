"""Broken scenarios: every mistake at its place, in words that help."""

import pytest

from tests.scenario.small import TEXT, changed, place, said

_BATCH = (
    "batch, cache, cpu, embedding, external, guardrail, llm, object_store, queue, relational, "
    "rerank, semantic_cache, vector_index, workers"
)


def test_the_small_scenario_is_without_a_mistake() -> None:
    assert said(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "expected"),
    [
        pytest.param(
            "replicas: 3", "replcias: 3", "replcias",
            "unknown field 'replcias' (did you mean 'replicas'?) [unknown-field]",
            id="unknown field",
        ),
        pytest.param(
            "lasts: 45m", "lasts: 45", "45\n",
            "lasts: '45' needs a unit here: write 45s, 45m or 45h [duration]",
            id="missing unit",
        ),
        pytest.param(
            "replicas: 3", "replicas: two", "two",
            "component 'gateway', replicas: should be a whole number, not 'two' [wrong-type]",
            id="wrong type",
        ),
        pytest.param(
            "{call: llm}", "{call: lmm}", "lmm",
            "no component 'lmm' in this scenario (did you mean 'llm'?); "
            "there is: embed, gateway, llm, passages [unknown-target]",
            id="unknown call target",
        ),
        pytest.param(
            "arrives_at: gateway", "arrives_at: gatway", "gatway",
            "no component 'gatway' in this scenario (did you mean 'gateway'?); "
            "there is: embed, gateway, llm, passages [unknown-target]",
            id="unknown entry",
        ),
        pytest.param(
            "[{class: chat, poisson", "[{class: caht, poisson", "caht",
            "no class 'caht' in this scenario (did you mean 'chat'?); there is: chat "
            "[unknown-class]",
            id="unknown class of a workload",
        ),
        pytest.param(
            "poisson: 20/s, shape: {diurnal: {peak: 1.4}}", "users: {count: 5}", "{count: 5}",
            "users stay, and need sessions; write classes: {chat: {session: ...}} [no-session]",
            id="users without sessions",
        ),
        pytest.param(
            "- {name: answered, class: chat", "- {name: answered, class: chta", "chta",
            "no class 'chta' in this scenario (did you mean 'chat'?); there is: chat "
            "[unknown-class]",
            id="unknown class of an objective",
        ),
        pytest.param(
            "gateway -> llm:", "gateway -> lm:", "gateway -> lm",
            "no component 'lm' in this scenario (did you mean 'llm'?); "
            "there is: embed, gateway, llm, passages [unknown-target]",
            id="unknown end of an edge",
        ),
        pytest.param(
            "gateway -> llm:", "gateway to llm:", "gateway to llm",
            "'gateway to llm' is not an edge; write caller -> callee [edge]",
            id="not an edge",
        ),
        pytest.param(
            "kind: batch", "kind: bach", "bach",
            f"unknown component kind 'bach' (did you mean 'batch'?); known: {_BATCH} "
            "[unknown-kind]",
            id="unknown kind",
        ),
        pytest.param(
            "kind: batch, ", "", "embed: {replicas: 2, batch_max",
            f"missing field 'kind'; known: {_BATCH} [missing-kind]",
            id="no kind",
        ),
        pytest.param(
            ", multiplier: 2.5", "", "{kind: load_spike, at: 20m",
            "missing field 'multiplier' in fault 1 [missing-field]",
            id="missing field",
        ),
        pytest.param(
            "of: ttft", "of: tfft", "tfft",
            "objective 1, of: should be 'ttft', 'e2e' or 'outcome', not 'tfft' "
            "(did you mean 'ttft'?) [unknown-value]",
            id="unknown value",
        ),
        pytest.param(
            "share: 99%", "share: 190%", "190%",
            "objective 1, share: '190%' is not between 0% and 100% [share]",
            id="impossible share",
        ),
        pytest.param(
            "poisson: 20/s", "poisson: 20", "20, shape",
            "workload entry 1, poisson: 20 is not a rate; write a number per s, m, h or d, "
            "such as 40/s [rate]",
            id="rate without its unit",
        ),
        pytest.param(
            "schema: 1\n", "schema: 2\n", "2\n",
            "schema: schema 2 is newer than this Brownout, which reads 1; upgrade it, or ask for "
            "a file of the older schema [schema]",
            id="newer schema",
        ),
        pytest.param(
            "at: 20m", "at: 50m", "50m",
            "fault 'load_spike' strikes at 50m, after the scenario (45m) [out-of-range]",
            id="fault after the end",
        ),
        pytest.param(
            "at: 17m", "at: 1h", "1h",
            "changed at 1h, after the scenario (45m) [out-of-range]",
            id="change after the end",
        ),
        pytest.param(
            "lasts: 10m, target", "lasts: 30m, target", "30m",
            "fault 'load_spike' ends at 50m, after the scenario (45m) [out-of-range] warning",
            id="fault beyond the end",
        ),
        pytest.param(
            "target: class/chat, multiplier: 2.5", "target: llm, multiplier: 2.5", "llm, multi",
            "fault load_spike targets a class, not the component 'llm' [wrong-target]",
            id="target of the wrong kind",
        ),
        pytest.param(
            "target: class/chat, multiplier: 2.5", "target: class/caht, multiplier: 2.5",
            "class/caht",
            "no class 'caht' in this scenario (did you mean 'chat'?); there is: chat "
            "[unknown-class]",
            id="unknown target of a fault",
        ),
        pytest.param(
            "{kind: load_spike, at: 20m, lasts: 10m, target: class/chat, multiplier: 2.5}",
            "{kind: slow_gpu, at: 20m, target: node/gpu-4}", "node/gpu-4",
            "'gpu-4' is not there at the start; gpu has 0 to 3 [unknown-target]",
            id="a node too many",
        ),
        pytest.param(
            "{kind: load_spike, at: 20m, lasts: 10m, target: class/chat, multiplier: 2.5}",
            "{kind: network_partition, at: 20m, target: zone/mars, located_at: llm}", "zone/mars",
            "no zone 'mars' in this scenario; there is: none [unknown-target]",
            id="a zone nothing stands in",
        ),
        pytest.param(
            "{kind: load_spike, at: 20m, lasts: 10m, target: class/chat, multiplier: 2.5}",
            "{kind: leaky_release, at: 20m, target: embed, per_second: 1Mi, revision: '2', "
            "note: embed 2}",
            "embed, per_second",
            "fault leaky_release needs limits.memory.max; 'embed' has none [wrong-target]",
            id="a leak without a limit",
        ),
        pytest.param(
            "{kind: load_spike, at: 20m, lasts: 10m, target: class/chat, multiplier: 2.5}",
            "{kind: cache_flush, at: 20m, target: embed}", "embed}\ninno",
            "fault cache_flush targets a cache or semantic_cache; 'embed' is of kind batch "
            "[wrong-target]",
            id="target of the wrong component kind",
        ),
        pytest.param(
            "lasts: 1m, ", "", "{kind: load_spike, at: 15m",
            "a blip passes by itself; write how long it lasts, such as lasts: 1m [blip]",
            id="blip for ever",
        ),
        pytest.param(
            "component: embed, text", "component: embd, text", "embd",
            "no component 'embd' in this scenario (did you mean 'embed'?); "
            "there is: embed, gateway, llm, passages [unknown-target]",
            id="change of nothing",
        ),
        pytest.param(
            "rules/small.rules.yaml", "rules/smal.rules.yaml", "rules/smal",
            "no file 'rules/smal.rules.yaml' beside the scenario [no-file]",
            id="missing file",
        ),
        pytest.param(
            "[hpa/small.yaml]", "[../../secret.yaml]", "../../secret",
            "autoscaler 1: '../../secret.yaml' leaves the scenario's folder; "
            "keep its files inside [path]",
            id="file outside",
        ),
        pytest.param(
            "{count: 4, count_max: 6, gpus: 1", "{count: 3, count_max: 6, gpus: 1", "4}\nedges",
            "component 'llm' asks for 4 GPUs at the start, all components for 4; the nodes have "
            "3, so pods stay Pending [no-room] warning",
            id="no room",
        ),
        pytest.param(
            "answers on a Monday", "embed on a Monday", "Slow embed",
            "the title says 'embed', which gives the answer away; name a symptom [leak] warning",
            id="component in the title",
        ),
        pytest.param(
            "answers crawl", "answers crawl, a traffic surge", "You are",
            "the brief says 'traffic surge', which gives the answer away; name a symptom "
            "[leak] warning",
            id="mechanism in the brief",
        ),
        pytest.param(
            "[rag, gpu]", "[rag, load-spike]", "load-spike",
            "a tag says 'load spike', which gives the answer away; name a symptom [leak] warning",
            id="fault in a tag",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(old: str, new: str, at: str, expected: str) -> None:
    text = changed((old, new))

    found = said(text)

    assert f"{place(text, at)}: {expected}" in found


def test_a_duplicate_key_names_the_first() -> None:
    text = TEXT + "lasts: 1h\n"

    found = said(text)

    assert found == [(f"{place(text, 'lasts: 1h')}: 'lasts' was already set on line 8 "
                     "[duplicate-key]")]  # fmt: skip


def test_a_circle_of_calls_is_told_where_it_closes() -> None:
    text = changed(
        ("  embed: {kind: batch", ("  again: {kind: workers, workers: 1, "
         "handles: {chat: [{call: gateway}]}}\n  embed: {kind: batch")),
        ("[{call: embed}]", "[{call: again}]"),
    )  # fmt: skip

    found = said(text)

    where = place(text, "gateway}]}}")
    assert f"{where}: gateway → again → gateway is a cycle; calls would never finish [cycle]" in (
        found
    )


def test_a_syntax_error_stops_the_reading_there() -> None:
    text = TEXT.replace("nodes:", "nodes: [")

    assert [line.split(": ")[0] for line in said(text)] == ["small.drill.yaml:35:1"]


def test_all_mistakes_are_told_at_once_in_order() -> None:
    text = changed(
        ("brief:", "breif:"),
        ("lasts: 45m", "lasts: 45"),
        ("replicas: 3", "replicas: two"),
        ("{call: llm}", "{call: lmm}"),
        ("kind: batch", "kind: bach"),
        ("target: class/chat, multiplier: 2.5", "target: class/caht, multiplier: 2.5"),
    )

    codes = [line.rsplit("[", 1)[1].rstrip("]") for line in said(text)]

    assert codes == [
        "unknown-field",
        "duration",
        "wrong-type",
        "unknown-target",
        "unknown-kind",
        "unknown-class",
    ]


def test_a_release_of_what_runs_already_is_a_mistake() -> None:
    release = (
        "  - {kind: bad_release, at: 20m, target: llm, revision: '%s', quality: 70%%, note: new}\n"
    )
    text = TEXT.replace("faults:\n", "faults:\n" + release % "2026-03" + release % "2026-03")

    found = [line for line in said(text) if "same-release" in line]

    assert [line.split(": ", 1)[1] for line in found] == [
        "llm has had revision '2026-03' already; name a new one [same-release]"
    ]
