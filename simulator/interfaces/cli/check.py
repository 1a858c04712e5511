"""`brownout check`: pass marks in continuous integration."""

from pathlib import Path

import click

from simulator.interfaces.cli import options
from simulator.interfaces.cli.arguments import ScenarioName

EXIT_NOT_MET = 4


@click.command("check", short_help="Pass marks, for continuous integration.")
@options.all_of(
    click.argument("paths", nargs=-1, required=True, type=ScenarioName(), metavar="PATH..."),
    click.option(
        "--seeds", type=options.Seeds(), default="1", show_default=True, help="Such as 1..20."
    ),
    options.changes,
    options.jobs,
    click.option(
        "--junit",
        "report",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write JUnit XML here as well.",
    ),
)
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    seeds: tuple[int, ...],
    changes: tuple[str, ...],
    jobs: int,
    report: Path | None,
) -> None:
    """Run scenarios with their reference response and hold them to their pass marks.

    PATH is a scenario's name or file, or a folder of them. Exits with 4 when any fails.
    """
    from simulator.drill.pool import must_compile  # noqa: PLC0415  heavy for --help
    from simulator.drill.processes import map_all  # noqa: PLC0415  the same
    from simulator.interfaces.checking import Case, examine, junit  # noqa: PLC0415  the same
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import warn_of_compiling  # noqa: PLC0415  the same
    from simulator.scenario.reader import load  # noqa: PLC0415  the same

    sources = [load(path, changes).source for path in _files(paths)]
    cases = [Case(source, seed) for source in sources for seed in seeds]
    screen, done = Screen(), 0
    warn_of_compiling(screen)

    def tell(_place: int) -> None:
        nonlocal done
        done += 1
        screen.progress(f"checking: {done} of {len(cases)}")

    results = map_all(examine, cases, jobs, tell, first_here=must_compile())
    screen.progress("")
    for result in results:
        screen.say(result.line)
    failed = sum(result.verdict == "FAIL" for result in results)
    screen.say(f"{len(results)} checked, {failed} failed")
    if report is not None:
        report.write_text(junit(results), encoding="utf-8")
    if failed:
        context.exit(EXIT_NOT_MET)


def _files(paths: tuple[str, ...]) -> list[str]:
    """Put a folder's scenarios in its place."""
    from simulator.scenario.library import SUFFIXES  # noqa: PLC0415  as above

    found: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            found.append(path)
            continue
        inside = [
            str(each) for each in sorted(Path(path).iterdir()) if each.name.endswith(SUFFIXES)
        ]
        if not inside:
            raise click.UsageError(f"{path} holds no *.drill.yaml")
        found += inside
    return list(dict.fromkeys(found))
