from pathlib import Path

import pytest

from tests.interfaces.brownout import Brownout


@pytest.fixture
def brownout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Brownout:
    """Give the command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Brownout(monkeypatch, capsys)
