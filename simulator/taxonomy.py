"""The public list of what can be wrong: the same words in every drill, whatever its cause.

A responder's hypothesis is made of these words, and a grade compares them with the truth. The list
is far longer than what one drill can hold, so that it gives nothing away.
"""

from enum import StrEnum


class Family(StrEnum):
    """The nine families of trouble."""

    COMPUTE = "compute"
    LIFECYCLE = "lifecycle"
    NETWORK = "network"
    CONFIG = "config and deploy"
    DEPENDENCY = "dependency"
    DATA = "data and queue"
    LOAD = "load"
    OBSERVABILITY = "observability"
    PROCESS = "humans and process"


_BY_FAMILY: dict[Family, dict[str, str]] = {
    Family.COMPUTE: {
        "cpu_starvation": "processes wait for CPU time, or are throttled by their CPU limit",
        "disk_full": "a volume is full or very slow",
        "engine_hang": "a process is alive, passes its checks and makes no progress",
        "gpu_failure": "an accelerator reports fatal errors or has gone from the bus",
        "gpu_throttling": "an accelerator computes, only slower than its equals",
        "memory_leak": "memory grows until a process is killed",
        "noisy_neighbour": "another tenant of the same host takes its resources",
        "pool_exhaustion": "threads, connections, ports or file descriptors have run out",
    },
    Family.LIFECYCLE: {
        "cold_start_storm": "many replicas load weights at once and serve nothing meanwhile",
        "crash_loop": "a process dies soon after each start",
        "host_loss": "a host has stopped, with everything on it",
        "reclaimed_capacity": "the provider took nodes back",
        "scale_out_blocked": "new replicas find no room",
        "zone_loss": "a whole zone is gone",
    },
    Family.NETWORK: {
        "certificate_expiry": "a certificate or key is past its date",
        "dns_failure": "names do not resolve, or resolve wrongly",
        "network_latency": "packets between two tiers take longer",
        "packet_loss": "packets between two tiers are lost",
        "partition": "two parts of the system cannot reach each other",
    },
    Family.CONFIG: {
        "autoscaler_misconfigured": "an autoscaler follows the wrong signal or the wrong bounds",
        "bad_configuration": "a pushed setting is wrong",
        "crashing_release": "a new revision fails where the old one worked",
        "prompt_regression": "a prompt or chat template no longer fits the model",
        "quality_regression": "a new revision answers as fast as before, and worse",
        "slow_release": "a new revision needs more time for the same work",
        "wrong_limits": "resource requests, limits or probes do not fit the process",
    },
    Family.DEPENDENCY: {
        "credentials_revoked": "an outside service no longer accepts our key",
        "provider_drift": "an outside model changed without notice",
        "provider_outage": "an outside service answers with errors, or not at all",
        "provider_quota": "an outside service refuses calls above an allowance",
        "provider_slow": "an outside service answers late",
    },
    Family.DATA: {
        "cache_poisoning": "a cache answers with what belongs to another question or user",
        "cache_stampede": "one missing key is computed by everyone at once",
        "cold_cache": "a cache has lost its content, and what lies behind it takes the load",
        "embedding_mismatch": "queries and index were embedded by different models",
        "index_degraded": "an index has lost shards, is being rebuilt, or no longer fits memory",
        "lock_contention": "transactions wait for each other",
        "poisoned_message": "one message stops everything queued behind it",
        "queue_backlog": "consumers fall behind producers",
        "stale_data": "answers come from data that should have been replaced",
    },
    Family.LOAD: {
        "agent_loop": "one request sets off hundreds of calls",
        "hot_key": "one key, tenant or shard takes most of the load",
        "kv_exhaustion": "running sequences need more KV blocks than the model servers have",
        "prefill_interference": "reading long prompts holds up the writing of other answers",
        "retry_storm": "retries of failed calls keep the system too busy to answer any",
        "thundering_herd": "everyone comes back at the same instant",
        "token_flood": "one client asks for far more tokens than its share",
        "traffic_surge": "more requests of the usual kind arrive than there is capacity for",
    },
    Family.OBSERVABILITY: {
        "alert_gap": "a rule that would have fired is gone, or asks for what is not there",
        "alert_noise": "an alert fires all the time, whatever happens",
        "alert_storm": "one trouble fires so many alerts that it cannot be seen",
        "label_explosion": "a label has more values than the metrics store can take",
        "misleading_signal": "a metric or dashboard shows what is not so",
        "telemetry_gap": "metrics or logs are missing or late",
    },
    Family.PROCESS: {
        "conflicting_change": "two people or programs undo each other's work",
        "harmful_response": "a well-meant step made it worse",
        "premature_close": "an incident was closed before it was over",
        "wrong_runbook": "the written steps belong to another trouble",
    },
}

MECHANISMS: dict[str, Family] = {
    name: family for family, members in _BY_FAMILY.items() for name in members
}
"""Every mechanism a hypothesis can name, and its family."""

MEANINGS: dict[str, str] = {
    name: says for members in _BY_FAMILY.values() for name, says in members.items()
}
"""Every mechanism in one sentence."""

TRIGGERS: dict[str, str] = {
    "brief_stall": "something paused or shrank for seconds, and came back",
    "config_change": "a setting was changed",
    "data_loss": "stored content was deleted or damaged",
    "demand_change": "more or fewer people came",
    "expiry": "a date passed",
    "hardware_fault": "a device began to fail",
    "host_failure": "a machine stopped",
    "maintenance": "planned work was under way",
    "manual_change": "someone changed something by hand",
    "mix_shift": "the same number of requests began to ask for something else",
    "network_change": "routes, rules or links changed",
    "provider_change": "someone outside changed what they offer",
    "release": "a new revision went out",
    "unknown": "not known yet",
}
"""What can have set trouble off, in one sentence each."""
