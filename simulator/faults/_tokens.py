"""Token counts as a scenario writes them: a few quantiles."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulator.units import Share


class TokenQuantiles(BaseModel):
    """How many tokens, given as quantiles: linear in the logarithm between, flat outside."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    quantiles: dict[Share, int] = Field(
        description="Share of requests to the number of tokens they stay within.",
        examples=[{"50%": 24000, "99%": 60000}],
        min_length=1,
    )

    @field_validator("quantiles")
    @classmethod
    def _rises(cls, value: dict[float, int]) -> dict[float, int]:
        tokens = [value[share] for share in sorted(value)]
        if tokens[0] < 1 or tokens != sorted(tokens):
            raise ValueError("token counts must be 1 or more and rise with the share")
        return value

    def points(self) -> tuple[tuple[float, float], ...]:
        """Pairs of (share, tokens), rising."""
        return tuple((share, float(self.quantiles[share])) for share in sorted(self.quantiles))
