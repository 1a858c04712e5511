"""Everything a post-mortem states, section by section, as JSON-able data."""

from dataclasses import dataclass
from typing import cast

from simulator import kinds
from simulator.debrief.postmortem.page import Page
from simulator.debrief.postmortem.sections._base import Section, SectionFacts

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Chapter:
    """One section of the report with what it says."""

    kind: str
    title: str
    facts: SectionFacts


@dataclass(frozen=True, slots=True)
class Facts:
    """A whole report, in reading order."""

    schema_version: int
    chapters: tuple[Chapter, ...]

    def section(self, kind: str) -> SectionFacts:
        """Give one section's facts, empty where the section has nothing to say."""
        return next((c.facts for c in self.chapters if c.kind == kind), {})


def facts(page: Page) -> Facts:
    """Ask every section what it has to say; those with nothing are left out."""
    loaded = (cast("type[Section]", kinds.load("sections", n))() for n in kinds.names("sections"))
    chapters = []
    for section in sorted(loaded, key=lambda each: (each.order, each.kind_name)):
        told = section.facts(page)
        if told is not None:
            chapters.append(Chapter(section.kind_name, section.title, told))
    return Facts(SCHEMA_VERSION, tuple(chapters))
