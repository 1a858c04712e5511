"""Which fields a model has at some path of a document, for suggestions and help."""

from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from simulator.scenario.kind import OfKind
from simulator.scenario.yaml import YamlPath


def field_names(model: type[BaseModel]) -> list[str]:
    """List a model's fields as files write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def fields_at(model: type[BaseModel], value: object, path: YamlPath) -> list[str]:
    """List the fields that fit at a path; several models if a union stands there."""
    types: list[Any] = [model]
    for step in path:
        types = [inner for t in types for inner in _step(t, value, step)]
        value = _inside(value, step)
    models = [m for t in types for m in _models(t, value)]
    return [name for m in models for name in field_names(m)]


def _inside(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _step(annotation: Any, value: object, step: str | int) -> list[Any]:
    found = []
    for model in _models(annotation, value):
        for name, field in model.model_fields.items():
            if step == (field.alias or name):
                found.append(Annotated[field.annotation, *field.metadata, None])
    return found or _items(annotation)


def _models(annotation: Any, value: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        for kind in metadata:
            if isinstance(kind, OfKind):
                return _of_kind(kind, value)
        return _models(inner, value)
    if _is_container(annotation):
        return []
    return [model for inner in get_args(annotation) for model in _models(inner, value)]


def _of_kind(kind: OfKind, value: object) -> list[type[BaseModel]]:
    try:
        return [kind.model(value)]
    except ValidationError:
        return []


def _is_container(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, list | dict | tuple)


def _items(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _items(get_args(annotation)[0])
    if _is_container(annotation):
        return [get_args(annotation)[-1 if get_origin(annotation) is dict else 0]]
    return [item for inner in get_args(annotation) for item in _items(inner)]
