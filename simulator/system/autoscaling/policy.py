"""Reading a policy document: a Kubernetes manifest, or one of our own kinds."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from simulator import kinds
from simulator.errors import suggestion
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.autoscaling.kinds.hpa import Hpa
from simulator.system.autoscaling.manifest import HpaManifest

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A field the reader does not know and left out: where, and what to look at."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class PolicyRead:
    """A policy, and every field of its document that was left out."""

    policy: Autoscaler
    ignored: tuple[Ignored, ...]


def read_policy(document: object) -> PolicyRead:
    """Read one parsed YAML or JSON document.

    Unknown fields of a manifest are reported, not refused, as files made for clusters carry many.
    Raises ValueError (pydantic's, with paths, where a field is wrong) for anything unusable.
    """
    if not isinstance(document, dict):
        raise ValueError("a policy is a mapping: a HorizontalPodAutoscaler, or {kind: static, ...}")
    _refuse_templates(document)
    kind = document.get("kind")
    if kind == "HorizontalPodAutoscaler":
        manifest, ignored = _tolerantly(document)
        return PolicyRead(Hpa.from_manifest(manifest), ignored)
    if not isinstance(kind, str) or kind not in kinds.names("autoscalers"):
        known = (*kinds.names("autoscalers"), "HorizontalPodAutoscaler")
        hint = suggestion(str(kind), known)
        msg = f"unknown policy kind {kind!r}{hint}; known: {', '.join(known)}"
        raise ValueError(msg)
    model: type[Autoscaler] = kinds.load("autoscalers", kind)
    return PolicyRead(model.model_validate(document), ())


def _refuse_templates(document: dict[str, Any]) -> None:
    if document.get("kind") == "Kustomization":
        raise ValueError("this is Kustomize input; render it first: kustomize build DIR > FILE")
    if {"name", "version"} <= document.keys() and "apiVersion" in document:
        raise ValueError("this is a Helm chart; render it first: helm template CHART > FILE")


def _tolerantly(document: dict[str, Any]) -> tuple[HpaManifest, tuple[Ignored, ...]]:
    """Read a manifest; fields it does not know are taken out, and told."""
    try:
        return HpaManifest.model_validate(document), ()
    except ValidationError as error:
        unknown = [e["loc"] for e in error.errors() if e["type"] == "extra_forbidden"]
    manifest = HpaManifest.model_validate(_without(document, unknown))
    ignored = tuple(Ignored(p, f"unknown field {str(p[-1])!r}, left out") for p in unknown)
    return manifest, ignored


def _without(document: dict[str, Any], paths: Sequence[Path]) -> dict[str, Any]:
    pruned = copy.deepcopy(document)
    for path in paths:
        parent: Any = pruned
        for step in path[:-1]:
            parent = parent[step]
        del parent[path[-1]]
    return pruned
