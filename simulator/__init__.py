"""Brownout: a flight simulator for the people and programs who run AI systems.

`from simulator import load, run, grade, compare` is all of it from Python; nothing heavy is
imported before one of them is asked for.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_SURFACE = ("load", "run", "grade", "compare")


def __getattr__(name: str) -> Any:
    """Import the Python surface when it is first asked for."""
    if name not in _SURFACE:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    return getattr(importlib.import_module("simulator.interfaces.python"), name)


def __dir__() -> list[str]:
    return sorted([*_SURFACE, "__version__"])
