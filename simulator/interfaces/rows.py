"""Rows of hardware: listed, written as YAML, and read back."""

from pathlib import Path

import yaml

from simulator.plant import hardware
from simulator.scenario.hardware import load_row
from simulator.system.topology.hardware_row import HardwareRow, row_of

_HEAD = (
    f"{'name':<34}{'w ms':>7}{'s us':>8}{'c ns':>7}{'KV tokens':>12}{'batch tokens':>14}  source"
)


def listed() -> list[str]:
    """List every known model server with its main numbers."""
    return [_HEAD, *(_line(_row(name)) for name in hardware.names())]


def written(name: str) -> list[str]:
    """Write a known row as a file; NotFound names the nearest."""
    row = _row(name)
    fields = row.model_dump(exclude={"stream_us_per_token"})
    return yaml.safe_dump(fields, sort_keys=False).splitlines()


def read_row(name: str) -> HardwareRow:
    """Find a row by name, or read it from a file; InvalidInput names every mistake in it."""
    path = Path(name)
    if name in hardware.names() or not (path.suffix in {".yaml", ".yml"} or path.is_file()):
        return _row(name)
    return load_row(path)


def _row(name: str) -> HardwareRow:
    row = row_of(name, hardware.lookup(name), hardware.gpus(name))
    source = hardware.rows()[name].source
    return row.model_copy(update={"source": f"{source}: {hardware.sources()[source]}"})


def _line(row: HardwareRow) -> str:
    return (
        f"{row.name:<34}{row.w_ms:>7g}{row.s_us_per_token:>8g}{row.c_ns_per_kv_token:>7g}"
        f"{row.kv_tokens:>12,}{row.max_num_batched_tokens:>14,}  {row.source.split(':')[0]}"
    )
