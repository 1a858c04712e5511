"""One kind of request: where it arrives, what it asks for, and who waits for it."""

from typing import Annotated

from pydantic import Field

from simulator.plant import spec
from simulator.plant.spec import PRIORITY_MAX, PRIORITY_MIN, ClassSpec
from simulator.system.topology._model import Model, Name, Positive
from simulator.system.topology.client import Client, Session
from simulator.system.topology.distribution import Counts
from simulator.system.topology.tenants import Tenants
from simulator.units import Duration, Share


class CacheKey(Model):
    """How popular the keys of a class are."""

    zipf: Annotated[float, Field(ge=0.0, le=5.0)] = Field(
        description="popularity exponent; 0: all alike, 1.2: usual for production caches",
        examples=[1.2],
    )
    keys: Positive = Field(description="how many distinct keys there are", examples=[50000])


class SharedPrompt(Model):
    """One level of what prompts begin with."""

    tokens: Positive = Field(description="how long it is", examples=[600])
    variants: Positive = Field(
        1, description="how many there are of it, each request having one", examples=[500]
    )
    zipf: Annotated[float, Field(ge=0.0, le=5.0)] = Field(
        0.0, description="how popular they are: exponent of a Zipf law; 0: all alike", examples=[1]
    )
    name: Name | None = Field(
        None, description="classes that write the same name share it", examples=["system"]
    )


class Evaluation(Model):
    """A judge scores a sample of the answers, and errs."""

    share: Share = Field("2%", validate_default=True, description="of answers", examples=["2%"])
    judge_error: Share = Field(
        "10%", validate_default=True, description="of scores the wrong way", examples=["10%"]
    )
    delay: Duration = Field(
        "2m",
        validate_default=True,
        description="mean time until a score is in; half of it for certain",
        examples=["2m"],
    )


class Feedback(Model):
    """Who presses thumbs-down."""

    wrong: Share = Field(
        "5%", validate_default=True, description="of readers of a wrong answer", examples=["5%"]
    )
    good: Share = Field(
        "0.2%", validate_default=True, description="of readers of a good one", examples=["0.2%"]
    )
    delay: Duration = Field(
        "1m",
        validate_default=True,
        description="mean time until they have read it; half of it for certain",
        examples=["1m"],
    )


class Tickets(Model):
    """Who writes to support."""

    bad: Share = Field(
        "0.5%",
        validate_default=True,
        description="of users whose request was refused, given up, failed, wrong or late",
        examples=["0.5%"],
    )
    good: Share = Field(
        "0.002%",
        validate_default=True,
        description="of all others, about something else",
        examples=["0.002%"],
    )
    delay: Duration = Field(
        "8m",
        validate_default=True,
        description="mean time until they do; half of it for certain",
        examples=["8m"],
    )


class RequestClass(Model):
    """One kind of request."""

    arrives_at: Name = Field(description="the component users reach", examples=["gateway"])
    weight: Annotated[float, Field(gt=0.0, le=1000.0)] = Field(
        1.0, description="harm of one bad request, relative to other classes", examples=[1]
    )
    priority: Annotated[int, Field(strict=True, ge=PRIORITY_MIN, le=PRIORITY_MAX)] = Field(
        0,
        description="how important its requests are to what goes by priority; higher: more",
        examples=[2],
    )
    prompt_tokens: Counts = Field(
        0,
        validate_default=True,
        description="tokens a request brings",
        examples=[{"quantiles": {"50%": 1020, "99%": 4142}}],
    )
    output_tokens: Counts = Field(
        0,
        validate_default=True,
        description="tokens of a full answer",
        examples=[{"quantiles": {"50%": 129, "99%": 601}}],
    )
    adapter: Name | None = Field(
        None,
        description="the LoRA adapter it asks for at model servers that serve adapters; none: the "
        "model itself",
        examples=["legal"],
    )
    cache_key: CacheKey | None = Field(
        None,
        description="how requests share cache keys; none: each has its own",
        examples=[{"zipf": 1.2, "keys": 50000}],
    )
    shared_prompt: list[SharedPrompt] = Field(
        default_factory=list,
        description="what its prompts begin with, level by level (system prompt, template, "
        "document): part of prompt_tokens, cached by model servers",
        examples=[[{"tokens": 600}, {"tokens": 2000, "variants": 500, "zipf": 0.9}]],
        max_length=3,
    )
    unsafe: Share = Field(
        "0%",
        validate_default=True,
        description="share of requests that must not be answered: guardrails look for them, and "
        "an answer to one is wrong",
        examples=["1%"],
    )
    client: Client = Field(
        default_factory=Client,
        description="what people do while they wait",
        examples=[{"patience": "20s", "retries": 1}],
    )
    session: Session | None = Field(
        None,
        description="requests one after another, each with the conversation so far in its prompt; "
        "prompt_tokens are those of the first; none: every request stands alone",
        examples=[{"turns": 6, "think": {"exponential": "20s"}, "words": 60}],
    )
    tenants: Tenants | None = Field(
        None,
        description="whose requests they are, and what each tenant may ask for; none: nobody's",
        examples=[{"count": 200, "zipf": 1.1, "quota": {"requests": "60/m"}}],
    )
    evaluation: Evaluation = Field(
        default_factory=Evaluation,
        description="how answers are scored",
        examples=[{"share": "2%", "judge_error": "10%"}],
    )
    thumbs_down: Feedback = Field(
        default_factory=Feedback,
        description="who presses thumbs-down",
        examples=[{"wrong": "5%", "good": "0.2%"}],
    )
    tickets: Tickets = Field(
        default_factory=Tickets,
        description="who writes to support",
        examples=[{"bad": "0.5%", "delay": "8m"}],
    )

    def class_spec(self, name: str, *, late_ttft_ns: int = 0, late_e2e_ns: int = 0) -> ClassSpec:
        """Say this class in the plant's terms; limits of 0 mean none."""
        key = self.cache_key
        return ClassSpec(
            name=name,
            entry=self.arrives_at,
            priority=self.priority,
            prompt_tokens=self.prompt_tokens,
            output_tokens=self.output_tokens,
            adapter=self.adapter or "",
            key_zipf=key.zipf if key else 0.0,
            keys=key.keys if key else 0,
            shared_prompt=tuple(
                spec.SharedPrompt(each.tokens, each.variants, each.zipf, each.name or "")
                for each in self.shared_prompt
            ),
            patience_ns=self.client.patience_ns,
            client_retries_max=self.client.retries,
            client_backoff_ns=self.client.backoff,
            unsafe_share=self.unsafe,
            late_ttft_ns=late_ttft_ns,
            late_e2e_ns=late_e2e_ns,
            evaluated_share=self.evaluation.share,
            judge_error_share=self.evaluation.judge_error,
            thumbs_down_share_wrong=self.thumbs_down.wrong,
            thumbs_down_share_good=self.thumbs_down.good,
            client=self.client.plant_client(
                self.session.plant_session() if self.session else None,
                self.tenants.plant_tenants() if self.tenants else None,
            ),
        )
