"""What a person gets when we are wrong: a short message and a file to send."""

import platform
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from simulator import __version__


def report(error: BaseException, arguments: Sequence[str], *, shows_traceback: bool) -> None:
    """Write a bug report and say where it is."""
    trace = "".join(traceback.format_exception(error))
    text = (
        f"brownout {__version__}\npython {platform.python_version()} on {platform.platform()}\n"
        f"command: brownout {' '.join(arguments)}\n\n{trace}"
    )
    with tempfile.NamedTemporaryFile(
        "w", prefix="brownout-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    if shows_traceback:
        click.echo(trace, err=True)
    said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    click.echo(f"brownout: this is our bug, not yours: {said}", err=True)
    click.echo(f"A report is in {Path(file.name)}; --debug shows the traceback.", err=True)
