"""Options that several commands share, and what they are read as."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from simulator.interfaces.cli.arguments import ScenarioName

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
SEED_MAX = 2**62
_SEEDS = re.compile(r"^(\d+)(?:\.\.(\d+))?$")


class Seeds(click.ParamType[tuple[int, ...]]):
    """Seeds as `1..20`, `7` or `1,3,5..8`."""

    name = "seeds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        seeds: list[int] = []
        for part in str(value).split(","):
            match = _SEEDS.match(part.strip())
            if match is None:
                self.fail(f"{part!r} is no seed; write 7, 1..20 or 1,3,5..8", param, ctx)
            first, last = int(match[1]), int(match[2] or match[1])
            if last < first:
                self.fail(f"{part!r} counts backwards; write {last}..{first}", param, ctx)
            seeds += range(first, last + 1)
        return tuple(dict.fromkeys(seeds))


scenario = click.argument("scenario", type=ScenarioName(), metavar="NAME|FILE")
seed = click.option(
    "--seed", type=click.IntRange(0, SEED_MAX), default=0, show_default=True, help="Which run."
)
twin = click.option(
    "--twin",
    type=click.Choice(["healthy", "noisy"]),
    help="The drill without its fault: quiet, or with red herrings.",
)
changes = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Put a value in place of the file's, such as faults[0].at=3m.",
)
out = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where run folders go.",
)
jobs = click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes at once."
)


def all_of(*options: Decorator) -> Decorator:
    """Apply several options in the order help shows them."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate
