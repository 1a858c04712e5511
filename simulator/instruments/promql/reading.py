"""Reads PromQL and refuses what is not supported; light enough for a file's validation."""

from simulator.instruments.promql.syntax.errors import ParseError
from simulator.instruments.promql.syntax.parser import parse
from simulator.instruments.promql.syntax.signatures import NATIVE_ONLY
from simulator.instruments.promql.syntax.tree import Call, Node, nodes


def read(text: str) -> Node:
    """Parse and check an expression; ParseError says what is wrong with it, and where."""
    tree = parse(text)
    for node in nodes(tree):
        if isinstance(node, Call) and node.name in NATIVE_ONLY:
            message = f"{node.name}() needs native histograms, which are not supported"
            raise ParseError(text, node.start, message)
    return tree
