"""The texts a scenario is made of: everything simulated is a function of these and a seed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """A scenario's text and those of the files it names; plain data, so that it can be sent.

    `file` is how messages name it, `folder` where it lies; neither is part of the digest.
    `files` maps a path, as the scenario writes it, to a text, and `shown` to how messages name it.
    """

    name: str
    text: str
    file: str = ""
    folder: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the texts and overrides, whatever the line ends."""
        said = {
            "text": _plain(self.text),
            "files": {path: _plain(text) for path, text in self.files.items()},
            "overrides": list(self.overrides),
        }
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
