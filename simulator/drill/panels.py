"""Changed dashboards: what an edit makes of one panel. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from simulator.edits import PanelEdit
from simulator.instruments.dashboards.panels import Dashboard, Panel, Target


def edited(name: str, shown: Dashboard, edits: Iterable[PanelEdit]) -> Dashboard:
    """Apply the edits that are about this dashboard, one after the other."""
    panels = shown.panels
    for edit in edits:
        if edit.dashboard == name:
            panels = tuple(_panel(name, panel, edit) for panel in panels)
    return replace(shown, panels=panels)


def _panel(name: str, panel: Panel, edit: PanelEdit) -> Panel:
    if panel.title != edit.panel:
        return panel
    targets = panel.targets
    if edit.shows:
        targets = tuple(
            replace(t, expr=t.expr.replace(f'"{name}"', f'"{edit.shows}"')) for t in targets
        )
    if edit.expr:
        targets = (Target(edit.expr, targets[0].legend if targets else ""),)
    return replace(panel, targets=targets, unit=edit.unit or panel.unit)
