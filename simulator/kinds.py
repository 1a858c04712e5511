"""A folder is its own registry: one kind, one file, and the file name is the kind.

Looking a kind up imports that one module; listing kinds imports nothing.
"""

import importlib
import pkgutil
from functools import cache

from simulator.errors import InvariantViolated, NotFound

FOLDERS = {
    "components": "simulator.system.topology.components",
    "autoscalers": "simulator.system.autoscaling.kinds",
    "faults": "simulator.faults",
    "actions": "simulator.response.actions",
    "responders": "simulator.response.responders",
    "criteria": "simulator.debrief.grading.criteria",
    "sections": "simulator.debrief.postmortem.sections",
}
"""Registry name to the package that holds one module per kind."""


@cache
def names(registry: str) -> tuple[str, ...]:
    """Every kind in a registry, sorted, without importing any of them."""
    package = importlib.import_module(_folder(registry))
    found = (m.name for m in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


@cache
def load(registry: str, kind: str) -> type:
    """Import one kind's module and return its class: the one whose `kind` is the file's name.

    Raises NotFound for an unknown kind and InvariantViolated for a module without its class.
    """
    if kind not in names(registry):
        raise NotFound(_singular(registry), kind, names(registry))
    module = importlib.import_module(f"{_folder(registry)}.{kind}")
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            declared = getattr(value, "kind_name", None)
            if declared == kind:
                return value
    msg = f"{module.__name__} has no class whose kind_name is {kind!r}"
    raise InvariantViolated(msg)


def _folder(registry: str) -> str:
    if registry not in FOLDERS:
        raise NotFound("registry", registry, FOLDERS)
    return FOLDERS[registry]


def _singular(registry: str) -> str:
    return {"criteria": "criterion"}.get(registry, registry.removesuffix("s"))
