"""YAML with places: nodes that know their line and column, and mistakes collected as found."""

from collections.abc import Iterable, Iterator

import yaml

from simulator.errors import InvalidInput, Mistake, suggestion


class Reader:
    """Walks the nodes of one YAML file and collects what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []

    def compose(self, text: str) -> yaml.Node | None:
        """The root node; InvalidInput at once when this is no YAML."""
        try:
            # The C parser gives the same nodes and marks at a tenth of the cost.
            return yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            message = f"this is not YAML: {error.problem or error.context}"
            mistake = Mistake(self.file, line, column, "not-yaml", message)
            raise InvalidInput([mistake]) from error

    def wrong(self, node: yaml.Node, code: str, message: str) -> None:
        """Note a mistake at a node."""
        mark = node.start_mark
        self.mistakes.append(Mistake(self.file, mark.line + 1, mark.column + 1, code, message))

    def mapping(
        self, node: yaml.Node, what: str, known: Iterable[str] | None
    ) -> dict[str, yaml.Node]:
        """A mapping's values by key; unknown and repeated keys are mistakes."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "wrong-type", f"{what} must be a mapping")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
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
        if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
            return
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        else:
            self.wrong(node, "wrong-type", f"{what} must be a list")

    def text(self, node: yaml.Node, what: str) -> str:
        """A scalar as it is written."""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.wrong(node, "wrong-type", f"{what} must be a text")
        return ""

    def boolean(self, node: yaml.Node, what: str) -> bool:
        """Read true or false; a mistake counts as false."""
        text = self.text(node, what).lower()
        if text not in ("true", "false", "yes", "no", "on", "off"):
            self.wrong(node, "wrong-type", f"{what} must be true or false, not {text!r}")
        return text in ("true", "yes", "on")
