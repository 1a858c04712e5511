"""A field that holds one of several verbs, written as a mapping with that verb as its key."""

from collections.abc import Callable, Iterable, Mapping, Sized
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

    def chosen(self) -> Spoken:
        """Return the one that was given."""
        (verb,) = self.model_fields_set
        said = getattr(self, verb)
        assert isinstance(said, Spoken)  # noqa: S101 - every field is one
        return said


class OneOf:
    """Says that a field holds one of several verbs, written as a mapping with that verb as key.

    Only the verbs that a file uses are imported: `load` finds the class behind one.
    """

    def __init__(
        self, name: str, verbs: Callable[[], Iterable[str]], load: Callable[[str], type[Spoken]]
    ) -> None:
        self.name, self.verbs, self.load = name, verbs, load
        self._models: dict[tuple[str, ...], type[_Choice]] = {}

    def read(self, value: object) -> Spoken:
        """Take a command as it is, or read the mapping that names one; raises ValidationError."""
        if isinstance(value, Spoken):
            return value
        named = (value,) if isinstance(value, str) else value
        known = tuple(self.verbs())
        # What names no verb, or a wrong one, is told by the model that has them all.
        used = tuple(verb for verb in known if isinstance(named, Iterable) and verb in named)
        is_one = len(used) == 1 and isinstance(named, Sized) and len(named) == 1
        return self._model(used if is_one else known).model_validate(value).chosen()

    def _model(self, verbs: tuple[str, ...]) -> type[_Choice]:
        if verbs not in self._models:
            fields: dict[str, Any] = {}
            for verb in verbs:
                kind = self.load(verb)
                fields[verb] = (kind | None, Field(default=None, description=kind.effect))
            self._models[verbs] = create_model(self.name, __base__=_Choice, **fields)
        return self._models[verbs]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, metadata={"pydantic_js_functions": [self._json_schema]}
        )

    def _json_schema(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        model = self._model(tuple(self.verbs()))
        model.model_rebuild()  # the schema of a model is made when first asked for
        written = handler(model.__pydantic_core_schema__)
        whole = dict(handler.resolve_ref_schema(written))
        # Editors accept a bare verb too.
        return {"anyOf": [whole, {"enum": sorted(whole["properties"])}]}
