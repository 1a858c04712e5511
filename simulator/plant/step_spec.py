"""What a component does for a request: the steps of its handlers."""

from dataclasses import dataclass
from typing import Literal

from simulator.plant.laws import Distribution


@dataclass(frozen=True, slots=True)
class Work:
    """Occupies one server of the component for a drawn time, and more for the request's tokens."""

    lasts: Distribution
    per_prompt_token_ns: int = 0
    per_output_token_ns: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Calls another component over the edge named by the callee.

    On a cache miss `on_miss` runs and, where it succeeds, fills the missed key. On any failure
    after the edge's own retries `on_failure` runs; where that is empty the request fails, unless
    `on_error` says to go on as if it had succeeded (`open`) or to refuse (`closed`); a callee's
    own refusal is one all the same. A guardrail's verdict refuses the request. Tokens are the
    request's own, unless the call has laws for them; they are drawn by the request's key. A call
    that writes is for relational stores.
    """

    callee: str
    on_miss: tuple["Step", ...] = ()
    on_failure: tuple["Step", ...] = ()
    on_error: Literal["", "open", "closed"] = ""
    prompt_tokens: Distribution | None = None
    output_tokens: Distribution | None = None
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Parallel:
    """Runs branches at once and joins when all (or the first) are done; any failure fails `all`."""

    branches: tuple[tuple["Step", ...], ...]
    join: Literal["all", "first"] = "all"


@dataclass(frozen=True, slots=True)
class Chance:
    """Takes `then` with the given probability, drawn by the request's key, else `otherwise`."""

    share: float
    then: tuple["Step", ...]
    otherwise: tuple["Step", ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """Ends the handler at once."""

    outcome: Literal["ok", "failed", "refused"] = "ok"


@dataclass(frozen=True, slots=True)
class Loop:
    """Runs steps a number of times, drawn by the request's key: an agent's turns.

    No more than `times_max` times (at most 200, all loops of a handler together); not again
    once the prompt has `context_max` tokens or `within_ns` have passed (0: no such limits). With
    `grows` the prompt of later calls is longer after each round by what the model last answered and
    a drawn number of tokens more, and begins with what it was before.
    """

    times: Distribution
    steps: tuple["Step", ...]
    times_max: int = 15
    grows: Distribution | None = None
    context_max: int = 0
    within_ns: int = 0


Step = Work | Call | Parallel | Chance | Return | Loop
