"""Grafana's newer schema (elements and layouts) written as the older one (a list of panels)."""

from collections.abc import Mapping
from typing import Any


def as_older(value: Mapping[str, Any]) -> dict[str, Any]:
    """A dashboard of the newer schema with its panels in the older form."""
    elements = value.get("elements")
    panels = (
        [_panel(_spec(each)) for each in elements.values()] if isinstance(elements, dict) else []
    )
    variables = value.get("variables")
    listed = [_spec(each) for each in variables] if isinstance(variables, list) else []
    return {"title": value.get("title"), "panels": panels, "templating": {"list": listed}}


def _panel(spec: Mapping[str, Any]) -> dict[str, Any]:
    shown = spec.get("vizConfig")
    shown = shown if isinstance(shown, dict) else {}
    queries = _spec(spec.get("data")).get("queries")
    targets = [_target(_spec(each)) for each in queries] if isinstance(queries, list) else []
    return {
        "title": spec.get("title"),
        # The plugin's name has moved from `kind` to `group` on the way.
        "type": shown.get("group") or shown.get("kind"),
        "targets": targets,
        **{key: part for key, part in _spec(shown).items() if key in ("fieldConfig", "options")},
    }


def _target(query: Mapping[str, Any]) -> dict[str, Any]:
    return {**_spec(query.get("query")), "hide": query.get("hidden")}


def _spec(value: object) -> dict[str, Any]:
    spec = value.get("spec") if isinstance(value, dict) else None
    return spec if isinstance(spec, dict) else {}
