"""From the parts of a system to what the plant simulates."""

from dataclasses import replace

from simulator.errors import InvalidInput, Mistake
from simulator.plant.spec import USERS, ClassSpec, EdgeSpec, PlantSpec
from simulator.system.topology.checks import problems
from simulator.system.topology.edge import Edge, ends
from simulator.system.topology.graph import calls
from simulator.system.topology.network import Network
from simulator.system.topology.parts import SystemParts


def compile_system(parts: SystemParts) -> PlantSpec:
    """Say a whole system in the plant's terms: pools, edges and classes in the order written.

    Edges come caller by caller, users first; edges that are written and never called follow, for
    routes to be switched to. Raises InvalidInput if the parts do not fit together.
    """
    wrong = [problem for problem in problems(parts) if not problem.is_warning]
    if wrong:
        raise InvalidInput(
            [Mistake(_dotted(problem.path), 1, 1, problem.code, problem.message)
             for problem in wrong]
        )  # fmt: skip
    spec = PlantSpec(
        pools=tuple(component.pool_spec(name) for name, component in parts.components.items()),
        edges=edge_specs(parts),
        classes=tuple(_class_spec(parts, name) for name in parts.classes),
    )
    return spec if parts.network is None else _placed(spec, parts.network, parts.zones)


def _placed(spec: PlantSpec, network: Network, zones: tuple[str, ...]) -> PlantSpec:
    """Put zones between everybody."""
    places = {pool.name: network.place(pool.name, zones) for pool in spec.pools}
    return replace(
        spec,
        network=network.network_spec(zones),
        pools=tuple(
            pool if (zone := places[pool.name]) is None else replace(pool, zones=(zone,))
            for pool in spec.pools
        ),
        classes=tuple(
            replace(each, zone=network.user_zone(each.name, zones)) for each in spec.classes
        ),
    )


def edge_specs(parts: SystemParts) -> tuple[EdgeSpec, ...]:
    """Say every edge in the plant's terms, plain where nothing is written."""
    written = {ends(text): edge for text, edge in parts.edges.items()}
    called = calls(parts)
    unused = tuple(pair for pair in written if pair not in called)
    edges = {pair: written.get(pair, _plain(pair[0])) for pair in (*called, *unused)}
    return tuple(
        replace(edge.edge_spec(*pair), delay_ns=0)
        if parts.network is not None and "delay" not in edge.model_fields_set
        else edge.edge_spec(*pair)
        for pair, edge in edges.items()
    )


def _plain(caller: str) -> Edge:
    # Response times are taken at our door: the users' own network is not ours to measure.
    return Edge.model_validate({"delay": "0"}) if caller == USERS else Edge()


def _class_spec(parts: SystemParts, name: str) -> ClassSpec:
    limits = [limit for limit in parts.objectives if limit.request_class == name]
    return parts.classes[name].class_spec(
        name,
        late_ttft_ns=min((limit.below_ns for limit in limits if limit.of == "ttft"), default=0),
        late_e2e_ns=min(
            (limit.below_ns for limit in limits if limit.of == "end_to_end"), default=0
        ),
    )


def _dotted(path: tuple[str | int, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
