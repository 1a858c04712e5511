"""The text functions of Prometheus's templates: matching, replacing, hosts, links."""

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import quote_plus

from simulator.instruments.alerting.template_values import TemplateError, Value, shown
from simulator.instruments.series.regex import RegexError, Translated

# A dot, colon or apostrophe between letters is inside of a word; digits before one are not.
_WORD_START = re.compile(r"(?<![^\W\d])(?<![^\W\d]['.:])[^\W\d_]")
_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")


def re_replace_all(pattern: Value, replacement: Value, text: Value) -> str:
    """Every match of a pattern replaced; `$1` and `${name}` stand for its groups."""
    compiled, names = _compiled(pattern)

    def replaced(found: re.Match[str]) -> str:
        def group(reference: re.Match[str]) -> str:
            name = reference[1] or reference[2]
            number = int(name) if name and name.isdigit() else names.get(name or "", -1)
            if name is None:
                return "$"
            return (found[number] or "") if 0 <= number <= compiled.groups else ""

        return _REFERENCE.sub(group, shown(replacement))

    return compiled.sub(replaced, shown(text))


def match(pattern: Value, text: Value) -> bool:
    """Whether a pattern occurs anywhere in a text."""
    return _compiled(pattern)[0].search(shown(text)) is not None


def _compiled(pattern: Value) -> tuple[re.Pattern[str], dict[str, int]]:
    try:
        # Unlike in matchers, a dot is no line's end here.
        read = Translated(f"(?-s:{shown(pattern)})")
        return re.compile(read.python), read.names
    except (RegexError, re.error) as error:
        raise TemplateError(str(error)) from error


def title(text: Value) -> str:
    """Every word with a capital, the rest of it as it was."""
    return _WORD_START.sub(lambda found: found[0].upper(), shown(text))


def strip_port(address: Value) -> str:
    """A host without its port; what is no address with a port stays as it is."""
    host, _ = _split(shown(address))
    return host


def strip_domain(address: Value) -> str:
    """A host's first name, with its port; IP addresses stay as they are."""
    host, port = _split(shown(address))
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name = host.split(".")[0]
        return f"{name}:{port}" if port else name
    return shown(address)


def _split(address: str) -> tuple[str, str]:
    """Host and port; all of it and nothing where there is no port."""
    if bracketed := re.fullmatch(r"\[([^][]*)\]:([^][:]*)", address):
        return bracketed[1], bracketed[2]
    host, colon, port = address.rpartition(":")
    if not colon or ":" in host or "[" in address or "]" in address:
        return address, ""
    return host, port


TEXTS: dict[str, Callable[..., Value]] = {
    "args": lambda *values: {f"arg{place}": value for place, value in enumerate(values)},
    "reReplaceAll": re_replace_all,
    "match": match,
    "safeHtml": shown,
    "title": title,
    "toUpper": lambda text: shown(text).upper(),
    "toLower": lambda text: shown(text).lower(),
    "graphLink": lambda expr: f"/graph?g0.expr={quote_plus(shown(expr))}&g0.tab=0",
    "tableLink": lambda expr: f"/graph?g0.expr={quote_plus(shown(expr))}&g0.tab=1",
    "stripPort": strip_port,
    "stripDomain": strip_domain,
    "externalURL": lambda: "",
    "pathPrefix": lambda: "",
}
"""By name."""
