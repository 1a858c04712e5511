"""Values in a panel's unit, as a person reads them."""

import math

_STEPS = {
    "bytes": (1024.0, ("B", "KiB", "MiB", "GiB", "TiB")),
    "decbytes": (1000.0, ("B", "kB", "MB", "GB", "TB")),
    "short": (1000.0, ("", "K", "Mil", "Bil")),
    "none": (1000.0, ("", "K", "Mil", "Bil")),
}
_ENDINGS = {
    "reqps": "/s", "ops": "/s", "rps": "/s", "wps": "/s", "iops": "/s", "cps": "/s", "percent": "%",
    "celsius": "°C", "watt": " W", "joule": " J", "currencyUSD": " $", "Bps": " B/s",
    "binBps": " B/s",
}  # fmt: skip
_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "m": 60.0, "h": 3600.0}
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
    return _short(value) + _ENDINGS.get(unit, "")


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
