"""What a drill leaves behind: its record, with times counted from the end of warm-up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator import __version__
from simulator.drill.charts import drawn
from simulator.drill.drill import Drill
from simulator.instruments.series.archive import dump
from simulator.instruments.slo.panel import remaining_budgets
from simulator.record.digest import digest
from simulator.record.journal import Journal
from simulator.record.model import Cause, Entry, Header, Json, Objective, Record
from simulator.system.topology.graph import calls
from simulator.taxonomy import MECHANISMS


@dataclass(frozen=True, slots=True)
class Told:
    """What the record says of how the run came about; none of it changes what happened."""

    responder: str
    command: str = ""
    hints: int = 0


def record_of(drill: Drill, causes: Sequence[Cause], journal: Journal, told: Told) -> Record:
    """Write the record of a drill that has run out."""
    zero = drill.warm_up
    bin_ns = drill.names.spec.bin_ns
    skipped = zero // bin_ns
    entries = tuple(_shifted(entry, zero) for entry in drill.recorder.entries)
    series = drawn(
        drill.store,
        drill.calendar,
        drill.shown_as,
        tuple(drill.scenario.classes),
        zero,
        drill.horizon,
    )
    outcomes = np.asarray(drill.plant.outcomes()[skipped:])
    ttft = np.asarray(drill.plant.ttft_bins()[skipped:])
    header = _header(drill, causes, journal, told)
    arrays = {f"telemetry_{name}": array for name, array in dump(drill.store).items()}
    arrays |= {"outcomes": outcomes, "ttft": ttft}
    for number, each in enumerate(series):
        arrays[f"times_{number}"], arrays[f"values_{number}"] = each.times, each.values
    head: dict[str, Json] = {
        "scenario": header.scenario_digest,
        "seed": header.seed,
        "twin": header.twin,
    }
    return Record(
        header=header,
        entries=entries,
        outcomes=outcomes,
        ttft=ttft,
        series=series,
        journal=tuple({"at": line.at, "text": line.text} for line in journal.lines),
        digest=digest(head, entries, arrays),
    )


def _header(drill: Drill, causes: Sequence[Cause], journal: Journal, told: Told) -> Header:
    scenario, zero = drill.scenario, drill.warm_up
    return Header(
        scenario=scenario.name,
        title=scenario.title,
        brief=scenario.brief,
        scenario_digest=scenario.digest,
        version=__version__,
        seed=drill.seed,
        twin=drill.twin,
        responder=told.responder,
        is_practice=journal.head.is_practice,
        hints=told.hints,
        clock=drill.calendar.stamp(zero),
        warm_up_ns=0,
        strike_at_ns=drill.strike_at - zero,
        horizon_ns=drill.horizon - zero,
        ended_at_ns=drill.clock.now - zero,
        classes=tuple(scenario.classes),
        weights=tuple(each.weight for each in scenario.classes.values()),
        bin_ns=drill.names.spec.bin_ns,
        objectives=tuple(
            Objective(o.name, o.request_class, o.of, o.below, o.share, o.window)
            for o in scenario.objectives
        ),
        budgets=remaining_budgets(drill.store, drill.calendar.ms(zero)),
        severities={name: each.bad_share for name, each in scenario.severities.items()},
        causes=tuple(_cause(cause, zero) for cause in causes),
        components=tuple(scenario.components),
        calls=tuple(calls(scenario.parts)),
        mechanisms={name: family.value for name, family in MECHANISMS.items()},
        pass_marks={
            "score_min": scenario.pass_marks.score_min,
            "recovered_within_ns": scenario.pass_marks.recovered_within,
        },
        gpu_cost=drill.cluster.cost(drill.horizon, since=drill.strike_at).held_price,
        currency=scenario.currency,
        command=told.command,
    )


def _shifted(entry: Entry, zero: int) -> Entry:
    return replace(entry, at=entry.at - zero)


def _cause(cause: Cause, zero: int) -> Cause:
    return replace(
        cause, at=cause.at - zero, until=None if cause.until is None else cause.until - zero
    )
