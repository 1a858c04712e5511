"""What a provider outside counts, charges and is short of, as the plant takes it."""

from dataclasses import dataclass

BUCKETS = ("requests", "tokens", "input_tokens", "output_tokens")
"""What a provider's quotas are of, in the order of their buckets; `tokens` are both kinds."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A provider's terms beside its quotas of requests and tokens; 0 means no such limit.

    Up front a call is counted with its prompt and `max_tokens` (without one: with the tokens it
    will be given); at the end with its prompt as it comes and the tokens it was given as it ends.
    """

    input_tokens_per_minute: float = 0.0
    output_tokens_per_minute: float = 0.0
    counts_at_end: bool = False
    max_tokens: int = 0  # asked for by every call: longer answers end there
    burst_s: float = 60.0  # of each quota: so much of it may come at once
    counts_refused: bool = False  # a refused request takes one from the request quota as well
    price_input: float = 0.0  # per million tokens
    price_output: float = 0.0
    budget: float = 0.0  # spent: every call is refused from then on
    slower_at: tuple[float, ...] = ()  # 24 factors of all its times, at the full hours
    streams_max: int = 0  # answers it can write at once, for all its customers
    others: float = 0.0  # of these, the share that other customers want
    others_at: tuple[float, ...] = ()  # 24 factors of that, at the full hours
    swing: float = 0.0  # standard deviation of what others want, relative to its mean
    swing_ns: int = 30_000_000_000  # how soon it is another
    slower_when_full: float = 1.0  # factor of all times when every stream is taken
    cut_share: float = 0.0  # of answers that end midway
