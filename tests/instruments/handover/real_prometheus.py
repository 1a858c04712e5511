"""A real Prometheus of series 3, where this machine has one: on PATH or in BROWNOUT_PROMETHEUS."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STARTING_S = 20
_FOLDER = os.environ.get("BROWNOUT_PROMETHEUS", "")


def tool(name: str) -> str:
    """Find a program; empty where there is none."""
    return shutil.which(name, path=_FOLDER or None) or ""


def missing() -> str:
    """Why there is nothing to compare with; empty where there is."""
    for name in ("prometheus", "promtool"):
        if not tool(name):
            return f"no {name} on this machine (set BROWNOUT_PROMETHEUS to its folder)"
    said = subprocess.run(
        [tool("prometheus"), "--version"], capture_output=True, text=True, check=True
    )
    version = (said.stdout + said.stderr).split("version ", 1)[1]
    return "" if version.startswith("3.") else f"Prometheus {version.split()[0]} is not a 3.x"


def backfilled(metrics: Path, data: Path) -> None:
    """Make a database of an OpenMetrics file, with the documented command."""
    command = [tool("promtool"), "tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run([*command, str(metrics), str(data)], check=True, capture_output=True)


@contextmanager
def serving(data: Path, *flags: str, config: str = "global: {}\n") -> Iterator[str]:
    """Start a server on a database, on a free port of the loopback interface; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    written = data.parent / "prometheus.yml"
    written.write_text(config)
    server = subprocess.Popen(
        [
            tool("prometheus"),
            f"--config.file={written}",
            f"--storage.tsdb.path={data}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address={address}",
            "--log.level=error",
            *flags,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(f"http://{address}/-/ready")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait()


def asked(address: str, what: str, **parameters: str) -> Any:
    """Ask the query API: `query` or `query_range`."""
    url = f"{address}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url) as answer:  # noqa: S310  a server of our own, on loopback
        return json.load(answer)["data"]["result"]


def _await(url: str) -> None:
    for _ in range(STARTING_S * 20):
        try:
            with urllib.request.urlopen(url):  # noqa: S310  the same
                return
        except OSError:
            time.sleep(0.05)  # noqa: TID251  a real server takes real time
    raise TimeoutError(url)
