"""The policies to compare: files of manifests, read and checked against the scenario they meet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import InvalidInput, Mistake, UsageError
from simulator.scenario import overrides
from simulator.scenario.library import folders, shown
from simulator.scenario.model import Scenario
from simulator.scenario.referenced import read_policy
from simulator.scenario.references import known, reach
from simulator.scenario.source import Source
from simulator.scenario.yaml import Document, YamlPath, read, read_all, read_text
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.autoscaling.kinds.hpa import Hpa
from simulator.system.autoscaling.kinds.static import Static

_SUFFIXES = (".yaml", ".yml")
_TARGETS: tuple[YamlPath, ...] = (("spec", "scaleTargetRef", "name"), ("target",))


@dataclass(frozen=True, slots=True)
class Policy:
    """A file that says how components are scaled; `text` is all a run needs of it."""

    name: str
    file: str
    text: str
    is_fixed: bool
    ceilings: Mapping[str, int | None]  # component to the most replicas it asks for


def read_policies(
    paths: Iterable[str | Path], scenario: Scenario
) -> tuple[tuple[Policy, ...], tuple[Mistake, ...]]:
    """Read policy files, and all those of folders, in order; give them, and all warnings.

    Raises InvalidInput with every mistake in any of them, UsageError for none or one given twice.
    """
    files = _files(paths)
    scope = _scope(scenario.source)
    policies, mistakes = [], []
    for file, name in zip(files, _names(files), strict=True):
        text = read_text(file, shown(file))
        documents = _opened(text, shown(file), scope)
        found = [policy for document in documents for policy in _read(document, scenario)]
        mistakes += [mistake for document in documents for mistake in document.mistakes]
        is_fixed = all(isinstance(policy, Static) for policy in found)
        ceilings = {policy.component: _ceiling(policy) for policy in found}
        policies.append(Policy(name, shown(file), text, is_fixed, ceilings))
    if any(not mistake.is_warning for mistake in mistakes):
        raise InvalidInput(mistakes)
    return tuple(policies), tuple(sorted(mistakes))


def under(scenario: Scenario, policy_text: str) -> Scenario:
    """Give the same scenario with its autoscalers replaced for every component the text scales."""
    documents = _opened(policy_text, "policy", None)
    found = [policy for document in documents for policy in read_policy(document)]
    taken = {policy.component for policy in found}
    # The new ones stand where the first they replace stood: order is part of what a run is.
    order = [policy for policy in scenario.policies if policy.component not in taken]
    at = next((n for n, p in enumerate(scenario.policies) if p.component in taken), len(order))
    order[at:at] = found
    return scenario.model_copy().with_files(
        scenario.source, tuple(order), scenario.runbook, scenario.warnings
    )


def _files(paths: Iterable[str | Path]) -> list[Path]:
    files: list[Path] = []
    for given in paths:
        path = _found(Path(given))
        inside = [each for each in sorted(path.iterdir()) if each.suffix in _SUFFIXES] if (
            path.is_dir()
        ) else [path]  # fmt: skip
        if not inside:
            raise UsageError(f"{given} holds no policy; a policy is a .yaml file")
        files += inside
    if not files:
        raise UsageError("name at least one policy: a file, or a folder of them")
    resolved = [file.resolve() for file in files]
    for at, file in enumerate(resolved):
        if file in resolved[:at]:
            raise UsageError(f"{shown(files[at])} is named twice; it would be the same runs again")
    return files


def _found(path: Path) -> Path:
    """Find a path as given, or beside the scenarios, which is where the packaged ones lie."""
    for candidate in (path, *(folder / path for folder in folders())):
        if candidate.exists():
            return candidate
    raise InvalidInput([Mistake(str(path), 1, 1, "no-file", "there is no such file or folder")])


def _names(files: Sequence[Path]) -> list[str]:
    """Name each policy after its file, and after its path where that is not enough."""
    stems = [file.stem for file in files]
    return [
        stem if stems.count(stem) == 1 else shown(file).removesuffix(file.suffix)
        for file, stem in zip(files, stems, strict=True)
    ]


def _scope(source: Source) -> Document:
    document = read(source.text, source.file or source.name)
    overrides.apply(document, source.overrides)
    return document


def _opened(text: str, file: str, scope: Document | None) -> list[Document]:
    documents = read_all(text, file)
    for document in documents:
        document.scope = scope
    return documents


def _read(document: Document, scenario: Scenario) -> list[Autoscaler]:
    """Read one document; mistakes, those about its target among them, go to the document."""
    for path, target in (at for form in _TARGETS for at in reach(document.value, form)):
        if known(document, path, target, "components"):
            component = scenario.components.get(str(target))
            if component is not None and component.is_outside:
                message = f"{target} runs elsewhere; nobody here can scale it"
                document.mistake(path, "not-scalable", message)
    return read_policy(document)


def _ceiling(policy: Autoscaler) -> int | None:
    if isinstance(policy, Hpa):
        return policy.spec.maxReplicas
    return policy.replicas if isinstance(policy, Static) else None
