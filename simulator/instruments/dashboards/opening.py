"""What is in a dashboard's file: its JSON, taken out of what Grafana's APIs wrap it in.

Dashboards of Grafana's second schema, which have `elements` where others have `panels`, are put in
the words of the first.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from simulator.errors import InvalidInput, Mistake

Json = Mapping[str, Any]
_WRAPPERS = ("dashboard", "json", "spec")
_LIKE_YAML = re.compile(r"\s*(?:#|---|- |[\w.\"'-]+:(?:\s|$))")


def opened(text: str, file: str) -> Json:
    """Give a dashboard in the words of Grafana's first schema.

    Raises InvalidInput when it is no JSON, or no dashboard with panels.
    """
    value = _parsed(text, file)
    for wrapper in _WRAPPERS:
        if isinstance(value, dict) and not _has_panels(value):
            value = value.get(wrapper, value)
    if isinstance(value, dict) and isinstance(value.get("elements"), dict):
        value = _from_second(value)
    if isinstance(value, dict) and (objects(value, "panels") or objects(value, "rows")):
        return value
    raise InvalidInput([Mistake(file, 1, 1, "no-dashboard", _why(value))])


def _parsed(text: str, file: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line, column, message = error.lineno, error.colno, f"this is not JSON: {error.msg}"
        if not text.strip():
            message = "this file is empty; a Grafana dashboard is expected, as JSON"
        elif error.pos <= len(text) - len(text.lstrip()) and _LIKE_YAML.match(text):
            message = "this is not JSON; if it is YAML with a dashboard in it, take its JSON out"
        raise InvalidInput([Mistake(file, line, column, "not-json", message)]) from error
    except (RecursionError, ValueError) as error:  # the latter for numbers without end
        deep = isinstance(error, RecursionError)
        message = f"this JSON cannot be read: {'it is nested too deep' if deep else error}"
        raise InvalidInput([Mistake(file, 1, 1, "not-json", message)]) from error


def _has_panels(value: Json) -> bool:
    return any(isinstance(value.get(key), list) for key in ("panels", "rows")) or (
        isinstance(value.get("elements"), dict)
    )


def _why(value: object) -> str:
    if isinstance(value, dict):
        if _has_panels(value):
            return "this dashboard has no panels"
        if isinstance(value.get("panels"), dict):
            return "this is no Grafana dashboard: 'panels' is no list; Perses's are not read"
    return "this is no Grafana dashboard: there is no list of 'panels'"


def _from_second(value: Json) -> Json:
    """Put the second schema's words into the first's."""
    elements = [each for each in mapping(value, "elements").values() if isinstance(each, dict)]
    variables = [
        {"type": _variable_type(str(each.get("kind"))), **mapping(each, "spec")}
        for each in objects(value, "variables")
    ]
    panels = [_panel(each) for each in elements]
    return {"title": value.get("title"), "panels": panels, "templating": {"list": variables}}


def _variable_type(kind: str) -> str:
    name = kind.removesuffix("Variable").lower()
    return "textbox" if name == "text" else name


def _panel(element: Json) -> Json:
    spec = mapping(element, "spec")
    title = {"title": spec.get("title")}
    if element.get("kind") == "LibraryPanel":
        return {**title, "libraryPanel": mapping(spec, "libraryPanel")}
    drawn, data = mapping(spec, "vizConfig"), mapping(mapping(spec, "data"), "spec")
    kind = drawn.get("group") or drawn.get("kind")  # a group since v2beta1
    targets = []
    for each in objects(data, "queries"):
        query = mapping(mapping(each, "spec"), "query")
        source = str(query.get("group") or query.get("kind"))
        asked = mapping(each, "spec")
        own = {"refId": asked.get("refId"), "hide": asked.get("hidden")}
        targets.append({**mapping(query, "spec"), **own, "datasource": {"type": source}})
    changes = [
        {"id": each.get("group") or each.get("kind"), **mapping(each, "spec")}
        for each in objects(data, "transformations")
    ]
    look = mapping(drawn, "spec")
    return {**title, **look, "type": kind, "targets": targets, "transformations": changes}


def objects(value: Json, key: str) -> list[dict[str, Any]]:
    """Give the objects of a list; none where there is no list."""
    found = value.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def mapping(value: Json, key: str) -> Json:
    """Give an object; an empty one where there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}
