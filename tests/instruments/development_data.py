"""Public files to develop against; tests that use them skip where they are absent."""

import os
from pathlib import Path

_BESIDE_THE_CHECKOUT = Path(__file__).parents[2].parent / "shared" / "data"

DATA = Path(os.environ.get("BROWNOUT_DEVELOPMENT_DATA", _BESIDE_THE_CHECKOUT))
"""Where Prometheus's own test files and public rule files may be."""
