"""What a plain word of YAML means, by the core schema of YAML 1.2.

PyYAML follows YAML 1.1, where `on` and `no` are booleans, `12:30` is 750, `010` is 8 and `1e3` is
text. Editors follow 1.2, and so does this table: durations and times stay text.
"""

import math
import re

Scalar = None | bool | int | float | str

INTEGER_MAX = 2**63 - 1

_WORDS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_BASED = re.compile(r"0o[0-7]{1,400}|0x[0-9a-fA-F]{1,400}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def resolve(text: str) -> Scalar:
    """Say what an unquoted scalar means; ValueError if it is a number nobody can compute with."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return _bounded(int(text), text)
    if _BASED.fullmatch(text):
        return _bounded(int(text, 0), text)
    if _FLOAT.fullmatch(text):
        return _finite(float(text), text)
    if _NOT_A_NUMBER.fullmatch(text):
        msg = f"'{text}' is not a number to compute with; write a finite one"
        raise ValueError(msg)
    return text


def _bounded(number: int, text: str) -> int:
    if abs(number) > INTEGER_MAX:
        msg = f"'{text[:30]}' is too large; whole numbers stay below 2^63"
        raise ValueError(msg)
    return number


def _finite(number: float, text: str) -> float:
    if math.isinf(number):
        msg = f"'{text[:30]}' is too large a number"
        raise ValueError(msg)
    return number
