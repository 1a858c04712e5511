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
from simulator.scenario.yaml import read_text
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
    given = _variables(wanted.variables)
    text = read_text(Path(wanted.grafana), wanted.grafana) if wanted.grafana else None
    if text is not None:
        read_dashboard(text, wanted.grafana, given)  # its mistakes come before any work
    drill = as_it_stood(run, root, wanted.at)
    start_ms = max(drill.now_ms - back // MS, drill.calendar.ms(0))
    given = _windows(drill.now_ms - start_ms) | given
    board = _board(wanted, drill) if text is None else read_dashboard(text, wanted.grafana, given)
    width = wanted.width or min(shutil.get_terminal_size((96, 24)).columns, 140)
    return drawn(board, drill.store, start_ms, drill.now_ms, width)


def with_panels(page: Path, run: str, root: Path, grafana: str, variables: tuple[str, ...]) -> Path:
    """Write a report anew with a dashboard's panels over the whole drill; return the new page."""
    given, text = _variables(variables), read_text(Path(grafana), grafana)
    read_dashboard(text, grafana, given)  # its mistakes come before any work
    drill = as_it_stood(run, root, None)
    start_ms = drill.calendar.ms(drill.warm_up)
    board = read_dashboard(text, grafana, _windows(drill.now_ms - start_ms) | given)
    section = markup.drawn(board, drill.store, start_ms, drill.now_ms)
    before, end, after = page.read_text(encoding="utf-8").rpartition("</main>")
    path = page.with_name(f"report-{Path(grafana).stem}.html")
    path.write_text(f"{before}{section}{end}{after}", encoding="utf-8")
    return path


def _board(wanted: Picture, drill: Drill) -> Dashboard:
    board = dashboard(wanted.name, drill.shown_as)
    return drill.world.monitoring.shown(wanted.name, board)


def _windows(range_ms: int) -> dict[str, str]:
    """Grafana's words for how long the time range is."""
    seconds = range_ms // 1000
    return {"__range": f"{seconds}s", "__range_s": str(seconds), "__range_ms": str(range_ms)}


def _variables(words: tuple[str, ...]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise UsageError(f"--var {name!r}: write NAME=VALUE, such as instance=llm-0")
    return {name: value for name, _, value in pairs}
