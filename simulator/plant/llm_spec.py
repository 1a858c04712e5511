"""What a model server may do besides: speculate, share adapters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speculation:
    """Drafts `drafts` tokens per sequence and step, which the next step verifies in one go.

    Each is accepted with probability `acceptance` if those before it were, so that a verification
    yields 1 + a + a^2 + ... + a^drafts tokens in the mean (Leviathan, Kalman, Matias 2023). A pass
    of the drafting model over T tokens takes (w^p + (s T)^p)^(1/p), p being the server's: one over
    the step's tokens, then drafts - 1 over one token per sequence. Where it takes no time (n-grams
    of the prompt) drafts need no KV blocks of their own.
    """

    drafts: int
    acceptance: float
    w_ms: float = 0.0
    s_us_per_token: float = 0.0


@dataclass(frozen=True, slots=True)
class Adapters:
    """LoRA adapters on one server: at most `on_gpu_max` different ones in a batch.

    The least recently used gives way, on the GPU and among `on_host_max` in the host's memory. A
    step that needs one that is not there lasts as much longer as loading it takes; any step with an
    adapter in it does `overhead_share` more work in the linear layers.
    """

    on_gpu_max: int
    on_host_max: int
    load_from_disk_ns: int = 0
    load_from_host_ns: int = 0
    overhead_share: float = 0.0


@dataclass(frozen=True, slots=True)
class RemotePrefill:
    """Prompts are computed by another component, and their KV cache comes over a network.

    `ns_per_token` is what its bytes take on the sending server's link, one transfer after another;
    `latency_ns` comes on top of each. Where a transfer fails, the prompt is computed here.
    """

    component: str
    ns_per_token: float
    latency_ns: int = 0
