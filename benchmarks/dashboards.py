"""Writes the Grafana dashboards from our own panels: `make dashboards`.

Needs grafana-foundation-sdk (a development dependency); what it writes is committed, so that
`brownout export` needs nothing.
"""

from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import common, gauge, prometheus, stat, timeseries
from grafana_foundation_sdk.builders import dashboard as grafana
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import ReduceDataOptions, TooltipDisplayMode
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from simulator.instruments.dashboards.library import BUSINESS, OBJECTIVES, USERS, general
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel

FOLDER = Path(__file__).parent.parent / "simulator/instruments/dashboards/files"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
WIDE, HIGH = 12, 8


def main() -> None:
    """Write one file per dashboard."""
    FOLDER.mkdir(exist_ok=True)
    for kind, each in general().items():
        text = JSONEncoder(sort_keys=True, indent=1).encode(built(kind, each))
        (FOLDER / f"{kind}.json").write_text(f"{text}\n", encoding="utf-8")


def built(kind: str, each: Dashboard) -> Any:
    """Turn one of our dashboards into Grafana's."""
    made: Any = (
        grafana.Dashboard(each.title)
        .uid(f"brownout-{kind.replace('_', '-')}")
        .tags(["brownout"])
        .timezone("utc")
        .time("now-30m", "now")
        .readonly()
    )
    if kind not in (USERS, OBJECTIVES, BUSINESS):
        made = made.with_variable(
            grafana.QueryVariable("component")
            .label("Component")
            .datasource(SOURCE)
            .query("label_values(envoy_cluster_upstream_rq_total, envoy_cluster_name)")
        )
    for panel in each.panels:
        made = made.with_panel(_panel(panel))
    return made.build()


def _panel(panel: Panel) -> Any:
    kinds: Any = {Drawing.STAT: stat.Panel, Drawing.GAUGE: gauge.Panel}
    made = kinds.get(panel.drawing, timeseries.Panel)()
    made = made.title(panel.title).unit(panel.unit).datasource(SOURCE).span(WIDE).height(HIGH)
    if panel.minimum is not None:
        made = made.min(panel.minimum)
    if panel.maximum is not None:
        made = made.max(panel.maximum)
    if panel.drawing is not Drawing.TIMESERIES:
        calc = {"last": "lastNotNull"}.get(panel.reduces_by, panel.reduces_by)
        made = made.reduce_options(_Options(calc))
    else:
        made = made.legend(common.VizLegendOptions().show_legend(True))  # noqa: FBT003  the SDK's way  # noqa: FBT003  the SDK's way
        made = made.tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    for ref, target in zip("ABCDEF", panel.targets, strict=False):
        query = prometheus.Dataquery().expr(target.expr).datasource(SOURCE)
        made = made.with_target(query.ref_id(ref).legend_format(target.legend or "__auto"))
    return made


class _Options:
    """Which value of its time range a panel shows, as the SDK's builders want it."""

    def __init__(self, calc: str) -> None:
        self._calc = calc

    def build(self) -> ReduceDataOptions:
        return ReduceDataOptions(calcs=[self._calc])


if __name__ == "__main__":
    main()
