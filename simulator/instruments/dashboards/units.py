"""Values in a panel's unit, as a person reads them."""

import math

_THOUSANDS = ("", "K", "Mil", "Bil")
_BINARY, _DECIMAL = ("B", "KiB", "MiB", "GiB", "TiB"), ("B", "kB", "MB", "GB", "TB")
_PREFIXES = ("", "k", "M", "G", "T")


def _si(ending: str) -> tuple[float, tuple[str, ...]]:
    return 1000.0, tuple(f"{prefix}{ending}" for prefix in _PREFIXES)


_STEPS: dict[str, tuple[float, tuple[str, ...]]] = {
    "bytes": (1024.0, _BINARY), "kbytes": (1024.0, _BINARY[1:]), "mbytes": (1024.0, _BINARY[2:]),
    "gbytes": (1024.0, _BINARY[3:]), "decbytes": (1000.0, _DECIMAL),
    "deckbytes": (1000.0, _DECIMAL[1:]), "decmbytes": (1000.0, _DECIMAL[2:]),
    "decgbytes": (1000.0, _DECIMAL[3:]), "short": (1000.0, _THOUSANDS),
    "none": (1000.0, _THOUSANDS), "sishort": _si(""), "hertz": _si("Hz"), "rothz": _si("Hz"),
    "watt": _si("W"), "joule": _si("J"), "bps": _si("b/s"), "Bps": _si("B/s"), "pps": _si("p/s"),
    "binBps": (1024.0, tuple(f"{size}/s" for size in _BINARY)),
}  # fmt: skip
_ENDINGS = {
    "reqps": "/s", "ops": "/s", "rps": "/s", "wps": "/s", "iops": "/s", "cps": "/s", "opm": "/min",
    "rpm": "/min", "wpm": "/min", "cpm": "/min", "reqpm": "/min", "percent": "%", "celsius": "°C",
    "currencyUSD": " $", "currencyEUR": " €", "rotrpm": " rpm", "string": "", "locale": "",
    "bool_yes_no": "", "bool_on_off": "",
}  # fmt: skip
_SECONDS = {
    "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "m": 60.0, "h": 3600.0,
    "d": 86400.0, "dtdurations": 1.0, "dtdurationms": 1e-3, "clocks": 1.0, "clockms": 1e-3,
}  # fmt: skip
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


def written(value: float, unit: str) -> str:
    """Write a value with its unit; `-` where there is none."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if unit in _SECONDS:
        return _lasting(value * _SECONDS[unit])
    if unit == "percentunit":
        return f"{_short(value * 100)}%"
    if unit in _STEPS:
        return _stepped(value, *_STEPS[unit])
    if unit in _ENDINGS:
        return _short(value) + _ENDINGS[unit]
    return _worded(value, unit)


def _worded(value: float, unit: str) -> str:
    """Write a value in a unit of the author's own: `count:tokens`, `prefix:$`, or any word."""
    kind, sign, word = unit.partition(":")
    if not sign:
        return f"{_short(value)} {unit}"
    if kind == "prefix":
        return f"{word}{_short(value)}"
    if kind in ("count", "si"):
        return f"{_stepped(value, *_si(''))} {word}"
    return f"{_short(value)} {word}"


def _lasting(seconds: float) -> str:
    size = abs(seconds)
    for limit, factor, ending in (
        (1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (_MINUTE, 1.0, "s"),
        (_HOUR, 1 / _MINUTE, "min"), (_DAY, 1 / _HOUR, "h"),
    ):  # fmt: skip
        if size < limit:
            return f"{_short(seconds * factor)} {ending}" if size else "0 s"
    return f"{_short(seconds / _DAY)} d"


def _stepped(value: float, step: float, endings: tuple[str, ...]) -> str:
    place = 0
    while abs(value) >= step and place < len(endings) - 1:
        value /= step
        place += 1
    return f"{_short(value)} {endings[place]}".rstrip()


def _short(value: float) -> str:
    text = f"{value:.3g}"
    return f"{value:.0f}" if "e+" in text else text
