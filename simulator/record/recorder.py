"""Collects entries while a drill runs."""

from simulator.record.model import Entry, EntryKind, Json


class Recorder:
    """Everything that happened so far, in order."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def add(self, at: int, kind: EntryKind, subject: str, /, **detail: Json) -> Entry:
        """Write one entry down."""
        entry = Entry(len(self._entries), at, kind, subject, detail)
        self._entries.append(entry)
        return entry

    def since(self, seq: int) -> tuple[Entry, ...]:
        """Entries from number `seq` on."""
        return tuple(self._entries[seq:])
