"""Faults of the instruments name alerts, panels and queries: are there such."""

from collections.abc import Sequence

from simulator.errors import NotFound, QueryError, suggestion
from simulator.faults.chronic_alert import ChronicAlert
from simulator.faults.missing_alert import MissingAlert
from simulator.faults.oversensitive_rules import OversensitiveRules
from simulator.faults.wrong_dashboard import WrongDashboard
from simulator.scenario.model import ScenarioModel
from simulator.scenario.parts import AnyFault
from simulator.scenario.yaml import Document, YamlPath


def check(document: Document, scenario: ScenarioModel, alerts: Sequence[str] | None) -> None:
    """Add names that nothing has to a scenario's mistakes; `alerts` is None if unknown."""
    if any(each.burn_rate_alerts for each in scenario.objectives):
        alerts = None  # alerts of objectives are made when the drill is
    for path, faults in (
        (("faults",), scenario.faults),
        (("twins", "noisy", "blips"), scenario.twins.noisy.blips),
    ):
        for number, fault in enumerate(faults):
            _fault(document, (*path, number), scenario, alerts, fault)


def _fault(
    document: Document,
    path: YamlPath,
    scenario: ScenarioModel,
    alerts: Sequence[str] | None,
    fault: AnyFault,
) -> None:
    if isinstance(fault, MissingAlert | OversensitiveRules) and alerts is not None:
        for number, name in enumerate(fault.alerts):
            if name not in alerts:
                there = ", ".join(sorted(set(alerts))) or "none"
                text = f"no rule file has an alert {name!r}{suggestion(name, alerts)}"
                place = (*path, "alerts", number)
                document.mistake(place, "unknown-alert", f"{text}; there is: {there}")
    elif isinstance(fault, ChronicAlert):
        _expression(document, (*path, "expr"), fault.expr)
    elif isinstance(fault, WrongDashboard):
        _panel(document, path, scenario, fault)


def _panel(
    document: Document, path: YamlPath, scenario: ScenarioModel, fault: WrongDashboard
) -> None:
    # Imported here since few scenarios have such a fault.
    from simulator.instruments.dashboards.library import dashboard  # noqa: PLC0415

    kinds = {name: component.kind for name, component in scenario.components.items()}
    if fault.expr:
        _expression(document, (*path, "expr"), fault.expr)
    if fault.shows and fault.shows not in kinds:
        text = f"no component {fault.shows!r} in this scenario{suggestion(fault.shows, kinds)}"
        document.mistake((*path, "shows"), "unknown-target", text)
    try:
        panels = [panel.title for panel in dashboard(fault.dashboard, kinds).panels]
    except NotFound as error:
        document.mistake((*path, "dashboard"), "unknown-panel", str(error))
        return
    if fault.panel not in panels:
        text = f"dashboard {fault.dashboard!r} has no panel {fault.panel!r}"
        hint = f"{suggestion(fault.panel, panels)}; there is: {', '.join(panels)}"
        document.mistake((*path, "panel"), "unknown-panel", text + hint)


def _expression(document: Document, path: YamlPath, expr: str) -> None:
    # Imported here since a PromQL parser is of no use to scenarios without such a fault.
    from simulator.instruments.promql.reading import read  # noqa: PLC0415

    try:
        read(expr)
    except QueryError as error:
        document.mistake(path, "bad-expression", str(error))
