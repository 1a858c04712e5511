"""YAML with places: nodes that know their line and column, and mistakes collected as found."""

import re
from collections.abc import Iterable, Iterator

import yaml

from simulator.errors import InvalidInput, Mistake, suggestion

_TEMPLATE = re.compile(
    r"^\s*\{\{-?\s|\{\{-?\s*(?:\.(?:Values|Release|Chart)\b|include |tpl )", re.MULTILINE
)
_MERGE, _NULL = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:null"


class Reader:
    """Walks the nodes of one YAML file and collects what is wrong with it."""

    def __init__(self, file: str, *, ignores_null_keys: bool = False) -> None:
        self.file, self._ignores_null_keys = file, ignores_null_keys
        self.mistakes: list[Mistake] = []

    def compose(self, text: str) -> yaml.Node | None:
        """The first document's root node, as Go reads it; InvalidInput when this is no YAML."""
        return next(self.documents(text), None)

    def documents(self, text: str) -> Iterator[yaml.Node]:
        """The root node of each document; InvalidInput at the first that is no YAML."""
        try:
            # The C parser gives the same nodes and marks at a tenth of the cost.
            for node in yaml.compose_all(text, Loader=yaml.CSafeLoader):
                if _is_endless(node, set(), set()):
                    self.wrong(node, "not-yaml", "an alias stands inside of what it names")
                    raise InvalidInput(self.mistakes)
                yield node
        except yaml.YAMLError as error:
            raise InvalidInput([self._unreadable(text, error)]) from error

    def _unreadable(self, text: str, error: yaml.YAMLError) -> Mistake:
        if isinstance(error, yaml.reader.ReaderError):
            before = text[: error.position].split("\n")
            message = f"this is not YAML: {error.reason}"
            return Mistake(self.file, len(before), len(before[-1]) + 1, "not-yaml", message)
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = getattr(error, "problem", None) or getattr(error, "context", None) or error
        hint = " (it looks like a template: render it first, as Helm does)"
        problem = f"{problem}{hint if _TEMPLATE.search(text) else ''}"
        return Mistake(self.file, line, column, "not-yaml", f"this is not YAML: {problem}")

    def wrong(self, node: yaml.Node, code: str, message: str) -> None:
        """Note a mistake at a node."""
        mark = node.start_mark
        self.mistakes.append(Mistake(self.file, mark.line + 1, mark.column + 1, code, message))

    def mapping(
        self, node: yaml.Node, what: str, known: Iterable[str] | None
    ) -> dict[str, yaml.Node]:
        """A mapping's values by key; unknown and repeated keys are mistakes, null is empty."""
        if is_null(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "wrong-type", f"{what} must be a mapping")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in pairs(node):
            name = str(key.value)
            if self._ignores_null_keys and is_null(key):
                continue
            if known is not None and name not in known:
                hint = suggestion(name, known)
                self.wrong(key, "unknown-key", f"{what} has no key {name!r}{hint}")
            elif name in found:
                self.wrong(key, "repeated-key", f"{what} has the key {name!r} twice")
            else:
                found[name] = value
        return found

    def sequence(self, node: yaml.Node | None, what: str) -> Iterator[yaml.Node]:
        """A list's items."""
        if node is None or is_null(node):
            return
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        else:
            self.wrong(node, "wrong-type", f"{what} must be a list")

    def text(self, node: yaml.Node, what: str) -> str:
        """A scalar as it is written; null is an empty text."""
        if isinstance(node, yaml.ScalarNode):
            return "" if is_null(node) else str(node.value)
        self.wrong(node, "wrong-type", f"{what} must be a text")
        return ""

    def boolean(self, node: yaml.Node, what: str) -> bool:
        """Read true or false; a mistake counts as false."""
        text = self.text(node, what).lower()
        if text not in ("true", "false", "yes", "no", "on", "off"):
            self.wrong(node, "wrong-type", f"{what} must be true or false, not {text!r}")
        return text in ("true", "yes", "on")


def is_null(node: yaml.Node) -> bool:
    """Whether nothing is written, or null."""
    return node.tag == _NULL


def pairs(node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
    """A mapping's keys and values; those of `<<: *other` come last, unless they are there."""
    own = [pair for pair in node.value if pair[0].tag != _MERGE]
    names = {str(key.value) for key, _ in own}
    for _, value in (pair for pair in node.value if pair[0].tag == _MERGE):
        for each in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if isinstance(each, yaml.MappingNode):
                added = [pair for pair in pairs(each) if str(pair[0].value) not in names]
                own += added
                names |= {str(key.value) for key, _ in added}
    return own


def _is_endless(node: yaml.Node, above: set[int], seen: set[int]) -> bool:
    """Whether a node stands inside of itself, by an alias; `seen` are known not to."""
    if isinstance(node, yaml.ScalarNode) or id(node) in seen:
        return False
    if id(node) in above:
        return True
    above.add(id(node))
    is_mapping = isinstance(node, yaml.MappingNode)
    below = [part for pair in node.value for part in pair] if is_mapping else node.value
    found = any(_is_endless(each, above, seen) for each in below)
    above.discard(id(node))
    seen.add(id(node))
    return found
