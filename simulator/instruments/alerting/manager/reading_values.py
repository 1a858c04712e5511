"""Checks values that a drill has no use for, so that a file refused there is refused here."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import yaml

from simulator.instruments.alerting.located import Reader, is_null
from simulator.instruments.alerting.manager.rules_of_keys import CHOICES, EXCLUSIVE, TOGETHER
from simulator.instruments.alerting.manager.schema import MAPPINGS, RESERVED_HEADERS
from simulator.instruments.alerting.rules import duration_ms
from simulator.instruments.alerting.template_lexer import pieces
from simulator.instruments.alerting.template_values import TemplateError

_GO_DURATION = re.compile(r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|[-+]?0")
_NO_HOST = re.compile(r"[\s<>\"{}|\\^`]|:[^\d:\]]+$")
_TLS = ("TLS10", "TLS11", "TLS12", "TLS13")


def check_mapping(reader: Reader, node: yaml.Node, what: str, mapping: str) -> set[str]:
    """Check one of the mappings of `schema`; give the keys that are set to something."""
    return check_keys(reader, node, what, MAPPINGS[mapping], mapping)


def check_keys(
    reader: Reader, node: yaml.Node, what: str, keys: dict[str, str], mapping: str
) -> set[str]:
    """Check a mapping's keys, their values, and what must or may not stand together."""
    found = reader.mapping(node, what, keys)
    given = {name for name, value in found.items() if value.value and not is_null(value)}
    for name, value in found.items():
        if not is_null(value):
            _check(reader, value, name, keys[name])
    for why in _misfits(what, mapping, given):
        reader.wrong(node, "misfit", why)
    for name, allowed in CHOICES.get(mapping, {}).items():
        if name in found and not is_null(found[name]) and found[name].value not in allowed:
            shown = ", ".join(text for text in allowed if text)
            message = f"{name} must be one of {shown}, not {found[name].value!r}"
            reader.wrong(found[name], "bad-value", message)
    return given


def _misfits(what: str, mapping: str, given: set[str]) -> Iterator[str]:
    """Which keys exclude each other, and which are needed beside others."""
    for pair in EXCLUSIVE.get(mapping, ()):
        both = [name for name in pair if name in given]
        if len(both) > 1:
            yield f"only one of {' and '.join(both)} may be given"
    for first, *needed in TOGETHER.get(mapping, ()):
        if (not first or first in given) and not given & set(needed):
            yield f"{what} needs {' or '.join(needed)}" + (f" beside {first}" if first else "")


def _check(reader: Reader, node: yaml.Node, name: str, kind: str) -> None:
    if kind.startswith("*"):
        for each in reader.sequence(node, name):
            if not is_null(each):
                _check(reader, each, name, kind[1:])
    elif kind.startswith("{"):
        check_mapping(reader, node, name, kind[1:-1])
    elif kind in _NUMBERS and _is_number(node):
        _check_scalar(reader, node, name, _NUMBERS[kind])
    elif kind in _SCALARS:
        _check_scalar(reader, node, name, _SCALARS[kind])
    elif kind in _OTHERS:
        _OTHERS[kind](reader, node, name)


def _check_scalar(
    reader: Reader, node: yaml.Node, name: str, why_not: Callable[[str], str]
) -> None:
    text = reader.text(node, name)
    if isinstance(node, yaml.ScalarNode) and (why := why_not(text)):
        reader.wrong(node, "bad-value", f"{name} {why}")


def _is_number(node: yaml.Node) -> bool:
    return node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def _texts(reader: Reader, node: yaml.Node, name: str) -> None:
    for each in reader.sequence(node, name):
        reader.text(each, name)


def _map(reader: Reader, node: yaml.Node, name: str) -> None:
    for key, value in reader.mapping(node, name, None).items():
        reader.text(value, key)


def _text_lists(reader: Reader, node: yaml.Node, name: str) -> None:
    for key, value in reader.mapping(node, name, None).items():
        _texts(reader, value, key)


def _headers(reader: Reader, node: yaml.Node, name: str) -> None:
    for key, value in reader.mapping(node, name, None).items():
        if key.title() in RESERVED_HEADERS:
            reader.wrong(value, "bad-name", f"the header {key!r} cannot be set")
        check_mapping(reader, value, key, "header")


def _any_map(reader: Reader, node: yaml.Node, name: str) -> None:
    reader.mapping(node, name, None)


def _text_or_mapping(reader: Reader, node: yaml.Node, name: str) -> None:
    if isinstance(node, yaml.MappingNode):
        check_mapping(reader, node, name, "jira_text")
    else:
        reader.text(node, name)


def _flag(reader: Reader, node: yaml.Node, name: str) -> None:
    reader.boolean(node, name)


def _duration(reader: Reader, node: yaml.Node, _: str) -> None:
    duration_ms(reader, node)


_OTHERS: dict[str, Callable[[Reader, yaml.Node, str], None]] = {
    "texts": _texts,
    "map": _map,
    "any_map": _any_map,
    "headers": _headers,
    "text_lists": _text_lists,
    "jira_text": _text_or_mapping,
    "flag": _flag,
    "duration": _duration,
}


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        return f"is no URL: {error}"
    if parts.scheme not in ("http", "https"):
        return f"must be a URL of http or https, not {text!r}"
    if not parts.netloc:
        return f"has no host: {text!r}"
    return f"has no good host: {text!r}" if _NO_HOST.search(parts.netloc) else ""


def _netloc(text: str) -> str:
    return text.partition("://")[2].partition("/")[0]


def _template_url(text: str) -> str:
    if text == "<secret>":
        return ""
    try:
        return "" if len(list(pieces(text))) > 1 else _url(text)
    except TemplateError as error:
        return f"is no template: {error}"


def _host(text: str) -> str:
    host, colon, port = text.rpartition(":")
    is_good = not text or (colon and port and (":" not in host or host.startswith("[")))
    return "" if is_good else f"must be an address with a port, such as mail:587, not {text!r}"


def _fits(pattern: re.Pattern[str], wanted: str) -> Callable[[str], str]:
    return lambda text: "" if pattern.fullmatch(text) else f"must be {wanted}, not {text!r}"


_DURATION = "a duration such as 30s or 1h30m"
_SCALARS: dict[str, Callable[[str], str]] = {
    "text": lambda _: "",
    "url": _url,
    "secret_url": lambda text: "" if text == "<secret>" else _url(text),
    "template_url": _template_url,
    "proxy": lambda text: f"has no good host: {text!r}" if _NO_HOST.search(_netloc(text)) else "",
    "scheme": lambda text: "cannot be basic; write basic_auth" if text.lower() == "basic" else "",
    "host": _host,
    "whole": lambda text: f"must be a whole number, not {text!r}",
    "count": lambda text: f"must be a whole number, not {text!r}",
    "number": lambda text: f"must be a number, not {text!r}",
    "go_duration": _fits(_GO_DURATION, _DURATION),
    "written_duration": _fits(_GO_DURATION, _DURATION),
    "tls_version": lambda text: "" if text in _TLS else f"must be one of {', '.join(_TLS)}",
}
_NUMBERS: dict[str, Callable[[str], str]] = {
    "whole": lambda _: "",
    "count": lambda text: f"must not be negative, as {text!r} is" if text[0] == "-" else "",
    "number": lambda _: "",
    "go_duration": lambda _: "",
}
"""What is wrong with a value that YAML takes for a number; Go cuts what is not whole."""
