"""A field that holds one of several verbs, written as a mapping with that verb as its key."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    create_model,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from simulator.response.spoken import Spoken


class _Choice(BaseModel):
    """A mapping with one key, the verb; a bare verb has no arguments."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _one_verb(cls, value: Any) -> Any:
        fields = {value: {}} if isinstance(value, str) else value
        if isinstance(fields, Mapping):
            if len(fields) != 1:
                raise ValueError("name one verb here; each step does one thing")
            return {verb: {} if given is None else given for verb, given in fields.items()}
        return fields

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Let editors accept a bare verb too."""
        written = handler(schema)
        whole = dict(handler.resolve_ref_schema(written))
        return {"anyOf": [whole, {"enum": sorted(whole["properties"])}]}

    def chosen(self) -> Spoken:
        """Return the one that was given."""
        (verb,) = self.model_fields_set
        said = getattr(self, verb)
        assert isinstance(said, Spoken)  # noqa: S101 - every field is one
        return said


class OneOf:
    """Says that a field holds one of several verbs, written as a mapping with that verb as key."""

    def __init__(self, name: str, verbs: Callable[[], Mapping[str, type[Spoken]]]) -> None:
        self.name, self.verbs = name, verbs

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        fields: dict[str, Any] = {
            verb: (kind | None, Field(default=None, description=kind.effect))
            for verb, kind in self.verbs().items()
        }
        model = create_model(self.name, __base__=_Choice, **fields)
        schema = handler.generate_schema(model)
        return core_schema.no_info_wrap_validator_function(_chosen, schema)


def _chosen(value: object, read: core_schema.ValidatorFunctionWrapHandler) -> Spoken:
    """Take a command as it is, or read the mapping that names one."""
    if isinstance(value, Spoken):
        return value
    choice = read(value)
    assert isinstance(choice, _Choice)  # noqa: S101 - what the schema builds
    return choice.chosen()
