"""What random systems are made of. A new kind, fault or action has its row here; edges
have a file of their own.

Each piece is a function of draws that gives plain data as a scenario file has it. What is drawn
may be hopelessly overloaded or mistuned: invariants hold there too.
"""

from collections.abc import Callable, Mapping

from tests.swarm.contents import cache, semantic_cache, vectors
from tests.swarm.draws import Draws, Plain
from tests.swarm.limits import limits
from tests.swarm.store_pieces import message_queue, object_store, relational

CACHES = ("cache", "semantic_cache")
HANDLING = ("workers", "cpu")
"""Kinds whose handlers call others."""

_ROWS = ("llama-3.1-8b/h100/tp1/bf16", "llama-3.1-8b/a100/tp1/bf16")


def _service(draws: Draws) -> Plain:
    mean = draws.between("mean", 0.5, 60.0)
    return draws.pick(
        "law",
        [
            {"exponential": f"{mean}ms"},
            {"lognormal": {"50%": f"{mean}ms", "99%": f"{4 * mean:.3g}ms"}},
            {"uniform": [f"{0.5 * mean:.3g}ms", f"{1.5 * mean:.3g}ms"]},
            {"quantiles": {"50%": f"{mean}ms", "99%": f"{3 * mean:.3g}ms"}},
        ],
    )


def _queue(draws: Draws) -> Plain:
    by_priority = draws.happens("by priority", 0.4)
    return {
        "queue_max": draws.pick("queue", [0, 3, 50, 1000]),
        "order": draws.pick("order", ["fifo", "lifo"]),
        "by_priority": by_priority,
        "shed_lowest": by_priority and draws.happens("sheds", 0.6),
        **({"queue_timeout": "2s"} if draws.happens("timeout", 0.4) else {}),
    }


def _workers(draws: Draws) -> Plain:
    return {
        **limits(draws.below("limits")),
        "kind": "workers",
        "replicas": draws.whole("replicas", 1, 4),
        "workers": draws.whole("workers", 1, 40),
        "holds_worker": draws.happens("holds", 0.5),
        "service": _service(draws),
        "start": {"weights_load": "1s", "warm_up": "1s"},
        **_queue(draws),
        **({"shedding": _SHEDDING} if draws.happens("sheds", 0.3) else {}),
    }


_SHEDDING = {"levels": [{"priority": 0, "load": 0.9}, {"priority": 3, "load": 2}]}


def _cpu(draws: Draws) -> Plain:
    made: Plain = {
        "kind": "cpu",
        "replicas": draws.whole("replicas", 1, 3),
        "cores": draws.pick("cores", [1, 2, 16]),
        "contention": draws.pick("contention", [0, 0.05]),
        "coherency": draws.pick("coherency", [0, 0.002]),
        "service": draws.pick(
            "work", [_service(draws), {"base": "1ms", "per_prompt_token": "15us"}]
        ),
        "start": {"weights_load": "1s", "warm_up": "1s"},
    }
    if draws.happens("limited", 0.6):
        made["limits"] = {"cpu": draws.pick("limit", ["200m", 1, "1500m"])}
    if draws.happens("threads", 0.6):
        threads = {"threads_max": draws.pick("threads", [1, 8, 200])}
        made |= threads | {"holds_thread": draws.happens("holds", 0.6)} | _queue(draws)
    return made


def _llm(draws: Draws) -> Plain:
    more: Plain = {"scheduling": draws.pick("scheduling", ["fcfs", "fcfs", "priority"])}
    if draws.happens("speculates", 0.3):
        draft = draws.pick("draft", ["4%", {"w_ms": 0.5, "s_us_per_token": 2}, None])
        more["speculation"] = {"tokens": draws.whole("k", 1, 5), "acceptance": 0.7, "draft": draft}
    if draws.happens("adapts", 0.3):
        more["adapters"] = {"max_loras": draws.whole("loras", 1, 2), "max_cpu_loras": 2}
    return {
        **more,
        "kind": "llm",
        "hardware": draws.pick("row", _ROWS),
        "replicas": draws.whole("replicas", 1, 3),
        "max_num_seqs": draws.pick("seqs", [4, 32, 256]),
        **limits(draws.below("limits")),
        "kv_tokens": draws.pick("kv", [12_000, 40_000, 400_000]),
        "schedules_ahead": draws.happens("ahead", 0.5),
        "whole_prompt_fits": draws.happens("whole", 0.5),
        "prefix_caching": draws.happens("caching", 0.7),
        "queue_max": draws.pick("queue", [5, 1_000_000]),
        "start": {"weights_load": "3s", "warm_up": "2s"},
    }


def _batch(draws: Draws) -> Plain:
    return {
        "kind": "batch",
        "replicas": draws.whole("replicas", 1, 2),
        "batch_max": draws.pick("size", [1, 8, 64]),
        **limits(draws.below("limits")),
        "window": draws.pick("window", ["1ms", "20ms"]),
        "service": {"base": "4ms", "per_item": "0.5ms", "per_token": "2us"},
        "padding": draws.happens("pads", 0.5),
        "items": draws.pick("items", [1, 7]),
        "start": {"weights_load": "1s", "warm_up": "1s"},
        **({"batch_tokens_max": 5000} if draws.happens("tokens", 0.5) else {}),
    }


def _embedding(_draws: Draws) -> Plain:
    return {"kind": "embedding", "item_tokens": {"uniform": [5, 600]}}


def _rerank(draws: Draws) -> Plain:
    return {"kind": "rerank", "items": 20, "device": draws.pick("device", ["gpu", "cpu"])}


def _guardrail(draws: Draws) -> Plain:
    return {"kind": "guardrail", "false_alarms": draws.pick("false", ["0%", "20%"])}


def _external(draws: Draws) -> Plain:
    made: Plain = {
        "kind": "external",
        "latency": {
            "ttft": {"quantiles": {"50%": "200ms", "99%": "900ms"}},
            "tokens": "150/s",
            **({"by_hour": {3: 0.5, 9: 1.5}} if draws.happens("hourly", 0.5) else {}),
        },
        "quota": {
            "requests": draws.pick("rate", ["300/m", "6000/m", "60000/m"]),
            "counts": draws.pick("counts", ["up_front", "at_end"]),
            "refused_too": draws.happens("refused", 0.5),
            **({"input_tokens": "400k/m"} if draws.happens("input", 0.4) else {}),
            **({"output_tokens": "30k/m"} if draws.happens("output", 0.4) else {}),
        },
        "cut_share": draws.pick("cut", ["0%", "20%"]),
    }
    if draws.happens("capped", 0.5):
        made["max_tokens"] = 100
    if draws.happens("crowded", 0.5):
        made["capacity"] = {
            "streams": draws.pick("streams", [10, 2000]),
            "others": draws.pick("others", [0.3, 0.95, 1.5]),
            "swing": "10%",
            "slower_when_full": 2.0,
        }
    if draws.happens("billed", 0.5):
        made["bill"] = {"price": {"input": 2.0, "output": 8.0}, "budget": 0.5}
    return made


COMPONENTS: Mapping[str, Callable[[Draws], Plain]] = {
    "workers": _workers,
    "cpu": _cpu,
    "llm": _llm,
    "batch": _batch,
    "embedding": _embedding,
    "rerank": _rerank,
    "guardrail": _guardrail,
    "cache": cache,
    "semantic_cache": semantic_cache,
    "external": _external,
    "vector_index": vectors,
    "relational": relational,
    "queue": message_queue,
    "object_store": object_store,
}
"""By kind."""


def request_class(draws: Draws, entry: str) -> Plain:
    """Who asks for what, and how they behave."""
    made: Plain = {
        "arrives_at": entry,
        "priority": draws.whole("priority", -1, 2),
        "prompt_tokens": {"quantiles": {"50%": 400, "99%": 4000}},
        "output_tokens": {"quantiles": {"50%": 40, "99%": 300}},
        "cache_key": {"zipf": draws.pick("zipf", [0.0, 0.9, 1.4]), "keys": 500},
        "client": {"retries": draws.whole("retries", 0, 2)},
        "unsafe": draws.pick("unsafe", ["0%", "10%"]),
    }
    if draws.happens("impatient", 0.6):
        made["client"] = {
            "retries": draws.whole("retries", 0, 2),
            "patience": draws.pick("patience", ["1s", "5s", "20s"]),
        }
    if draws.happens("habits", 0.4):
        made["client"] = {"retries": 2, **_habits(draws.below("habits"))}
    if draws.happens("sessions", 0.3):
        made["session"] = {
            "turns": draws.whole("turns", 1, 6),
            "think": {"exponential": "2s"},
            "words": draws.pick("words", [0, 90, 2000]),
            "gives_up": "50%",
            **({"context_max": 3000} if draws.happens("limited", 0.5) else {}),
            **({"returns": {"share": "80%", "after": "3s"}} if draws.happens("r", 0.5) else {}),
        }
    if draws.happens("tenants", 0.3):
        quota = draws.pick(
            "quota", [{}, {"requests": "60/m"}, {"tokens": "9000/m"}, {"concurrency": 2}]
        )
        made["tenants"] = {"count": 20, "zipf": 1.1, "quota": quota}
    if draws.happens("shares", 0.5):
        made["shared_prompt"] = [
            {"tokens": 300},
            {"tokens": 500, "variants": draws.pick("variants", [1, 20]), "zipf": 0.9},
        ]
    return made


def _habits(draws: Draws) -> Plain:
    """What people do beyond waiting for a constant time."""
    made: Plain = {"patience": draws.pick("patience", ["3s", {"exponential": "4s"}])}
    if draws.happens("first", 0.6):
        made["patience_first_token"] = {"exponential": "1500ms"}
    if draws.happens("reloads", 0.6):
        made["reload"] = {"share": "60%", "after": draws.pick("pause", ["0", "300ms"]), "max": 3}
    if draws.happens("back", 0.5):
        made["comes_back"] = {"share": "50%", "after": {"exponential": "10s"}}
    if draws.happens("stops", 0.5):
        made["stops_reading"] = {"share": "30%", "after": {"exponential": "1s"}}
    if draws.happens("reads", 0.3):
        made["reads"] = "60/s"
    if draws.happens("sdk", 0.5):
        made["sdk"] = "openai"
    return made


Faults = Mapping[str, Callable[[Draws, str], Plain]]
"""A fault's own fields by kind, None to leave one out; the target is what the kind strikes."""

ON_CLASS: Faults = {
    "load_spike": lambda draws, _: {"multiplier": draws.pick("x", [1.2, 2, 8])},
    "prompt_mix_shift": lambda draws, _: {
        "share": draws.pick("share", [0.2, 1.0]),
        "prompt_tokens": {"quantiles": {"50%": 3000, "99%": 9000}},
        "located_at": "front",
    },
}
ON_NODE: Faults = {
    "node_loss": lambda _draws, _: {},
    "slow_gpu": lambda draws, _: {"slowdown": draws.pick("x", [1.5, 5])},
}
ON_COMPONENT: Mapping[str, Faults] = {
    "workers": {"capacity_dip": lambda draws, _: {"share_left": draws.pick("left", [0.1, 0.5])}},
    "cache": {"cache_flush": lambda _draws, _: {"lasts": None}},
    "semantic_cache": {"cache_flush": lambda _draws, _: {"lasts": None}},
    "external": {"provider_quota_cut": lambda draws, _: {"share_left": draws.pick("x", [0, 0.3])}},
}

ACTIONS = (
    "scale {pods} {few}", "restart {pods}", "drain {node}", "cordon {node}", "uncordon {node}",
    "add_nodes gpu 1", "flush {any}", "warm {any}", "rollback {pods}", "shed {class} 0.5",
    "limit {class} requests_per_second 5", "limit {class} concurrency 10", "limit {class} off",
    "limit {class} tenant_requests_per_minute 20 tenant_concurrency 2",
    "tune {any} queue_max 5", "tune {any} shed_percent 50", "tune {any} max_num_seqs 8",
    "retries {edge} 0",
    "timeout {edge} 300ms", "timeout {edge} 30s --on-timeout leave", "delete_pod {pod} --force",
    "delete_pod {pod}", "restart {pod}",
)  # fmt: skip
"""Commands with names to fill in; what a system does not have is refused, as at the seat."""
