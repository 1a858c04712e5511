"""Action items drafted from the factors: verb first, bounded, with the run that supports each."""

from typing import ClassVar

from simulator.debrief.grading.criteria.severity_right import measured_severity
from simulator.debrief.grading.model import Row
from simulator.debrief.postmortem.page import Page, count, signed, span
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import Cause
from simulator.units import MINUTE

DUE_DAYS = {"SEV-1": 15, "SEV-2": 30}
DUE_OTHERWISE = 60
LATE_NS = 2 * MINUTE
WORTH = 0.9

PREVENT = {
    "process": "Restart pods of {component} that stop making progress, by a liveness probe",
    "host": "Spread {component} over hosts so that losing one leaves enough capacity",
    "release": "Gate releases of {component} on a canary judged by user-facing objectives",
    "data": "Warm or restore {component} automatically before it takes full load",
    "external": "Add a second route for calls to {component} that takes over within a minute",
    "traffic": "Limit {target} at the edge before it can exhaust {component}",
}
PROCESS = {
    "acknowledged_in_time": "Route pages so that one is acknowledged within 5m",
    "severity_right": "Print the severity table in every page so that one is declared from numbers",
    "updates_at_cadence": "Add a 15m reminder for updates to the incident channel",
    "evidence_before_action": "Put the queries to read first at the top of the runbook",
    "verified_before_close": "Add a closing check on the user-facing objective to the runbook",
}


class ActionItems:
    """Drafts what to prevent, detect, mitigate and change in the process."""

    kind_name: ClassVar[str] = "action_items"
    order: ClassVar[int] = 160
    title: ClassVar[str] = "Action items (drafted)"

    def facts(self, page: Page) -> SectionFacts | None:
        items = [*_prevent(page), *_detect(page), *_mitigate(page), *_process(page)]
        days = DUE_DAYS.get(measured_severity(page.record) or "", DUE_OTHERWISE)
        for number, item in enumerate(items, start=1):
            item.update({"id": f"A{number}", "due": f"{days} days"})
        return {"items": listed(items)} if items else None


def _item(kind: str, text: str, done: str, owner: str, evidence: str) -> SectionFacts:
    return {"kind": kind, "text": text, "done": done, "owner": owner, "evidence": evidence}


def _prevent(page: Page) -> list[SectionFacts]:
    nothing = next((row for row in page.grade.rows if row.name == "nothing done"), None)
    if nothing is None or nothing.harm <= 0:
        return []
    goal = f"this drill, left alone, costs under {count(nothing.harm / 10)} weighted bad requests"
    evidence = f"nothing done: {count(nothing.harm)} today"
    causes = page.record.header.causes
    return [
        _item("prevent", _prevention(cause), goal, f"owner of {cause.component}", evidence)
        for cause in causes
        if cause.home in PREVENT
    ]


def _prevention(cause: Cause) -> str:
    return PREVENT[cause.home].format(component=cause.component, target=cause.target)


def _detect(page: Page) -> list[SectionFacts]:
    hurt_at, detect = page.grade.recovery.hurt_at, page.grade.times.detect
    if hurt_at is None:
        return []
    lag = None if detect is None else page.record.header.strike_at_ns + detect - hurt_at
    if lag is not None and lag <= LATE_NS:
        return []
    done = "a page goes out within 2m of users hurting in this drill"
    text = "Add a fast burn-rate alert on the user-facing objective"
    return [_item("detect", text, done, "owner of alerting", f"page {span(lag)} after users hurt")]


def _mitigate(page: Page) -> list[SectionFacts]:
    lived = page.grade.harm.value
    best = next((row for row in page.grade.rows if row.name == "reference response"), None)
    items = []
    alert = page.first_alert or "this symptom"
    helped = max((r for r in page.acts if r.effect == "helped"), key=_worth, default=None)
    if helped is not None:
        act = helped.name.removeprefix("without ")
        text = f"Write “{act}” into the runbook for {alert} as an early step"
        done = f"a runbook drill mitigates within {span(page.reference_times.mitigate)}"
        evidence = f"{helped.name}: {signed(helped.difference)}"
        items.append(_item("mitigate", text, done, "owner of the runbook", evidence))
    if best is not None and lived > 0 and best.harm < WORTH * lived:
        text = f"Rehearse the reference response to {alert} with everyone on call"
        done = (
            f"two drills in a row stay under {count((best.harm + lived) / 2)} weighted bad requests"
        )
        evidence = f"reference response: {signed(best.difference)}"
        items.append(_item("mitigate", text, done, "on-call lead", evidence))
    return items


def _worth(row: Row) -> float:
    return row.difference


def _process(page: Page) -> list[SectionFacts]:
    costly = [row for row in page.acts if row.effect == "hurt"]
    missed = [line for line in page.grade.lines if line.verdict in {"fail", "unknown"}]
    return [
        *(_guard(row) for row in costly),
        *(
            _item("process", PROCESS[line.rule], line.good, "on-call lead", f"rule {line.rule}")
            for line in missed
            if line.rule in PROCESS
        ),
    ]


def _guard(row: Row) -> SectionFacts:
    act = row.name.removeprefix("without ")
    text = f"State in the runbook when not to use “{act}”, and what it costs users"
    evidence = f"{row.name}: {signed(row.difference)}"
    return _item("process", text, "the runbook says so", "owner of the runbook", evidence)
