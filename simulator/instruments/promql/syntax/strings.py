"""Texts in quotes, with Go's escapes."""

_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\",
}  # fmt: skip
_CODED = {"x": (2, 16, 255), "u": (4, 16, 0x10FFFF), "U": (8, 16, 0x10FFFF)}
_OCTAL = (3, 8, 255)
_SURROGATES = range(0xD800, 0xE000)


class StringError(ValueError):
    """A text that never ends, or an escape that means nothing."""


def string_end(text: str, at: int) -> int:
    """The place behind the text that begins here; StringError when it is wrong."""
    quote = text[at]
    if quote == "`":
        end = text.find("`", at + 1)
        if end < 0:
            raise StringError("unterminated raw string")
        return end + 1
    at += 1
    while at < len(text) and text[at] not in (quote, "\n"):
        at = _escape(text, at + 1, quote)[1] if text[at] == "\\" else at + 1
    if text[at : at + 1] != quote:
        raise StringError("unterminated quoted string")
    return at + 1


def unquoted(written: str) -> str:
    """The text that is meant; bytes above 127 are read as UTF-8 together, as Go keeps bytes."""
    quote, at, out = written[0], 1, bytearray()
    if quote == "`":
        return written[1:-1]
    while at < len(written) - 1:
        if written[at] != "\\":
            out += written[at].encode()
            at += 1
            continue
        value, at = _escape(written, at + 1, quote)
        out += value
    return out.decode(errors="surrogateescape")


def _escape(text: str, at: int, quote: str) -> tuple[bytes, int]:  # noqa: C901  one kind after another
    """What an escape stands for, and the place behind it."""
    char = text[at : at + 1]
    if char in _SIMPLE or (char and char == quote):
        return _SIMPLE.get(char, char).encode(), at + 1
    if not char:
        raise StringError("escape sequence not terminated")
    if char in "01234567":
        digits, base, most = _OCTAL
    elif char in _CODED:
        digits, base, most = _CODED[char]
        at += 1
    else:
        raise StringError(f"unknown escape sequence {_named(char)}")
    value = 0
    for digit in text[at : at + digits].ljust(digits, "\0"):
        place = "0123456789abcdef".find(digit.lower())
        if digit == "\0" and at + digits > len(text):
            raise StringError("escape sequence not terminated")
        if not 0 <= place < base:
            raise StringError(f"illegal character {_named(digit)} in escape sequence")
        value = value * base + place
    if value > most or value in _SURROGATES:
        raise StringError("escape sequence is an invalid Unicode code point")
    is_byte = digits != 4 and digits != 8  # noqa: PLR1714, PLR2004  \x and octal are bytes
    return bytes([value]) if is_byte else chr(value).encode(), at + digits


def go_char(char: str) -> str:
    """A character as Go's %q shows it, without the quotes."""
    special = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
               "\v": "\\v", "\\": "\\\\", "'": "\\'"}  # fmt: skip
    if char in special:
        return special[char]
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:  # noqa: PLR2004  ASCII
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  four digits


def _named(char: str) -> str:
    """Go's %#U: the code point and the character."""
    shown = f" '{char}'" if char.isprintable() else ""
    return f"U+{ord(char):04X}{shown}"


def go_quoted(text: str) -> str:
    """Quote a text as Go's %q."""
    return '"' + "".join(_GO_ESCAPES.get(c, go_char(c)) for c in text) + '"'


_GO_ESCAPES = {'"': '\\"', "\\": "\\\\", "'": "'"}
