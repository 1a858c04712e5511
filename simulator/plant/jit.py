"""The one decorator that compiles the plant, and where its compiled code is kept.

Numba does not notice that a callee in another file changed, so the cache folder is named after a
digest of every source file of the plant and of the versions that compile it.
"""

import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config as _numba_config

from simulator.plant.compiling import is_known, our_habits

config: Any = _numba_config  # its settings are made at run time
# There is nothing to vectorize in an event loop: trying costs compile time, and pairs of words
# read back as one vector stall the processor.
config.LOOP_VECTORIZE = config.SLP_VECTORIZE = 0
F = TypeVar("F", bound=Callable[..., Any])

IS_COMPILED = not config.DISABLE_JIT
"""False under NUMBA_DISABLE_JIT=1: the same source runs interpreted."""


def source_digest() -> str:
    """Name the plant's sources and the versions that compile them, in 16 hex digits."""
    digest = hashlib.sha256()
    versions = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
    digest.update(repr((versions, config.BOUNDSCHECK)).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Say where compiled code is kept: the user's cache, else a temporary folder."""
    chosen = os.environ.get("XDG_CACHE_HOME")
    base = Path(chosen) if chosen else Path("~/.cache").expanduser()
    folder = base / "brownout" / f"plant-{source_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        user = getattr(os, "getuid", lambda: 0)()
        folder = Path(tempfile.gettempdir()) / f"brownout-{user}" / folder.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


CACHE_FOLDER = cache_folder() if IS_COMPILED else Path()


def is_cached() -> bool:
    """Say whether compiled code for these sources is on disk already."""
    return IS_COMPILED and any(CACHE_FOLDER.rglob("*.nbi"))


def _options(*, is_part: bool, forceinline: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True}
    if is_part:
        options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    # What is a part of its callers is one in the cache too.
    options |= {"cache": not (is_part and is_known), "forceinline": forceinline}
    # Without reference counting an event costs a third, and an allocation does not compile.
    if hasattr(numba.core.options.DefaultOptions, "_nrt"):
        options["_nrt"] = False
    else:
        options["forceinline"] = True
    return options


def _decorate(function: F, *, is_part: bool, forceinline: bool = False, is_rare: bool = False) -> F:
    if not IS_COMPILED:
        return _interpreted(function)
    before = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE_FOLDER)
    try:
        part = _as_ours(
            function, is_part=is_part or is_known, forceinline=forceinline, is_rare=is_rare
        )
        if is_part or not is_known:
            return cast("F", part)
        # Python calls one version; compiled callers are given the other, to be a part of them.
        entry = _as_ours(function, is_part=False, forceinline=forceinline)
        entry.get_call_template, entry.get_overload = part.get_call_template, part.get_overload
        return cast("F", entry)
    finally:
        config.CACHE_DIR = before


def _as_ours(function: F, *, is_part: bool, forceinline: bool, is_rare: bool = False) -> Any:
    """Compile once for all whole numbers, where Numba would once more for every constant."""
    dispatcher: Any = numba.njit(**_options(is_part=is_part, forceinline=forceinline))(function)
    template, compile_ = dispatcher.get_call_template, dispatcher.compile
    unliteral = numba.types.unliteral

    def compiled_our_way(signature: Any) -> Any:
        with our_habits(is_part=is_part, is_rare=is_rare):
            return compile_(signature)

    def without_constants(args: Any, kws: Any) -> Any:
        plain = {name: unliteral(kind) for name, kind in kws.items()}  # type: ignore[no-untyped-call]
        return template(tuple(unliteral(kind) for kind in args), plain)  # type: ignore[no-untyped-call]

    dispatcher.get_call_template = without_constants
    dispatcher.compile = compiled_our_way
    return dispatcher


def _interpreted(function: F) -> F:
    # Hashes wrap around on purpose; NumPy's scalars would warn where compiled code does not.
    @functools.wraps(function)
    def quiet(*args: Any) -> Any:
        with np.errstate(over="ignore"):
            return function(*args)

    return cast("F", quiet) if getattr(function, "__hashes__", False) else function


def compiled(function: F) -> F:
    """Compile a function of the plant; interpreted it is left as it is."""
    return _decorate(function, is_part=False)


def internal(function: F) -> F:
    """Compile a function that only compiled functions call."""
    return _decorate(function, is_part=True)


def rare(function: F) -> F:
    """Compile a function that only compiled functions call, and seldom."""
    return _decorate(function, is_part=True, is_rare=True)


def hashing(function: F) -> F:
    """Compile a function whose unsigned arithmetic wraps around on purpose."""
    function.__dict__["__hashes__"] = True
    return _decorate(function, is_part=False, forceinline=True)


def inlined_entry(function: F) -> F:
    """Compile a function into each of its callers, for Python to call as well."""
    return _decorate(function, is_part=False, forceinline=True)


def inlined(function: F) -> F:
    """Compile a function into each of its callers: small, or called from one place only."""
    return _decorate(function, is_part=True, forceinline=True)
