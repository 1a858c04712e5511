"""How one component calls another: `edges: {gateway -> llm: {timeout: 20s}}`."""

from typing import Annotated, Literal

from pydantic import Field

from simulator.plant.spec import EdgeSpec, RetryOn
from simulator.system.topology._model import Count, Model
from simulator.system.topology.balance import BalanceOrPolicy, Split
from simulator.system.topology.connection_pool import ConnectionPool
from simulator.system.topology.exporters import ENVOY_S
from simulator.system.topology.guards import Adaptive, Breaker, Hedge, Outliers
from simulator.units import Bytes, Duration, Share


class Retries(Model):
    """What a caller does when a call fails or times out."""

    max: Count = Field(description="attempts after the first", examples=[2])
    backoff: Duration = Field(
        "25ms",
        validate_default=True,
        description="pause before the first retry, doubled each time",
        examples=["500ms"],
    )
    jitter: Literal["none", "full"] = Field(
        "full", description="full: the pause is drawn from 0 to its length", examples=["full"]
    )
    budget: Share | None = Field(
        None,
        description="largest share of retries among active calls (3 are always allowed)",
        examples=["20%"],
    )
    on: tuple[RetryOn, ...] = Field(
        ("connect", "reset", "timeout", "5xx"),
        description="what is tried again; 5xx includes a full queue and nobody ready",
        examples=[["connect", "reset", "429"]],
    )
    on_429: bool = Field(
        default=False,
        description="also retry what was refused for its rate: as 429 among `on`",
        examples=[True],
    )
    retry_after: Literal["ignore", "honour"] = Field(
        "ignore",
        description="honour: wait as long as a 429 or 503 says, up to 60s, as SDKs do",
        examples=["honour"],
    )


class Payload(Model):
    """How long messages are besides their tokens, which take 4 bytes each."""

    request: Bytes = Field(
        "1Ki", validate_default=True, description="of a request", examples=["2Ki"]
    )
    answer: Bytes = Field(
        "1Ki", validate_default=True, description="of an answer", examples=["64Ki"]
    )


class Edge(Model):
    """How calls travel, wait, give up, retry and choose a replica."""

    delay: Duration = Field(
        "0.3ms",
        validate_default=True,
        description="network time, one way; with a `network`, comes on top of what zones are "
        "apart, and is 0 unless written",
        examples=["0.3ms"],
    )
    jitter: Duration = Field(
        "0", validate_default=True, description="a message takes up to so much longer",
        examples=["5ms"],
    )  # fmt: skip
    loss: Share = Field(
        "0%",
        validate_default=True,
        description="share of packets lost; what is lost is sent again after 200 ms and more",
        examples=["0.5%"],
    )
    payload: Payload = Field(
        default_factory=Payload,
        description="how long messages are, for what loss does to them",
        examples=[{"request": "2Ki", "answer": "64Ki"}],
    )
    timeout: Duration | None = Field(
        None, description="longest wait for one attempt; none: for ever", examples=["20s"]
    )
    connect_timeout: Duration = Field(
        "1s",
        validate_default=True,
        description="how long an attempt on an unreachable replica takes to fail",
        examples=["1s"],
    )
    retries: Retries | None = Field(
        None, description="what to do on failure; none: give up", examples=[{"max": 2}]
    )
    balance: BalanceOrPolicy = Field(
        "round_robin",
        validate_default=True,
        description="how a replica is chosen: a policy, or a policy with options",
        examples=["least_request", {"policy": "least_loaded", "refresh": "5s"}],
    )
    split: Split | None = Field(
        None,
        description="a share of calls for another component; none: all go to this one",
        examples=[{"to": "llm-canary", "share": "5%"}],
    )
    on_timeout: Literal["cancel", "leave"] = Field(
        "cancel",
        description="cancel: the callee stops; leave: it works on for nobody",
        examples=["leave"],
    )
    deadline: Literal["none", "check", "propagate"] = Field(
        "none",
        description="propagate: the callee is told until when its answer is of use (the timeout, "
        "or what is left of the caller's own time), cuts its own timeouts to that, and stops then; "
        "check: it begins nothing later, but ends what it has begun",
        examples=["propagate"],
    )
    concurrency_max: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        None, description="calls in flight at once; above it they fail at once", examples=[1024]
    )

    adaptive: Adaptive | None = Field(
        None,
        description="limit calls in flight by how their latency grows",
        examples=[{"update": "100ms", "measured_every": "60s"}],
    )
    breaker: Breaker | None = Field(
        None, description="stop calling what keeps failing", examples=[{"failures": "50%"}]
    )
    outliers: Outliers | None = Field(
        None,
        description="leave out replicas that keep failing",
        examples=[{"consecutive": 5, "ejected_for": "30s"}],
    )
    hedge: Hedge | None = Field(
        None, description="ask twice when the first is slow", examples=[{"after": "300ms"}]
    )
    pool: ConnectionPool | None = Field(
        None,
        description="connections each caller keeps to each callee; none: one for every call",
        examples=[{"max": 20, "timeout": "1s"}],
    )

    def edge_spec(self, caller: str, callee: str) -> EdgeSpec:
        """Say this edge in the plant's terms."""
        retries = self.retries or Retries(max=0)
        return EdgeSpec(
            caller=caller,
            callee=callee,
            delay_ns=self.delay,
            jitter_ns=self.jitter,
            loss=self.loss,
            request_bytes=self.payload.request,
            answer_bytes=self.payload.answer,
            timeout_ns=self.timeout or 0,
            connect_timeout_ns=self.connect_timeout,
            retries_max=retries.max,
            backoff_ns=retries.backoff,
            jitter=retries.jitter,
            retry_budget=retries.budget or 0.0,
            retries_on=(*retries.on, "429") if retries.on_429 else retries.on,
            honours_retry_after=retries.retry_after == "honour",
            balance=self.balance.policy,
            load_refresh_ns=self.balance.refresh or 0,
            load_bound=self.balance.load_bound or 0.0,
            near_until=self.balance.same_zone_until or 0.0,
            split_to=self.split.to if self.split else "",
            split_share=self.split.share if self.split else 0.0,
            on_timeout=self.on_timeout,
            deadline=self.deadline,
            concurrency_max=self.concurrency_max or 0,
            adaptive=self.adaptive.adaptive_spec() if self.adaptive else None,
            latency_bounds_s=ENVOY_S,
            breaker=self.breaker.breaker_spec() if self.breaker else None,
            outliers=self.outliers.outliers_spec() if self.outliers else None,
            hedge_after_ns=self.hedge.after if self.hedge else 0,
            hedges_max=self.hedge.max if self.hedge else 1,
            pool=self.pool.pool_spec() if self.pool else None,
        )


def ends(text: str) -> tuple[str, str]:
    """Split `caller -> callee`; ValueError says what to write."""
    caller, arrow, callee = (part.strip() for part in text.partition("->"))
    if not (caller and arrow and callee):
        raise ValueError(f"{text!r} is not an edge; write caller -> callee")
    return caller, callee


def edge_name(caller: str, callee: str) -> str:
    """Say an edge as scenarios and actions write it."""
    return f"{caller} -> {callee}"
