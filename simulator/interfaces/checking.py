"""What `check` does for one scenario and seed, as plain data that processes can exchange."""

from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

from simulator.debrief.grading.model import Grade
from simulator.debrief.judged import judge
from simulator.drill.run import run
from simulator.scenario.reader import build
from simulator.scenario.source import Source
from simulator.units import SECOND, format_duration

Verdict = Literal["OK", "FAIL", "SKIP"]


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario at one seed."""

    source: Source
    seed: int


@dataclass(frozen=True, slots=True)
class Examined:
    """How the reference response did there; `why` is empty where there is nothing to explain."""

    name: str
    file: str
    seed: int
    verdict: Verdict
    score: float | None
    why: str

    @property
    def line(self) -> str:
        """Say it on one line."""
        score = "no score" if self.score is None else f"score {self.score:.0f}"
        why = f"  {self.why}" if self.why else ""
        return f"{self.verdict:<4}  {self.name}  seed {self.seed}  {score}{why}"


def examine(case: Case) -> Examined:
    """Run a scenario with its reference response, grade it, and hold it to the pass marks."""
    scenario = build(case.source)
    if scenario.runbook is None:
        return _examined(case, "FAIL", None, "it names no reference response to check")
    record = run(scenario, seed=case.seed, responder="reference")
    grade = judge(record, case.source).grade
    marks = scenario.pass_marks
    if marks.score_min is None and marks.recovered_within is None:
        return _examined(case, "SKIP", grade.score, "it has no pass marks")
    if grade.is_passed:
        return _examined(case, "OK", grade.score, "")
    return _examined(
        case, "FAIL", grade.score, _why(grade, marks.score_min, marks.recovered_within)
    )


def _examined(case: Case, verdict: Verdict, score: float | None, why: str) -> Examined:
    source = case.source
    return Examined(source.name, source.file, case.seed, verdict, score, why)


def _why(grade: Grade, score_min: int | None, within: int | None) -> str:
    parts = [grade.why_no_score] if grade.why_no_score else []
    if score_min is not None and grade.score is not None and grade.score < score_min:
        parts.append(f"scored {grade.score:.0f}, must reach {score_min}")
    mitigated = grade.times.mitigate
    if within is not None and (mitigated is None or mitigated > within):
        after = "never" if mitigated is None else f"after {_span(mitigated)}"
        parts.append(f"users were well again {after}, must be within {_span(within)}")
    return "; ".join(parts)


def _span(ns: int) -> str:
    return format_duration(ns // SECOND * SECOND)


def junit(results: list[Examined]) -> str:
    """Write results as JUnit XML: one suite per scenario, one case per seed."""
    root = ET.Element("testsuites", {"name": "brownout check", **_counts(results)})
    for name in dict.fromkeys(each.name for each in results):
        own = [each for each in results if each.name == name]
        suite = ET.SubElement(root, "testsuite", {"name": name, **_counts(own)})
        for each in own:
            case = ET.SubElement(
                suite, "testcase", classname=name, name=f"seed {each.seed}", file=each.file
            )
            if each.verdict != "OK":
                kind = "failure" if each.verdict == "FAIL" else "skipped"
                ET.SubElement(case, kind, message=each.why).text = each.line
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(results: list[Examined]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(each.verdict == "FAIL" for each in results)),
        "skipped": str(sum(each.verdict == "SKIP" for each in results)),
    }
