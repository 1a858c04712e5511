"""A real promtool reads the rules that objectives give."""

import subprocess
from pathlib import Path

import pytest

from simulator.instruments.slo.generated import Slo, rules_text
from tests.instruments.handover.real_prometheus import tool


@pytest.mark.skipif(not tool("promtool"), reason="no promtool on this machine")
def test_promtool_accepts_generated_rules(tmp_path: Path) -> None:
    slos = [
        Slo("first-token", "chat", "ttft", 2.0, 0.99, 30 * 86_400_000),
        Slo("answered", "chat", "outcome", None, 0.95, 43_200_000),
    ]
    file = tmp_path / "objectives.rules.yaml"
    file.write_text(rules_text(slos), encoding="utf-8")

    done = subprocess.run(
        [tool("promtool"), "check", "rules", str(file)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
