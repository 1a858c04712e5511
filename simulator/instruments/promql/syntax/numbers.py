"""Numbers and durations, as Prometheus reads them: 1_000, 0x1F, 010 (octal), 1h30m."""

import re

_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?"
)
_UNITS_MS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
_DURATION_MAX_NS = 2**63 - 1
_NUMBER = re.compile(r"0[xX]_?[0-9a-fA-F]*(?:_[0-9a-fA-F]+)*|(?:\d(?:_?\d)*)?(?:\.\d*)?")
_DIGITS = "0123456789"


class NumberProblem(ValueError):
    """A number out of range, or a duration that is none."""


def number_end(text: str, at: int) -> tuple[int, bool, bool]:
    """Where a number or duration ends, whether it is a number, and whether it is well written.

    Of a bad one the end is how far the original reads, which its message shows.
    """
    end, is_number = _scanned(text, at)
    if is_number:
        return end, True, True
    units = "smhdwy"
    while end < len(text) and text[end] in units:
        end += 1 + text.startswith("s", end + 1)
        # Years come first only.
        units = "smhdw"
        digits = end
        while end < len(text) and text[end] in _DIGITS:
            end += 1
        if digits == end:
            is_over = _is_word(text[end : end + 1])
            return end + is_over, False, not is_over
    return end, False, False


def _scanned(text: str, at: int) -> tuple[int, bool]:
    found = _NUMBER.match(text, at)
    end = at if found is None else found.end()
    is_hex = text[at : at + 2].lower() == "0x"
    if not is_hex and text[end : end + 1] in ("e", "E") and end > at:
        power = end + 1
        power += text[power : power + 1] in ("+", "-") and power < len(text)
        while power < len(text) and text[power] in _DIGITS:
            power += 1
        if text[power - 1] not in _DIGITS:
            return power, False
        end = power
    following = text[end : end + 1]
    if following == "_":
        return min(end + 2, len(text)), False
    if following == ".":
        return end + 1, False
    return end, end > at and not _is_word(following)


def _is_word(char: str) -> bool:
    return bool(char) and (char == "_" or (char.isalnum() and char.isascii()))


def number(written: str) -> float:
    """A number's value: like Go, a leading zero means octal."""
    lower = written.lower()
    if lower in ("inf", "nan"):
        return float(lower)
    plain = lower.replace("_", "")
    try:
        if plain.startswith("0x"):
            return float(int(plain, 16))
        if plain.isdigit() and plain.startswith("0") and set(plain) <= set("01234567"):
            return float(int(plain, 8))
        value = float(plain)
    except ValueError:
        raise NumberProblem(
            f'error parsing number: strconv.ParseFloat: parsing "{written}": invalid syntax'
        ) from None
    if value == float("inf"):
        raise NumberProblem(
            f'error parsing number: strconv.ParseFloat: parsing "{written}": value out of range'
        )
    return value


def duration_ms(written: str) -> int:
    """A duration's milliseconds: units from large to small, each once."""
    found = _DURATION.fullmatch(written)
    if found is None or not written:
        raise NumberProblem(f'not a valid duration string: "{written}"')
    parts = zip(found.groups(), _UNITS_MS, strict=True)
    milliseconds = sum(int(count or 0) * unit for count, unit in parts)
    if milliseconds * 1_000_000 > _DURATION_MAX_NS:
        raise NumberProblem("duration out of range")
    return milliseconds
