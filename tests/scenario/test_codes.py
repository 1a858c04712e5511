"""Every code of a mistake is explained in docs/mistakes.md, under an anchor of its name."""

import re
from pathlib import Path

from simulator.scenario.model import ScenarioModel

_ROOT = Path(__file__).parent.parent.parent
_WRITES = [
    *sorted((_ROOT / "simulator" / "scenario").glob("*.py")),
    _ROOT / "simulator" / "system" / "topology" / "checks.py",
    _ROOT / "simulator" / "instruments" / "alerting" / "rules.py",
    _ROOT / "simulator" / "instruments" / "alerting" / "located.py",
]
_CALLS = re.compile(
    r'(?:\.mistake|_note|Mistake|Unreadable|report|_report|wrong|Problem)\([^"]*?"([a-z]+(?:-[a-z]+)*)",'
)


def test_every_code_has_its_anchor() -> None:
    page = (_ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
    explained = set(re.findall(r'<a id="([a-z-]+)"></a>`\1`', page))

    written = {code for path in _WRITES for code in _CALLS.findall(path.read_text("utf-8"))}

    assert {"duplicate-key", "cycle", "missing-key", "override", "leak"} <= written
    assert written - explained - set(ScenarioModel.model_fields) == set()
