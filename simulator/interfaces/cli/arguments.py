"""Arguments that several commands share."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from simulator.scenario.library import available


class ScenarioName(click.ParamType[str]):
    """A scenario by name or path; names complete."""

    name = "scenario"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002  as click calls it
        param: click.Parameter,  # noqa: ARG002  as click calls it
        incomplete: str,
    ) -> list[CompletionItem]:
        names = [name for name in available() if name.startswith(incomplete)]
        files = [] if names else [CompletionItem(incomplete, type="file")]
        return [CompletionItem(name) for name in names] + files


class InputFile(ScenarioName):
    """A file of any of our kinds, or a scenario's name."""

    name = "file"


def new_path(name: str) -> Path:
    """Say where a new scenario of that name goes."""
    return Path("scenarios") / f"{name}.drill.yaml"
