"""A run's dashboards as lines of text, at any moment of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from simulator.drill.drill import Drill
from simulator.errors import UsageError
from simulator.instruments.dashboards import markup
from simulator.instruments.dashboards.grafana import read_dashboard
from simulator.instruments.dashboards.library import dashboard
from simulator.instruments.dashboards.panels import Dashboard
from simulator.instruments.dashboards.terminal import drawn
from simulator.interfaces.moment import as_it_stood
from simulator.units import MS, duration


@dataclass(frozen=True, slots=True)
class Picture:
    """What is wanted: a component or `users`, or a Grafana file; when, and how wide."""

    name: str
    at: int | None
    since: str
    grafana: str = ""
    variables: tuple[str, ...] = ()
    width: int | None = None


def picture(run: str, root: Path, wanted: Picture) -> list[str]:
    """Do a run again up to a moment and draw what was scraped by then."""
    try:
        back = duration(wanted.since)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from error
    given = _variables(wanted.variables)  # before any work is done
    drill = as_it_stood(run, root, wanted.at)
    board = _board(wanted, given, drill)
    width = wanted.width or min(shutil.get_terminal_size((96, 24)).columns, 140)
    start_ms = max(drill.now_ms - back // MS, drill.calendar.ms(0))
    return drawn(board, drill.store, start_ms, drill.now_ms, width)


def with_panels(page: Path, run: str, root: Path, grafana: str, variables: tuple[str, ...]) -> Path:
    """Write a report anew with a dashboard's panels over the whole drill; return the new page."""
    given = _variables(variables)  # before any work is done
    board = read_dashboard(Path(grafana).read_text(encoding="utf-8"), grafana, given)
    drill = as_it_stood(run, root, None)
    start_ms = drill.calendar.ms(drill.warm_up)
    section = markup.drawn(board, drill.store, start_ms, drill.now_ms)
    before, end, after = page.read_text(encoding="utf-8").rpartition("</main>")
    path = page.with_name(f"report-{Path(grafana).stem}.html")
    path.write_text(f"{before}{section}{end}{after}", encoding="utf-8")
    return path


def _board(wanted: Picture, given: dict[str, str], drill: Drill) -> Dashboard:
    if not wanted.grafana:
        board = dashboard(wanted.name, drill.shown_as)
        return drill.world.monitoring.shown(wanted.name, board)
    text = Path(wanted.grafana).read_text(encoding="utf-8")
    return read_dashboard(text, wanted.grafana, given)


def _variables(words: tuple[str, ...]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise UsageError(f"--var {name!r}: write NAME=VALUE, such as instance=llm-0")
    return {name: value for name, _, value in pairs}
