"""Finds the report's templates: beside the installed package, or in a checkout."""

from importlib.resources import as_file, files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

CHECKOUT = Path(__file__).parents[3] / "postmortems" / "templates"


def folder() -> Path:
    """Where the templates are."""
    bundled = files("simulator") / "_templates"
    if bundled.is_dir():
        with as_file(bundled) as path:
            return path
    return CHECKOUT


def environment(*, autoescape: bool) -> Environment:
    """Make a Jinja2 environment in which an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(folder()),
        autoescape=autoescape,  # noqa: S701 - Markdown cells are escaped by their own filter
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
