"""Any file of ours, told apart by what is in it, and everything wrong with it."""

from pathlib import Path

from simulator.errors import InvalidInput, Mistake
from simulator.scenario import referenced
from simulator.scenario.library import find, shown
from simulator.scenario.reader import build, gather
from simulator.scenario.yaml import Document, read_all, read_text

_RULES = ("PrometheusRule", "PrometheusRuleList")


def check(path_or_name: str) -> tuple[Mistake, ...]:
    """Find every mistake in any file of ours or of Alertmanager; NotFound for a wrong name."""
    try:
        path = find(path_or_name)
        documents = read_all(read_text(path, shown(path)), shown(path))
        value = documents[0].value
        keys = set(value) if isinstance(value, dict) else set()
        if not path.name.endswith((".drill.yaml", ".drill.yml")):
            if "steps" in keys:
                return _runbook(documents[0])
            if keys & {"route", "receivers", "inhibit_rules"} and "components" not in keys:
                return _routing(documents[0])
            if "groups" in keys or (isinstance(value, dict) and value.get("kind") in _RULES):
                return _rules(documents[0])
            if "kind" in keys and not keys & {"title", "components"}:
                return _policies(documents)
        return _scenario(path)
    except InvalidInput as error:
        return error.mistakes


def _scenario(path: Path) -> tuple[Mistake, ...]:
    return build(gather(path)).warnings


def _runbook(document: Document) -> tuple[Mistake, ...]:
    referenced.read_runbook(document)
    return tuple(document.mistakes)


def _rules(document: Document) -> tuple[Mistake, ...]:
    from simulator.instruments.alerting.rules import read_rules  # noqa: PLC0415  not always needed

    read_rules(document.text, document.file)
    return ()


def _routing(document: Document) -> tuple[Mistake, ...]:
    from simulator.instruments.alerting.manager.reading import read_config  # noqa: PLC0415  as above

    read_config(document.text, document.file)
    return ()


def _policies(documents: list[Document]) -> tuple[Mistake, ...]:
    found: list[Mistake] = []
    for document in documents:
        referenced.read_policy(document)
        found += document.mistakes
    return tuple(found)
