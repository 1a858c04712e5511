"""How the people and programs outside behave, beyond a constant patience and constant retries."""

from dataclasses import dataclass

from simulator.plant.laws import Distribution

_NOW = Distribution("fixed", 0)


@dataclass(frozen=True, slots=True)
class Session:
    """A user's requests one after another, each with the whole conversation so far in its prompt.

    An arrival of the class is a session, and its first turn. `words` is what each later turn adds
    to the conversation. Beyond `context_max` tokens (0: none) the oldest ones are left out, after
    which nothing but the shared prompt is where it was. After a turn that was not answered the user
    gives up with `gives_up_share`. When a session ends, the same user begins another one after
    `returns_after` with `returns_share`.
    """

    turns: Distribution
    think: Distribution
    words: Distribution
    context_max: int = 0
    gives_up_share: float = 0.0
    returns_share: float = 0.0
    returns_after: Distribution = _NOW


@dataclass(frozen=True, slots=True)
class Tenants:
    """Whose requests a class's are: `count` tenants, the k-th weighing k^-zipf.

    Quotas hold for each of them at the door (0: none): token buckets that hold a minute's worth,
    for requests and for tokens of prompt and answer, and requests in flight. The `shown` largest
    are counted one by one for whoever scrapes.
    """

    count: int
    zipf: float = 0.0
    requests_per_minute: float = 0.0
    tokens_per_minute: float = 0.0
    concurrency_max: int = 0
    shown: int = 5


@dataclass(frozen=True, slots=True)
class Client:
    """Habits of a class's users; a class without them has constant patience and constant backoff.

    `patience` replaces the class's own: it is drawn by the request's key, as all of this is, and
    kept by every try. Who has seen no token `first_token_patience` after asking leaves. Who leaves
    asks again with `reload_share`, at most `reloads_max` times, as the same intent with its
    patience begun anew. An intent that ended badly is asked again as a new one after `back_after`
    with `back_share`. With `stops_share` a user reads for `stops_after` from the first token on and
    then stops the answer, content with it.

    Retry k (from 1) waits the class's backoff x 2^(k-1), at most `backoff_max_ns` (0: the backoff
    stays as it is), shortened by up to a share of `backoff_jitter`; with `heeds_retry_after` what
    the door's 429 says instead, where that is no longer than a minute.

    Who reads slowly (`reads_ns_per_token`, 0: as fast as tokens come) holds the entry component's
    call, and its worker if it holds one, until the answer has been read.
    """

    patience: Distribution | None = None
    first_token_patience: Distribution | None = None
    reload_share: float = 0.0
    reloads_max: int = 1
    reload_after: Distribution = _NOW
    back_share: float = 0.0
    back_after: Distribution = _NOW
    stops_share: float = 0.0
    stops_after: Distribution = _NOW
    backoff_max_ns: int = 0
    backoff_jitter: float = 0.0
    heeds_retry_after: bool = False
    reads_ns_per_token: int = 0
    session: Session | None = None
    tenants: Tenants | None = None
