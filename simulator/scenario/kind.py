"""A field whose model is chosen by its `kind`: only the kinds a file uses are imported."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from simulator import kinds
from simulator.errors import InvariantViolated, suggestion


@dataclass(frozen=True, slots=True)
class OfKind:
    """Annotates a field: `Annotated[Fault, OfKind("faults")]` reads any kind of that registry."""

    registry: str

    def read(self, value: object) -> BaseModel:
        """Validate a mapping with the model its `kind` names; raises ValidationError."""
        model = self.model(value)
        return value if isinstance(value, model) else model.model_validate(value)

    def model(self, value: object) -> type[BaseModel]:
        """Say which model a mapping asks for; raises ValidationError if it is none of them."""
        if isinstance(value, BaseModel):
            return type(value)
        known = kinds.names(self.registry)
        what = self.registry.removesuffix("s")
        if not isinstance(value, dict):
            raise _error((), "wrong_type", f"should be a mapping with a kind: {_listed(known)}")
        if "kind" not in value:
            raise _error((), "missing_kind", f"missing field 'kind'; known: {_listed(known)}")
        kind = value["kind"]
        if not isinstance(kind, str) or kind not in known:
            near = suggestion(str(kind), known)
            text = f"unknown {what} kind {str(kind)!r}{near}; known: {_listed(known)}"
            raise _error(("kind",), "unknown_kind", text)
        return self.load(kind)

    def load(self, kind: str) -> type[BaseModel]:
        """Import one kind's model; NotFound for an unknown one."""
        model = kinds.load(self.registry, kind)
        if not issubclass(model, BaseModel):
            msg = f"{self.registry} kind {kind} is not a model"
            raise InvariantViolated(msg)
        return model

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, metadata={"pydantic_js_functions": [self._json_schema]}
        )

    def _json_schema(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        known = kinds.names(self.registry)
        branches = []
        for kind in known:
            model = self.load(kind)
            model.model_rebuild()  # kinds are built when first asked for
            asked = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
            branches.append({"if": asked, "then": handler(model.__pydantic_core_schema__)})
        which = {"enum": list(known), "description": "which kind this is"}
        return {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": which},
            "allOf": branches,
        }


def _listed(known: tuple[str, ...]) -> str:
    return ", ".join(known) or "none"


def _error(loc: tuple[str, ...], code: str, text: str) -> ValidationError:
    # The text goes in as context, since braces in a template have a meaning.
    error = PydanticCustomError(code, "{text}", {"text": text})
    return ValidationError.from_exception_data(
        "kind", [InitErrorDetails(type=error, loc=loc, input=None)]
    )
