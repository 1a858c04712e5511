"""The files a scenario names, read: rules, manifests, the reference runbook."""

from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from simulator.edits import MONITORING
from simulator.errors import InvalidInput
from simulator.scenario.complaints import note
from simulator.scenario.hardware import read_row
from simulator.scenario.references import exists, known, reach
from simulator.scenario.source import Source
from simulator.scenario.yaml import Document, YamlPath, read, read_all
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.topology.hardware_row import ROW_ENDS
from simulator.world import Place

_RULES: tuple[YamlPath, ...] = (("alerts", "*"), ("twins", "noisy", "alerts", "*"))
_HARDWARE: YamlPath = ("components", "*", "hardware")
_OTHERS: tuple[YamlPath, ...] = (
    ("autoscalers", "*"), ("reference",), ("alertmanager",), ("workload", "*", "trace"),
    ("workload", "*", "trace", "file"), ("workload", "*", "rate_series"),
    ("workload", "*", "rate_series", "file"), _HARDWARE,
)  # fmt: skip


@dataclass(slots=True)
class Referenced:
    """What the named files hold."""

    policies: dict[str, list[Autoscaler]]
    runbook: BaseModel | None = None
    alerts: list[str] | None = None  # None where a file that cannot be read may hold any


def paths(document: Document) -> list[tuple[YamlPath, str]]:
    """List every file a scenario names, with the place where it does."""
    found = [at for path in (*_RULES, *_OTHERS) for at in reach(document.value, path)]
    named = [(path, name) for path, name in found if isinstance(name, str)]
    return [
        (path, name) for path, name in named if path[-1] != "hardware" or name.endswith(ROW_ENDS)
    ]


def put_rows(document: Document, source: Source) -> None:
    """Put the numbers of every ROW.yaml in place of its name; mistakes in them are noted."""
    for path, name in paths(document):
        if path[-1] != "hardware" or name not in source.files:
            continue
        opened = _opened(document, name, source)[0]
        if read_row(opened) is None:
            document.mistakes += opened.mistakes
            continue
        for _, component in reach(document.value, path[:-1]):
            if isinstance(component, dict):
                component["hardware"] = opened.value


def check(document: Document, source: Source) -> Referenced:
    """Read every file a scenario names; mistakes in them are noted with their own places."""
    for path, name in paths(document):
        if name not in source.files:
            document.mistake(path, "no-file", f"no file {name!r} beside the scenario")
    rules = [name for path in _RULES for name in _there(document, path, source)]
    read = [_rules(document, name, source) for name in rules]
    # A file that cannot be read may hold any alert, so none is called unknown then.
    alerts = None if None in read else [alert for each in read for alert in each or ()]
    for name in _there(document, ("alertmanager",), source):
        _routing(document, name, source)
    policies = {
        name: _policies(document, name, source)
        for name in _there(document, ("autoscalers", "*"), source)
    }
    runbooks = [
        _runbook(document, name, source, alerts)
        for name in _there(document, ("reference",), source)
    ]
    return Referenced(policies, runbooks[0] if runbooks else None, alerts)


def _there(document: Document, path: YamlPath, source: Source) -> list[str]:
    named = [name for _, name in reach(document.value, path) if isinstance(name, str)]
    return [name for name in named if name in source.files]


def _opened(document: Document, name: str, source: Source) -> list[Document]:
    found = read_all(source.files[name], source.shown.get(name, name))
    for each in found:
        each.scope = document
    return found


def _rules(document: Document, name: str, source: Source) -> list[str] | None:
    """Read a rule file and name its alerts; None if it cannot be read."""
    # Imported here since a PromQL parser is of no use to scenarios without alerts.
    from simulator.instruments.alerting.rules import read_rules  # noqa: PLC0415

    text = source.files[name]
    # Ours refuses what would hang or blow up other readers; its other findings are theirs to make.
    opened = _opened(document, name, source)[0]
    if not opened.is_readable:
        document.mistakes += opened.mistakes
        return None
    try:
        groups = read_rules(text, opened.file)
    except InvalidInput as error:
        document.mistakes += error.mistakes
        return None
    return [rule.name for group in groups for rule in group.rules if hasattr(rule, "annotations")]


def _routing(document: Document, name: str, source: Source) -> None:
    """Read an Alertmanager configuration."""
    # Imported here since few scenarios have one.
    from simulator.instruments.alerting.manager.reading import read_config  # noqa: PLC0415

    opened = _opened(document, name, source)[0]
    if not opened.is_readable:
        document.mistakes += opened.mistakes
        return
    try:
        read_config(source.files[name], opened.file)
    except InvalidInput as error:
        document.mistakes += error.mistakes


def _policies(document: Document, name: str, source: Source) -> list[Autoscaler]:
    found = []
    for opened in _opened(document, name, source):
        for path, target in reach(opened.value, ("spec", "scaleTargetRef", "name")):
            if known(opened, path, target, "components"):
                _requests(opened, str(target))
        found += read_policy(opened)
        document.mistakes += opened.mistakes
    return found


def _requests(opened: Document, target: str) -> None:
    """Warn of a utilization that cannot be computed, since pods do not say what they request."""
    metrics = dict(reach(opened.value, ("spec", "metrics", "*", "resource")))
    kinds = dict(reach(opened.value, ("spec", "metrics", "*", "resource", "target", "type")))
    for path, resource in metrics.items():
        name = resource.get("name") if isinstance(resource, dict) else None
        if name not in ("cpu", "memory") or kinds.get((*path, "target", "type")) != "Utilization":
            continue
        scenario = (opened.scope or opened).value
        if not list(reach(scenario, ("components", target, "requests", name))):
            text = (
                f"component {target!r} requests no {name}, so its utilization is unknown and "
                f"this policy never acts; write requests: {{{name}: ...}} there"
            )
            opened.mistake(path, "no-request", text, warns=True)


def read_policy(opened: Document) -> list[Autoscaler]:
    """Read an autoscaling policy; mistakes go to its document."""
    # Imported here since only scenarios with autoscalers need it.
    from simulator.system.autoscaling import policy  # noqa: PLC0415

    if not opened.is_readable:
        return []
    try:
        read = policy.read_policy(opened.value)
    except ValidationError as error:
        note(opened, _manifest(), error)
        return []
    except ValueError as error:
        opened.mistake((), "policy", str(error))
        return []
    for ignored in read.ignored:
        opened.mistake(ignored.path, "ignored", ignored.message, at_key=True, warns=True)
    return [read.policy]


def _manifest() -> type[BaseModel]:
    from simulator.system.autoscaling.manifest import HpaManifest  # noqa: PLC0415  as above

    return HpaManifest


def read_runbook(opened: Document) -> BaseModel | None:
    """Read a runbook; mistakes go to its document."""
    # Imported here since a runbook knows every action.
    from simulator.response.runbook import Runbook  # noqa: PLC0415

    if not opened.is_readable:
        return None
    try:
        return Runbook.model_validate(opened.value)
    except ValidationError as error:
        note(opened, Runbook, error)
        return None


def _runbook(
    document: Document, name: str, source: Source, alerts: list[str] | None
) -> BaseModel | None:
    opened = read(source.files[name], source.shown.get(name, name))
    opened.scope = document
    found = read_runbook(opened)
    for path, alert in reach(opened.value, ("on", "alert")):
        if alerts is not None and isinstance(alert, str) and alert not in alerts:
            there = ", ".join(sorted(alerts)) or "none"
            text = f"no rule file has an alert {alert!r}; there is: {there}"
            opened.mistake(path, "unknown-alert", text)
    _steps(opened, opened.value, ())
    document.mistakes += opened.mistakes
    return found


def _steps(opened: Document, value: object, path: YamlPath) -> None:
    """Check the targets of acts and hypotheses, however deep."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            _steps(opened, item, (*path, at))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _names(opened, key, inner, (*path, key))


def _names(opened: Document, key: str, value: object, path: YamlPath) -> None:
    if key == "act":
        for at, target in reach(value, ("*", "target"), path):
            if isinstance(target, str):
                exists(opened, at, Place.read(target))
    elif key == "hypothesis":
        for at, name in reach(value, ("component",), path):
            if name not in MONITORING:
                known(opened, at, name, "components")
    else:
        _steps(opened, value, path)
