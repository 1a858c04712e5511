"""Runs as a list shows them; of one that is still on, nothing a responder may not know."""

import json

from simulator.errors import InvalidInput
from simulator.record.folder import Run
from simulator.record.journal import read_journal


def entry(run: Run) -> dict[str, object]:
    """Say what one run is: from its journal, and its report where there is one."""
    try:
        head, lines = read_journal(run.journal)
    except InvalidInput as error:
        return {"name": run.path.name, "state": "unreadable", "why": error.mistakes[0].message}
    return {
        "name": run.path.name,
        "state": "ended" if run.has_ended else "on",
        "scenario": head.scenario,
        "seed": head.seed,
        "twin": head.twin,
        "responder": head.responder,
        "practice": head.is_practice,
        "commands": len(lines),
        "score": _score(run),
    }


def line(told: dict[str, object]) -> str:
    """Write one run on a line."""
    if told["state"] == "unreadable":
        return f"{told['name']}  unreadable: {told['why']}"
    score = told["score"]
    said = f"score {score:.0f}" if isinstance(score, int | float) else str(told["state"])
    parts = [
        str(told["name"]),
        f"seed {told['seed']}",
        str(told["responder"]),
        f"{told['commands']} commands",
        said,
    ]
    if told["twin"] != "fault":
        parts.insert(2, str(told["twin"]))
    if told["practice"]:
        parts.append("practice")
    return "  ".join(parts)


def _score(run: Run) -> float | None:
    path = run.path / "report.json"
    if not path.exists():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    score = report.get("score") if isinstance(report, dict) else None
    return score if isinstance(score, int | float) else None
