"""The narrow ports through which faults, actions and controllers reach the simulated world.

Only protocols and plain data: `drill` wires them to the plant and the cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from simulator.edits import PanelEdit, RuleEdit


class Home(StrEnum):
    """Where trouble lives; renewing the home clears it."""

    PROCESS = "process"  # a restart clears it
    HOST = "host"  # replacing the node clears it
    RELEASE = "release"  # a rollback clears it
    DATA = "data"  # restoring or rebuilding clears it
    EXTERNAL = "external"  # only waiting or routing around helps
    TRAFFIC = "traffic"  # shedding or blocking helps


class Knob(StrEnum):
    """A mechanism parameter trouble can change; how causes combine stands beside each."""

    SLOWDOWN = "slowdown"  # place: pod, node, component; product
    ERROR_SHARE = "error_share"  # pod, node, component; 1 - product of (1 - value)
    WORKERS = "workers"  # pod, component; product: share of servers left
    CORES = "cores"  # pod, node, component (cpu); product: share of cores left
    CPU_LIMIT = "cpu_limit"  # pod, component (cpu with a limit); product: share of it left
    QUOTA = "quota"  # component (external): share of every quota left; product
    PROVIDER_LOAD = "provider_load"  # component (external): of what others want of it; product
    PROVIDER_QUALITY = "provider_quality"  # component (external): share still right; product
    PROVIDER_CUTS = "provider_cuts"  # component (external): answers cut; 1 - product of (1 - value)
    MEMORY_LEAK = "memory_leak"  # pod, component with limits: bytes a second; sum, as the next
    FD_LEAK = "fd_leak"  # files a second
    DISK_LEAK = "disk_leak"  # bytes a second
    GPU_MEMORY_LEAK = "gpu_memory_leak"  # bytes a second
    DELAY = "delay"  # edge: added one-way delay in ns; sum
    JITTER = "jitter"  # edge, pod, zone: messages take up to so many ns longer; sum
    LOSS = "loss"  # as JITTER: share of packets; 1 - product of (1 - value), as the next three
    BLOCKED = "blocked"  # as JITTER: share of connections that nothing gets through
    REQUESTS_BLOCKED = "requests_blocked"  # ... that no request gets through
    ANSWERS_BLOCKED = "answers_blocked"  # ... that no answer gets through
    ARRIVALS = "arrivals"  # class: rate multiplier; product
    MIX = "mix"  # class: share of arrivals of the other token mix; largest
    HOT_TENANT = "hot_tenant"  # class: share of users who are its first tenant's; largest
    SCRAPE_FAILURE = "scrape_failure"  # pod, component: 1 where its own exporter fails; largest
    PROXY_FAILURE = "proxy_failure"  # the same for the statistics of its proxy
    LABEL_VALUES = "label_values"  # revision: values of a label its exporter adds; largest
    LOG_LOSS = "log_loss"  # pod, component, monitoring: lost lines; 1 - product of (1 - value)
    LOG_RATE = "log_rate"  # monitoring: lines a second one stream may write; least


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A thing with a name: `class/chat`, `node/gpu-1`, `pod/llm-2`, `gateway`, `gateway -> llm`."""

    kind: Literal[
        "component", "pod", "node", "node_pool", "edge", "class", "autoscaler", "zone",
        "monitoring", "revision",
    ]  # fmt: skip
    name: str

    def __str__(self) -> str:
        bare = self.kind in {"component", "edge"}
        return self.name if bare else f"{self.kind}/{self.name}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Read `kind/name`, `caller -> callee` or a bare component name."""
        text = " ".join(text.split())
        for kind in ("class", "node", "pod", "node_pool", "autoscaler", "zone", "monitoring"):
            if text.startswith(f"{kind}/"):
                return cls(kind, text.removeprefix(f"{kind}/"))
        if "->" in text:
            caller, _, callee = text.partition("->")
            return cls("edge", f"{caller.strip()} -> {callee.strip()}")
        return cls("component", text.removeprefix("component/"))


class PodPhase(StrEnum):
    """Kubernetes's pod phases, with the two states kubectl prints in their place."""

    PENDING = "Pending"
    RUNNING = "Running"
    CRASH_LOOP = "CrashLoopBackOff"
    TERMINATING = "Terminating"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class PodView:
    """A pod as the API server shows it; times in ns, None where it has not happened."""

    name: str
    component: str
    node: str | None
    phase: PodPhase
    is_ready: bool
    revision: str
    created_at: int
    started_at: int | None
    ready_changed_at: int | None  # last transition of the Ready condition
    restarts: int
    reason: str = ""  # why Pending or restarted, in the scheduler's or kubelet's words
    was_ever_ready: bool = False
    last_terminated: str = ""  # why its container ended the last time: OOMKilled, Error


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as the API server shows it."""

    name: str
    pool: str
    is_ready: bool
    is_cordoned: bool
    gpus: int
    pods: tuple[str, ...]
    created_at: int


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A deployment as the API server shows it."""

    name: str
    kind: str
    replicas_desired: int
    replicas_ready: int
    revision: str
    revision_before: str | None
    rollout_in_progress: bool


class Looks(Protocol):
    """The API server's view: what controllers and kubectl-like looks read at once."""

    @property
    def now(self) -> int: ...
    def components(self) -> Sequence[ComponentView]: ...
    def component(self, name: str) -> ComponentView:
        """Raise NotFound for an unknown name, as the next three do."""
        ...

    def pods(self, component: str | None = None) -> Sequence[PodView]: ...
    def pod(self, name: str) -> PodView: ...
    def nodes(self, pool: str | None = None) -> Sequence[NodeView]: ...
    def node(self, name: str) -> NodeView: ...
    def node_pools(self) -> Sequence[str]: ...
    def classes(self) -> Sequence[str]: ...
    def edges(self) -> Sequence[str]: ...
    def autoscalers(self) -> Sequence[str]: ...
    def setting(self, place: Place, setting: str) -> float | None:
        """Read the value in force, None where it was never set and has no default."""
        ...


@dataclass(frozen=True, slots=True)
class TokenMix:
    """Token counts some arrivals follow instead of their class's own: (share, tokens) quantiles."""

    prompt_tokens: tuple[tuple[float, float], ...] = ()
    output_tokens: tuple[tuple[float, float], ...] = ()


class Afflictions(Protocol):
    """What faults can do: change mechanisms, never labels, metrics or alerts."""

    def afflict(self, cause: str, home: Home, place: Place, knob: Knob, value: float) -> None:
        """Change a knob for everything at that place, now and later, until relieved or renewed."""
        ...

    def relieve(self, cause: str) -> None:
        """Undo everything this cause still holds; other causes stay."""
        ...

    def set_other_mix(self, request_class: str, mix: TokenMix) -> None:
        """Say what the share given by Knob.MIX asks for."""
        ...

    def lose_node(self, node: str) -> None:
        """Stop a host and its heartbeats."""
        ...

    def return_node(self, node: str) -> None: ...

    def delete_keys(self, component: str) -> int:
        """Empty a cache; return how many keys went."""
        ...

    def release(
        self,
        component: str,
        revision: str,
        quality: float | None,
        note: str,
        memory_leak: float = 0.0,
    ) -> None:
        """Start an ordinary rollout of a revision, with its ordinary line in the change log.

        Quality None is that of the revision before; the leak is in bytes a second of its pods.
        """
        ...

    def restore_release(self, component: str) -> None:
        """Roll back whatever a lifted cause had released, if it still runs."""
        ...

    def edit_rules(self, cause: str, edit: RuleEdit, note: str) -> None:
        """Release changed rule files until relieved or rolled back; no note: long ago."""
        ...

    def edit_panel(self, cause: str, edit: PanelEdit, note: str) -> None:
        """Release a changed dashboard until relieved or rolled back."""
        ...


class Levers(Protocol):
    """What actions can do; each raises ActionRefused, having changed nothing, or says what it did.

    The answer is what the tool would print, in one line.
    """

    def scale(self, component: str, replicas: int) -> str: ...
    def restart_pod(self, pod: str) -> str: ...
    def restart_component(self, component: str) -> str:
        """Roll all pods over, as `kubectl rollout restart` does."""
        ...

    def cordon(self, node: str, *, cordoned: bool) -> str: ...
    def drain_node(self, node: str) -> str: ...
    def drain_pod(self, pod: str) -> str: ...
    def force_delete_pod(self, pod: str) -> str: ...
    def roll_back(self, component: str) -> str: ...
    def configure(self, place: Place, setting: str, value: float) -> str:
        """Set a limit or policy: see `Setting` for the names."""
        ...

    def divert(self, edge: str, to: str, share: float) -> str: ...
    def flush_cache(self, component: str) -> str: ...
    def warm_cache(self, component: str, share: float) -> str: ...
    def add_nodes(self, pool: str, count: int) -> str: ...
    def freeze_autoscaler(self, name: str, *, frozen: bool) -> str: ...
    def silence(self, matchers: str, lasts_ns: int, comment: str) -> str: ...
    def expire_silence(self, number: int) -> str: ...
    def restart_monitoring(self, part: str) -> str:
        """Start Prometheus or the log collector afresh."""
        ...

    def roll_back_monitoring(self, part: str) -> str:
        """Take back the last release of the rules or the dashboards."""
        ...


class Setting(StrEnum):
    """What `configure` can set; 0 means no limit where a limit is meant."""

    RATE_MAX = "rate_max"  # class: arrivals per second; edge: calls per second
    CONCURRENCY_MAX = "concurrency_max"  # class, edge
    PROMPT_TOKENS_MAX = "prompt_tokens_max"  # class
    OUTPUT_TOKENS_MAX = "output_tokens_max"  # class
    SHED_SHARE = "shed_share"  # class
    TENANT_REQUESTS = "tenant_requests"  # class: a minute, of each of its tenants, as the next two
    TENANT_TOKENS = "tenant_tokens"
    TENANT_CONCURRENCY = "tenant_concurrency"
    RETRIES_MAX = "retries_max"  # edge
    RETRY_BUDGET = "retry_budget"  # edge
    TIMEOUT_NS = "timeout_ns"  # edge
    CANCELS = "cancels"  # edge: 1 cancels timed-out calls downstream
    EF = "ef"  # component (vector index)
    QUEUE_MAX = "queue_max"  # component
    MAX_NUM_SEQS = "max_num_seqs"  # component (llm)
    TTL_NS = "ttl_ns"  # component (cache), as the next three
    KEYS_MAX = "keys_max"
    STALE_NS = "stale_ns"
    NEGATIVE_TTL_NS = "negative_ttl_ns"
    SIMILARITY_MIN = "similarity_min"  # component (semantic cache)
    SHED_PERCENT = "shed_percent"  # component that sheds: of the loads from which on it does


class World(Looks, Afflictions, Levers, Protocol):
    """Everything; each kind should ask for the narrowest port that serves it."""
