"""The version of the file format a scenario is written for."""

from typing import Annotated

from pydantic import AfterValidator, Field

SCHEMA = 1
"""The version of the file format this reads."""


def _readable(version: int) -> int:
    if version > SCHEMA:
        raise ValueError(
            f"schema {version} is newer than this Brownout, which reads {SCHEMA}; "
            "upgrade it, or ask for a file of the older schema"
        )
    return version


Version = Annotated[int, Field(strict=True, ge=1), AfterValidator(_readable)]
"""The version a file is written for."""
