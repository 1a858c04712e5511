"""What a responder says: one verb with its arguments, the same at the prompt and in a runbook."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simulator.errors import UsageError, suggestion
from simulator.response.words import join_words, split_words
from simulator.units import SECOND

LOOK_NS = 5 * SECOND
"""How long an ordinary look takes a responder."""


class Spoken(BaseModel):
    """One thing said, checked for form; whether it can be done now is for the world to say.

    At the prompt it is `VERB POSITIONAL... --option VALUE`, in a runbook `{VERB: {field: value}}`,
    or `{VERB: value}` where there is a `shorthand`.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        defer_build=True,
        populate_by_name=True,
    )

    kind_name: ClassVar[str]
    """The verb."""
    syntax: ClassVar[str]
    """The line a person types."""
    effect: ClassVar[str]
    """What it does, in a sentence for `help`."""
    cost: ClassVar[str] = "nothing"
    """What it costs users, in a few words for `help`."""
    takes_ns: ClassVar[int] = 0
    """How long the responder is busy with it; what is refused takes no time."""
    mutates: ClassVar[bool] = False
    """Whether it changes the system."""
    positional: ClassVar[tuple[str, ...]] = ()
    """Fields in the order they are typed; every other field is an option."""
    shorthand: ClassVar[str] = ""
    """The field a bare value in a runbook stands for."""

    @model_validator(mode="before")
    @classmethod
    def _take_shorthand(cls, value: Any) -> Any:
        if value is None:
            return {}
        bare = isinstance(value, str | int | float) and not isinstance(value, bool)
        return {cls.shorthand: value} if bare and cls.shorthand else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Let editors accept the bare value too."""
        written = handler(schema)
        whole = handler.resolve_ref_schema(written)
        if cls.shorthand and "properties" in whole:
            bare = dict(whole["properties"][cls.shorthand])
            whole_copy = dict(whole)
            whole.clear()
            whole.update({"anyOf": [bare, whole_copy], "title": whole_copy.get("title")})
        return written

    @classmethod
    def read(cls, rest: str) -> Self:
        """Read what follows the verb on a line; UsageError says what to write instead."""
        return cls.build(cls._fields(split_words(rest)))

    @classmethod
    def build(cls, fields: dict[str, Any]) -> Self:
        """Check the fields; UsageError in one line, with the usage."""
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise cls.misused(_first_mistake(error)) from error

    @classmethod
    def misused(cls, why: str) -> UsageError:
        """Say what is wrong with a line, and how it is written."""
        return UsageError(f"{cls.kind_name}: {why}; write: {cls.syntax}")

    def spoken(self) -> str:
        """Write what follows the verb, so that `read` gives this back."""
        return join_words(self._words())

    def _words(self) -> list[str]:
        """Write positional fields, then options, leaving out what has its default."""
        words = [self._text(name) for name in self.positional if getattr(self, name) is not None]
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name in self.positional or value == type(self).model_fields[name].default:
                continue
            words += [f"--{_dashed(name)}"] if value is True else self._option(name)
        return words

    def _option(self, name: str) -> list[str]:
        return [f"--{_dashed(name)}", self._text(name)]

    def _text(self, name: str) -> str:
        """Write one field's value; kinds with durations or shares say how."""
        return str(getattr(self, name))

    @classmethod
    def _fields(cls, words: Sequence[str]) -> dict[str, Any]:
        """Sort words into fields."""
        fields: dict[str, Any] = {}
        free = [name for name in cls.positional if name in cls.model_fields]
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word.startswith("--") and len(word) > 2:  # noqa: PLR2004 - a bare -- names nothing
                name, has_value, value = word[2:].partition("=")
                name = cls._option_named(name)
                if cls.model_fields[name].annotation is bool:
                    fields[name] = True
                elif has_value or rest:
                    fields[name] = value if has_value else rest.pop(0)
                else:
                    raise cls.misused(f"{word} needs a value")
            elif free:
                fields[free.pop(0)] = word
            else:
                raise cls.misused(f"{word!r} is one word too many")
        return fields

    @classmethod
    def _option_named(cls, name: str) -> str:
        options = {_dashed(each): each for each in cls.model_fields if each not in cls.positional}
        if _dashed(name) not in options:
            raise cls.misused(f"no option --{name}{suggestion(name, options)}")
        return options[_dashed(name)]


def _dashed(name: str) -> str:
    """Write a field as an option; `json_` is so called only because pydantic has a `json`."""
    return name.rstrip("_").replace("_", "-")


def _first_mistake(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{where} is missing"
    if first["type"] == "string_pattern_mismatch":
        return f"{where}: {first['input']!r} is not a name"
    what = first["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what
