"""The report says what the record says, in three formats, safely."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from simulator import kinds
from simulator.debrief.grading import Variants, grade
from simulator.debrief.postmortem import FORMATS, Format, render
from simulator.debrief.postmortem.drawing.labels import place
from simulator.debrief.postmortem.drawing.marks import Mark
from simulator.record.model import Record
from tests.debrief import records as r

NASTY = "</script><img src=x onerror=alert(1)>|`{{ 7*7 }}"


def report(record: Record, runs: Variants, form: Format) -> str:
    return render(record, grade(record, runs), runs, form)


def nasty() -> Record:
    lived = r.lived()
    header = replace(lived.header, title=NASTY, brief=NASTY)
    said = tuple(
        replace(e, subject=NASTY, detail={**e.detail, "text": NASTY}) if e.kind == "looked" else e
        for e in lived.entries
    )
    return replace(lived, header=header, entries=said)


CASES = {
    "rescued": (r.lived(), r.variants()),
    "left alone": (r.do_nothing(), Variants(r.do_nothing(), r.reference())),
    "healthy": (r.healthy(), Variants(r.healthy(), r.healthy())),
    "not gradable": (r.lived(), Variants(r.do_nothing(), r.do_nothing())),
    "bare": (r.make(header=replace(r.HEADER, objectives=())), Variants(r.make(), r.make())),
    "nasty": (nasty(), r.variants()),
}
cases = pytest.mark.parametrize(("record", "runs"), CASES.values(), ids=CASES.keys())


def test_the_markdown_of_a_rescued_drill(snapshot: SnapshotAssertion) -> None:
    assert report(r.lived(), r.variants(), "md") == snapshot


@cases
def test_the_page_needs_nothing_but_itself(record: Record, runs: Variants) -> None:
    page = report(record, runs, "html")

    assert not re.search(r"(src|href)\s*=\s*[\"']?\s*(http|//)", page)
    assert not re.search(r"@import|url\(", page)


class Balance(HTMLParser):
    """Keeps every element that was opened and not closed."""

    void = frozenset({"meta", "br", "img", "hr", "input", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [str(found["id"])] if "id" in found else []
        self.targets += [str(found["href"])[1:]] if tag == "a" else []
        if tag not in self.void:
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


@cases
def test_the_page_is_well_formed_and_its_links_lead_somewhere(
    record: Record, runs: Variants
) -> None:
    parser = Balance()

    parser.feed(report(record, runs, "html"))

    assert parser.opened == []
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.targets) <= set(parser.ids)


@cases
def test_the_json_holds_the_facts_of_the_page(record: Record, runs: Variants) -> None:
    told: dict[str, Any] = json.loads(report(record, runs, "json"))
    page = report(record, runs, "html")

    embedded = re.search(
        r'<script type="application/json" id="facts">(.*?)</script>', page, re.DOTALL
    )

    assert embedded is not None
    assert json.loads(embedded[1]) == told
    assert told["schema_version"] == 1


def test_scenario_text_cannot_become_code() -> None:
    page = report(nasty(), r.variants(), "html")
    text = report(nasty(), r.variants(), "md")

    assert "<img" not in page
    assert page.count("</script>") == 2
    assert "<img" not in text


def test_every_section_has_its_place_and_both_templates() -> None:
    told = json.loads(report(r.lived(), r.variants(), "json"))

    said = [section["kind"] for section in told["sections"]]

    assert sorted(said) == list(kinds.names("sections"))
    assert said[:4] == ["header", "tiles", "summary", "impact"]
    assert said[-1] == "appendix"


@cases
@pytest.mark.parametrize("form", FORMATS)
def test_no_alternate_reality_and_no_blame_outside_their_sections(
    record: Record, runs: Variants, form: Format
) -> None:
    text = report(record, runs, form).lower()

    assert "human error" not in text
    assert "should have" not in text
    assert "root cause" not in text


def test_hypotheticals_stay_out_of_the_timeline() -> None:
    told = json.loads(report(r.lived(), r.variants(), "json"))
    timeline = next(s for s in told["sections"] if s["kind"] == "timeline")

    assert "without" not in json.dumps(timeline)


def test_six_tiles_each_with_a_target() -> None:
    told = json.loads(report(r.lived(), r.variants(), "json"))
    tiles = next(s for s in told["sections"] if s["kind"] == "tiles")["facts"]["tiles"]

    assert [tile["name"] for tile in tiles] == [
        "Score",
        "Detect",
        "Acknowledge",
        "Mitigate",
        "Over objective",
        "Budget spent",
    ]
    assert all(tile["target"] for tile in tiles)


@cases
@pytest.mark.parametrize("form", FORMATS)
def test_the_same_record_gives_the_same_bytes(record: Record, runs: Variants, form: Format) -> None:
    assert report(record, runs, form) == report(record, runs, form)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(0, 1000), st.text("abcdefgh ", min_size=1, max_size=34)), max_size=16
    )
)
def test_labels_of_marks_never_overlap(drawn: list[tuple[float, str]]) -> None:
    drawn.sort()
    marks = [Mark(at, "act", text, None) for at, text in drawn]

    placed = place(marks, [64 + at for at, _ in drawn], 1064)

    for n, one in enumerate(placed):
        for other in placed[n + 1 :]:
            assert one.row != other.row or one.end <= other.start or other.end <= one.start
