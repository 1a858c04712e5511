"""A ROW.yaml in: a model server's numbers, every mistake with its place."""

from pathlib import Path

from pydantic import ValidationError

from simulator.errors import InvalidInput
from simulator.scenario.complaints import note
from simulator.scenario.yaml import Document, read, read_text
from simulator.system.topology.hardware_row import HardwareRow


def load_row(path: Path) -> HardwareRow:
    """Read a file; InvalidInput names every mistake in it."""
    document = read(read_text(path, str(path)), str(path))
    row = read_row(document)
    if row is None:
        raise InvalidInput(document.mistakes)
    return row


def read_row(document: Document) -> HardwareRow | None:
    """Read a document; mistakes go to it, and then there is no row."""
    if not document.is_readable:
        return None
    try:
        row = HardwareRow.model_validate(document.value)
    except ValidationError as error:
        note(document, HardwareRow, error)
        return None
    return None if any(not each.is_warning for each in document.mistakes) else row
