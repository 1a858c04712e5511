"""The fault schedule: strikes and lifts at their instants, under the cause's own name."""

from collections.abc import Sequence

from simulator.clock import Clock, Phase, Waiting
from simulator.faults._base import Fault
from simulator.record.model import Cause
from simulator.record.recorder import Recorder
from simulator.world import World


def schedule(
    clock: Clock, world: World, recorder: Recorder, faults: Sequence[Fault], starts_at: int
) -> list[Cause]:
    """Put every fault on the clock, counted from `starts_at`; causes appear as they strike."""
    causes: list[Cause] = []
    for number, fault in enumerate(faults):
        name = f"{fault.kind}-{number}"
        clock.spawn(_fault(clock, world, recorder, fault, name, starts_at, causes))
    return causes


def _fault(
    clock: Clock,
    world: World,
    recorder: Recorder,
    fault: Fault,
    name: str,
    starts_at: int,
    causes: list[Cause],
) -> Waiting:
    yield clock.at(0 if fault.is_there_before else starts_at + fault.at, Phase.FAULT, name)
    until = None if fault.lifts_at is None else starts_at + fault.lifts_at
    cause = Cause(
        name=name,
        kind=fault.kind,
        family=fault.family.value,
        mechanism=fault.mechanism,
        component=fault.component(world),
        target=fault.target,
        home=fault.home.value,
        trigger=fault.trigger,
        at=clock.now,
        until=until,
    )
    causes.append(cause)
    fault.strike(world, name)
    recorder.add(
        clock.now,
        "struck",
        name,
        kind=cause.kind,
        target=cause.target,
        home=cause.home,
        mechanism=cause.mechanism,
        component=cause.component,
    )
    if until is not None:
        yield clock.at(until, Phase.FAULT, name)
        fault.lift(world, name)
        recorder.add(clock.now, "lifted", name)
