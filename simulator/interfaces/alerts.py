"""Alert rules judged on drills, from the files' names to a table."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from simulator.evaluation.alert_picture import alert_picture
from simulator.evaluation.alert_quality import Quality, RuleQuality, evaluate
from simulator.instruments.alerting.rules import read_rules
from simulator.interfaces.progress import counting
from simulator.interfaces.screen import Screen
from simulator.interfaces.warming import warn_of_compiling
from simulator.scenario.reader import load
from simulator.scenario.source import Source
from simulator.scenario.yaml import read_text

_HEAD = ("alert", "fired", "precision", "recall", "delay", "flaps")
_BAR = 20


def evaluated(
    scenarios: Sequence[str],
    rules: Sequence[Path],
    seeds: Sequence[int],
    jobs: int,
    form: str,
    plot: Path | None = None,
) -> list[str]:
    """Run everything and write the verdict; InvalidInput for files with mistakes."""
    texts = {f"given/{number}.rules.yaml": _rules(path) for number, path in enumerate(rules)}
    sources = [_source(name, texts) for name in scenarios]
    warn_of_compiling(Screen())
    with counting(2 * len(sources) * len(seeds), "runs") as tell:
        quality = evaluate(sources, seeds, jobs, tell)
    if plot is not None:
        plot.write_text(alert_picture(quality), encoding="utf-8")
    if form == "json":
        return [json.dumps(quality.plain(), indent=2)]
    drawn = [] if plot is None else ["", f"plot {plot}"]
    return [*_table(quality), "", *_over_all(quality), *_dead(quality), *drawn]


def _rules(path: Path) -> str:
    text = read_text(path, str(path))
    read_rules(text, str(path))
    return text


def _source(name: str, texts: dict[str, str]) -> Source:
    if not texts:
        return load(name).source
    paths = ", ".join(texts)
    return load(name, (f"alerts=[{paths}]",), texts).source


def _table(quality: Quality) -> list[str]:
    alive = [rule for rule in quality.rules if not rule.dead]
    longest = max([rule.delay_s for rule in alive if not math.isnan(rule.delay_s)], default=1.0)
    rows = [_HEAD, *(_row(rule) for rule in alive)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = []
    for number, row in enumerate(rows):
        cells = [
            row[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
        ]
        bar = "" if number == 0 else _bar(alive[number - 1].delay_s, longest)
        lines.append(f"{'  '.join(cells)}  {bar}".rstrip())
    return lines if alive else ["no alert fired in any run"]


def _row(rule: RuleQuality) -> tuple[str, ...]:
    return (
        rule.name,
        str(rule.firings),
        _share(rule.precision),
        _share(rule.recall),
        _seconds(rule.delay_s),
        f"{rule.flaps:.1f}",
    )


def _bar(delay_s: float, longest: float) -> str:
    """Draw the delay from strike to firing."""
    return "" if math.isnan(delay_s) else "─" * round(delay_s / max(longest, 1.0) * _BAR) + "●"


def _over_all(quality: Quality) -> list[str]:
    lines = [
        (
            f"{quality.fault_runs} runs with a fault: {_share(quality.detected)} paged, "
            f"{quality.pages_per_incident:.1f} pages each"
        ),
        f"{quality.healthy_runs} healthy runs: {quality.false_pages:.1f} pages each",
    ]
    if not math.isnan(quality.page_delay_s):
        budget = (
            ""
            if math.isnan(quality.budget_share)
            else f", {quality.budget_share:.2%} of the budget"
        )
        lines.insert(
            1,
            f"first page {_seconds(quality.page_delay_s)} after the strike (median), "
            f"{quality.bad_before_page:,.0f} bad requests before it{budget}",
        )
    return lines


def _dead(quality: Quality) -> list[str]:
    dead = [rule for rule in quality.rules if rule.dead]
    return ["", "never fired:", *(f"  {rule.name}: {rule.dead}" for rule in dead)] if dead else []


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"


def _seconds(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0f} s"
