"""Public words that give the answer away: title, name, brief and tags are read before the drill."""

import re

from simulator import kinds
from simulator.faults._base import Fault
from simulator.scenario.model import ScenarioModel
from simulator.scenario.yaml import Document, YamlPath
from simulator.taxonomy import MECHANISMS


def check(document: Document, scenario: ScenarioModel, name: str) -> None:
    """Warn of a mechanism or fault in any public text, and of a component in title or name."""
    answers = _answers(scenario)
    public: list[tuple[YamlPath, str, str]] = [
        (("title",), "the title", scenario.title),
        (("brief",), "the brief", scenario.brief),
        ((), "the file's name", name),
    ]
    public += [(("tags", at), "a tag", tag) for at, tag in enumerate(scenario.tags)]
    for path, where, text in public:
        if (said := _first(answers, text)) or (
            path in ((), ("title",)) and (said := _first(list(scenario.components), text))
        ):
            _tell(document, path, where, said)
    _changes(document, scenario, answers)


def _changes(document: Document, scenario: ScenarioModel, answers: list[str]) -> None:
    for at, change in enumerate(scenario.innocent_changes):
        if said := _first(answers, change.text):
            _tell(document, ("innocent_changes", at, "text"), "the change log", said)


def _answers(scenario: ScenarioModel) -> list[str]:
    faults = [fault for fault in scenario.faults if isinstance(fault, Fault)]
    own = [word for fault in faults for word in (fault.kind, fault.mechanism)]
    return [*own, *kinds.names("faults"), *MECHANISMS]


def _first(answers: list[str], text: str) -> str:
    """Find the first answer that stands in a text as words, however they are joined."""
    said = f" {_words(text)} "
    return next((answer for answer in answers if f" {_words(answer)} " in said), "")


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _tell(document: Document, path: YamlPath, where: str, said: str) -> None:
    text = f"{where} says {said.replace('_', ' ')!r}, which gives the answer away; name a symptom"
    document.mistake(path, "leak", text, warns=True)
