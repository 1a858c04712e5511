"""A file of requests served by one model server, from the files' names to the file of answers."""

import csv
import dataclasses
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import InvalidInput, Mistake, UsageError
from simulator.evaluation.serving.replay import HEADER, Served, serve
from simulator.evaluation.serving.requests import Request, read_requests
from simulator.evaluation.serving.summary import summary
from simulator.interfaces.progress import reaching
from simulator.interfaces.rows import read_row
from simulator.interfaces.screen import Screen
from simulator.interfaces.warming import warn_of_compiling
from simulator.plant.spec import Llm
from simulator.system.topology.hardware_row import HardwareRow

_REFUSALS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """The server: a row, and what is set in place of the row's own values."""

    hardware: str
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    kv_tokens: int | None = None
    no_prefix_cache: bool = False


def serve_trace(requests: Path, wanted: Wanted, out: Path) -> list[str]:
    """Serve requests, write how each fared, and say it in a few lines.

    Raises InvalidInput for a file that cannot be used, NotFound for a name of no hardware.
    """
    row, listed = _read(wanted.hardware, requests)
    if not out.parent.is_dir():
        raise UsageError(f"--out: there is no folder {out.parent}")
    screen = Screen()
    warn_of_compiling(screen)
    with reaching(len(listed), "requests") as told:
        served = serve(
            listed,
            _spec(row, wanted),
            stream_ns_per_token=round(row.stream_us_per_token * 1000),
            on_progress=told,
        )
    _write(out, served)
    for each in [one for one in served if one.refused][:_REFUSALS_SHOWN]:
        screen.aside(f"request {each.id} was refused: {each.refused}")
    return [*summary(served), str(out)]


def _read(hardware: str, requests: Path) -> tuple[HardwareRow, tuple[Request, ...]]:
    """Read both files, and tell what is wrong with both at once."""
    mistakes: list[Mistake] = []
    row, listed = None, None
    try:
        row = read_row(hardware)
    except InvalidInput as error:
        mistakes += error.mistakes
    try:
        listed = read_requests(requests)
    except InvalidInput as error:
        mistakes += error.mistakes
    if row is None or listed is None:
        raise InvalidInput(mistakes)
    return row, listed


def _spec(row: HardwareRow, wanted: Wanted) -> Llm:
    chosen = {
        name: value
        for name in ("max_num_seqs", "max_num_batched_tokens", "kv_tokens")
        if (value := getattr(wanted, name)) is not None
    }
    # As vLLM 0.19 schedules by default.
    return dataclasses.replace(
        row.spec(),
        schedules_ahead=True,
        whole_prompt_fits=True,
        prefix_caching=not wanted.no_prefix_cache,
        **chosen,
    )


def _write(out: Path, served: list[Served]) -> None:
    """Write by way of a neighbour, so that an interrupted run leaves no half file."""
    partial = out.with_name(f"{out.name}.part")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(each.cells() for each in served)
    partial.rename(out)
