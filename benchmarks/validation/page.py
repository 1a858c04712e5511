"""The page of all laws: `make validation` writes docs/validation.md and its pictures.

`--fast` runs a tenth of the work and prints only what does not hold, as the tests do.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.validation import (
    balancing,
    caches,
    closed,
    evictions,
    herds,
    holding,
    links,
    processors,
    queues,
    serving,
    spreading,
    storms,
)
from benchmarks.validation.drawing import svg
from benchmarks.validation.rows import Law, Row
from simulator import __version__

_MANY = 1e6
DOCS = Path(__file__).parents[2] / "docs"
LAWS: dict[str, Callable[[float], Law | None]] = {
    "little": queues.little,
    "recursion": queues.exact,
    "erlang": queues.erlang,
    "pollaczek": queues.pollaczek,
    "kingman": queues.kingman,
    "closed loop": closed.closed_loop,
    "processor sharing": processors.sharing,
    "cpu limit": processors.throttling,
    "scalability": processors.scalability,
    "two choices": spreading.balancing,
    "fan-out": spreading.fan_out,
    "herding": balancing.herding,
    "consistent hash": balancing.hashing,
    "metastability": storms.metastability,
    "loss": links.loss,
    "herd": herds.herds,
    "cascade": herds.cascades,
    "che": caches.che,
    "cliff": caches.cliff,
    "hysteresis": evictions.hysteresis,
    "evictions": evictions.evictions,
    "times to live": evictions.times_to_live,
    "stampedes": evictions.stampedes,
    "refusals": holding.refusals,
    "held": holding.waits,
    "messages": holding.messages,
    "batch": serving.batch_size,
    "capacity": serving.capacity,
    "real run": serving.real_run,
}
"""Every law by a short name; each takes a scale of its work, 1 for the page."""


def main() -> None:
    """Run every law and write the page; exit with 1 if any does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true", help="a tenth of the work, no page")
    chosen = parser.parse_args()
    console = Console(stderr=True)
    found = [
        law
        for each in track(list(LAWS.values()), "laws", console=console, transient=True)
        if (law := each(0.1 if chosen.fast else 1.0)) is not None
    ]
    failing = [f"{law.title}: {row.setting}" for law in found for row in law.rows if not row.holds]
    if not chosen.fast:
        write(found, DOCS)
        print(DOCS / "validation.md")
    print("\n".join(failing) if failing else f"all {sum(len(x.rows) for x in found)} lines hold")
    sys.exit(bool(failing))


def write(laws: Sequence[Law], folder: Path) -> None:
    """Write the page and its pictures."""
    pictures = folder / "validation"
    pictures.mkdir(parents=True, exist_ok=True)
    for law in laws:
        if law.picture is not None:
            (pictures / f"{law.picture.name}.svg").write_text(svg(law.picture), encoding="utf-8")
    (folder / "validation.md").write_text("\n".join(_page(laws)) + "\n", encoding="utf-8")


def _page(laws: Sequence[Law]) -> Iterator[str]:
    yield "# Validation"
    yield ""
    yield f"Written by `make validation` with brownout {__version__}; do not edit. Each line"
    yield "sets a figure of theory or measurement beside the plant's. The interval is three"
    yield "standard errors of the run (batch means); a line holds where both differ by no more"
    yield "than that, plus what is allowed where theory is an approximation."
    yield ""
    rows = [row for law in laws for row in law.rows]
    yield f"{sum(row.holds for row in rows)} of {len(rows)} lines hold."
    for law in laws:
        yield ""
        yield f"## {law.title}"
        yield ""
        yield law.says
        yield ""
        yield f"| setting | expected, {law.unit} | simulated | allowed | verdict |"
        yield "|---|---|---|---|---|"
        yield from (_line(row) for row in law.rows)
        if law.picture is not None:
            yield ""
            yield f"![{law.title}](validation/{law.picture.name}.svg)"
        yield from law.notes


def _line(row: Row) -> str:
    room = [f"± {row.half_width:.3g}"] if row.half_width else []
    room += [f"{row.allowed * 100:g} %"] if row.allowed else []
    verdict = "holds" if row.holds else "**does not hold**"
    allowed = " + ".join(room) or "none"
    figures = f"{_figure(row.expected)} | {_figure(row.simulated)}"
    return f"| {row.setting} | {figures} | {allowed} | {verdict} |"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _MANY and value == int(value) else f"{value:.4g}"


if __name__ == "__main__":
    main()
