"""The first drill on a machine compiles the plant, which takes a while: said, and done ahead."""

from simulator.interfaces.screen import Screen
from simulator.plant.jit import CACHE_FOLDER, IS_COMPILED, is_cached


def warn_of_compiling(screen: Screen) -> None:
    """Say that the first run takes longer, where it will."""
    if IS_COMPILED and not is_cached():
        screen.aside("compiling the simulator, once on this machine: about a minute")


def compiled_in() -> str:
    """Say where compiled code is kept."""
    return str(CACHE_FOLDER) if IS_COMPILED else "nowhere: NUMBA_DISABLE_JIT is set"
