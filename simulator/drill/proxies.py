"""What proxies and gateways are scraped for: every edge at its caller, every class at its entry."""

from simulator.drill.drill import Drill
from simulator.drill.providers import terms_of
from simulator.instruments.telemetry.belated import Belated
from simulator.instruments.telemetry.exporters.litellm import CALLEE
from simulator.instruments.telemetry.scraper import Scraper
from simulator.plant.spec import USERS, External
from simulator.system.workload.sources import text_key


def watch_edges(drill: Drill, scraper: Scraper) -> None:
    """Scrape every edge at its caller's proxy and every class at its entry component."""
    base = {"namespace": "default"}
    for name, number in drill.names.edges.items():
        edge = drill.names.edge(name)
        if edge.caller == USERS or drill.kinds[edge.caller] == "queue":
            continue
        labels = {**base, "job": edge.caller, "instance": edge.caller}
        guards = [
            name
            for name, has in (
                ("breaker", edge.breaker is not None),
                ("outliers", edge.outliers is not None),
                ("adaptive", edge.adaptive is not None),
                ("hedge", edge.hedge_after_ns > 0),
                ("network", drill.names.spec.network is not None or edge.loss > 0.0),
                ("deadline", edge.deadline != "none"),
                ("pool", edge.pool is not None),
            )
            if has
        ]
        trouble = drill.world.monitoring.of_proxy(edge.caller)
        named = {**labels, "envoy_cluster_name": edge.callee}
        scraper.watch_edge(number, named, guards, trouble)
        callee = drill.names.pool(edge.callee).discipline
        if isinstance(callee, External):
            seen = {**labels, "api_provider": edge.callee, CALLEE: edge.callee}
            scraper.watch_provider(number, seen, terms_of(callee), trouble)
    for each in drill.names.spec.classes:
        labels = {**base, "job": each.entry, "instance": each.entry, "route": each.name}
        trouble = drill.world.monitoring.of_proxy(each.entry)
        row = drill.names.classes[each.name]
        model = drill.scenario.classes[each.name]
        belated = Belated(text_key(each.name), model.evaluation.delay, model.thumbs_down.delay)
        scraper.watch_route(row, labels, trouble, belated)
        tenants = each.client.tenants if each.client else None
        for tenant in range(tenants.shown if tenants else 0):
            target = drill.plant.tenant_target(row, tenant)
            named = {**labels, "team": f"tenant-{tenant + 1}"}
            scraper.watch_tenant(target, named, trouble)
