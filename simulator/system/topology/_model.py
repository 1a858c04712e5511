"""The settings every model of a scenario's system shares, and names that YAML may misread."""

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

NAME = r"^[a-z][a-z0-9_-]*$"
"""How components, classes and node pools are named: pod names and targets are made from them."""


class Model(BaseModel):
    """Refuses unknown fields and never changes; defaults are written as a person writes them."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    msg = f"{value!r} is not a text here; put it in quotes"
    raise ValueError(msg)


def _name(text: str) -> str:
    if re.fullmatch(NAME, text):
        return text
    msg = (
        f"{text!r} is not a name; write lower-case letters, digits, - and _, "
        "starting with a letter, such as gateway"
    )
    raise ValueError(msg)


Name = Annotated[
    str, AfterValidator(_name), BeforeValidator(_text), WithJsonSchema({"type": "string",
                                                                        "pattern": NAME})
]  # fmt: skip
"""The name of a component, class or node pool."""

Text = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_text)]
"""A text that YAML might read as a number or date, such as a version."""

Count = Annotated[int, Field(strict=True, ge=0)]
"""A whole number from 0."""

Positive = Annotated[int, Field(strict=True, ge=1)]
"""A whole number from 1."""
