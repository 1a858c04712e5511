"""A series store in a real Prometheus: samples go in by remote write, stale markers included.

Protobuf and snappy are written by hand, literals only: a few lines, and no library is needed.
"""

import json
import struct
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from simulator.instruments.series.block import is_marker
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.store import SeriesStore
from tests.instruments.handover.real_prometheus import serving

CONFIG = """global: {evaluation_interval: 1m}
storage: {tsdb: {out_of_order_time_window: 100y}}
"""


class Answer(NamedTuple):
    """What the query API says: an error, or a type and a result, with annotations."""

    error: str
    kind: str
    result: Any
    warnings: tuple[str, ...]
    infos: tuple[str, ...]


@contextmanager
def real_store(folder: Path, *more: str) -> Iterator["RealStore"]:
    """Start an empty server that takes samples of any time; `more` are flags."""
    flags = ["--web.enable-remote-write-receiver", *more]
    with serving(folder / "data", *flags, config=CONFIG) as address:
        yield RealStore(address)


class RealStore:
    """A running server."""

    def __init__(self, address: str) -> None:
        self.address = address

    def fill(self, store: SeriesStore) -> None:
        """Copy every sample and stale marker of a store of ours."""
        series = []
        for block in store.blocks:
            values, stamps = block.values, block.stamps.tolist()
            for column, labels in enumerate(block.labels):
                cells = values[:, column]
                absent = is_marker(cells) & (cells.view("i8") != STALE_BITS)
                rows = zip(stamps, cells.view("i8").tolist(), absent.tolist(), strict=True)
                series.append((labels, [(t, bits) for t, bits, gone in rows if not gone]))
        self.write(series)

    def write(self, series: Iterable[tuple[Labels, list[tuple[int, int]]]]) -> None:
        """Write samples: milliseconds and the bits of their values."""
        body = b"".join(_field(1, _series(labels, samples)) for labels, samples in series)
        request = urllib.request.Request(  # noqa: S310  a server of our own, on loopback
            f"{self.address}/api/v1/write",
            _snappy(body),
            {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"},
        )
        urllib.request.urlopen(request).close()  # noqa: S310  the same

    def instant(self, query: str, t_ms: int) -> Answer:
        """Ask at an instant."""
        return self.ask("query", {"query": query, "time": _seconds(t_ms)})

    def range(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> Answer:
        """Ask over a range."""
        times = {"start": start_ms, "end": end_ms, "step": step_ms}
        pairs = {name: _seconds(t) for name, t in times.items()}
        return self.ask("query_range", {"query": query, **pairs})

    def ask(self, what: str, parameters: Mapping[str, str]) -> Answer:
        """Ask any of the API's questions."""
        url = f"{self.address}/api/v1/{what}"
        body = urllib.parse.urlencode(parameters).encode()
        try:
            with urllib.request.urlopen(url, body) as answer:  # noqa: S310  the same
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            said = json.load(error)
        data = said.get("data") or {}
        is_query = what.startswith("query")
        return Answer(
            said.get("error", ""),
            data.get("resultType", "") if is_query else "",
            data.get("result") if is_query else data,
            tuple(said.get("warnings") or ()),
            tuple(said.get("infos") or ()),
        )


STALE_BITS = 0x7FF0000000000002


def _seconds(t_ms: int) -> str:
    return f"{t_ms / 1000:.3f}"


def _series(labels: Labels, samples: list[tuple[int, int]]) -> bytes:
    pairs = (_field(1, name.encode()) + _field(2, value.encode()) for name, value in labels)
    points = (
        b"\x09" + struct.pack("<q", bits) + b"\x10" + _varint(t_ms % 2**64)
        for t_ms, bits in samples
    )
    return b"".join(_field(1, pair) for pair in pairs) + b"".join(
        _field(2, point) for point in points
    )


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _snappy(data: bytes) -> bytes:
    """Literals of up to 64 KiB, each with a two-byte length."""
    out = bytearray(_varint(len(data)))
    for at in range(0, len(data), 65_536):
        part = data[at : at + 65_536]
        out += bytes([61 << 2]) + struct.pack("<H", len(part) - 1) + part
    return bytes(out)
