"""What watches a system: its parts, and changes of its files, as data."""

from dataclasses import dataclass

MONITORING_PROCESSES = ("prometheus", "log-collector")
MONITORING_FILES = ("rules", "dashboards")
MONITORING = (*MONITORING_PROCESSES, *MONITORING_FILES)
"""What is between the system and whoever looks at it; `monitoring/NAME` as a place."""


@dataclass(frozen=True, slots=True)
class RuleEdit:
    """A change of rule files: what becomes of the alerts it is about, or what is added.

    `alerts` are names, none means all. Thresholds are reached `sensitivity` times sooner; `for` is
    replaced unless None; `splits_by` joins every `by (...)`; `renames` changes metric names.
    """

    alerts: tuple[str, ...] = ()
    deletes: bool = False
    sensitivity: float = 1.0
    for_ns: int | None = None
    splits_by: str = ""
    renames: tuple[tuple[str, str], ...] = ()
    adds: str = ""  # a rule file's text


@dataclass(frozen=True, slots=True)
class PanelEdit:
    """A change of one panel of a dashboard: whom it shows, what it asks, or in which unit."""

    dashboard: str
    panel: str
    shows: str = ""
    expr: str = ""
    unit: str = ""
