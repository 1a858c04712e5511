"""From what a spec says of the network to the kernel's tables, and trouble that comes and goes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant import network as way
from simulator.plant.api import Impairment
from simulator.plant.layout import Floats, Ints, State
from simulator.plant.spec import EdgeSpec
from simulator.plant.spec_parts import NetworkSpec


def network_tables(
    edges: Ints, specs: Sequence[EdgeSpec], network: NetworkSpec | None
) -> dict[str, NDArray[Any]]:
    """Make the tables of zones and wires, and mark the edges whose delay is not a constant."""
    net, wires = _zones(network), np.zeros((len(specs), way.WIRE_COLUMNS))
    for number, spec in enumerate(specs):
        wires[number] = spec.loss, spec.jitter_ns, spec.request_bytes, spec.answer_bytes
    edges[_varying(net, wires), at.E_GUARDED] |= at.FAR
    return {"net": net, "wires": wires, "impairments": np.zeros((0, way.IMPAIRMENT_COLUMNS))}


def _zones(network: NetworkSpec | None) -> Floats:
    if network is None:
        return np.zeros((0, way.NET_COLUMNS))
    zones = len(network.delays_ns)
    net = np.zeros((zones, zones, way.NET_COLUMNS))
    net[:, :, way.N_DELAY_NS] = network.delays_ns
    net[:, :, way.N_JITTER] = network.jitter
    net[:, :, way.N_LOSS] = network.loss
    return net.reshape(zones, zones * way.NET_COLUMNS)


def _varying(net: Floats, wires: Floats) -> NDArray[np.bool_]:
    return (wires[:, way.W_LOSS] > 0.0) | (wires[:, way.W_JITTER_NS] > 0.0) | (len(net) > 0)


def note_far(s: State) -> None:
    """Mark the edges whose messages take what zones, loss, jitter or trouble make of them."""
    far = _varying(s.net, s.wires)
    for row in s.impairments[s.impairments[:, way.I_ON] != 0.0]:
        if row[way.I_EDGE] < 0.0:
            far[:] = True
        else:
            far[int(row[way.I_EDGE])] = True
    s.edges[:, at.E_GUARDED] &= ~at.FAR
    s.edges[far, at.E_GUARDED] |= at.FAR


def begin_impairment(s: State, trouble: Impairment) -> int:
    """Put an impairment in the first row that is free; which one is its number."""
    free = np.flatnonzero(s.impairments[:, way.I_ON] == 0.0)
    if not len(free):
        more = np.zeros((len(s.impairments) + 1, way.IMPAIRMENT_COLUMNS))
        more[:-1] = s.impairments
        s.replace(impairments=more)
        free = np.array([len(more) - 1])
    s.impairments[free[0]] = (
        1.0, trouble.edge, trouble.caller, trouble.callee, trouble.from_zone, trouble.to_zone,
        trouble.requests, trouble.answers, trouble.blocked, trouble.loss, trouble.delay_ns,
        trouble.jitter_ns,
    )  # fmt: skip
    note_far(s)
    return int(free[0])


def end_impairment(s: State, number: int) -> None:
    """Take an impairment away; rows behind the last one that holds are dropped."""
    s.impairments[number, way.I_ON] = 0.0
    held = np.flatnonzero(s.impairments[:, way.I_ON])
    s.replace(impairments=s.impairments[: held[-1] + 1 if len(held) else 0].copy())
    note_far(s)
