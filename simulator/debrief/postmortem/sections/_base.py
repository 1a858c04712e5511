"""What every section offers its renderers."""

from collections.abc import Iterable
from typing import ClassVar, Protocol

from simulator.debrief.postmortem.page import Page
from simulator.record.model import Json

SectionFacts = dict[str, Json]


class Section(Protocol):
    """One heading of the report; `facts` returns None where it has nothing to say."""

    kind_name: ClassVar[str]
    order: ClassVar[int]
    title: ClassVar[str]  # empty: the section stands without a heading

    def facts(self, page: Page) -> SectionFacts | None: ...


def listed(rows: Iterable[SectionFacts]) -> list[Json]:
    """Give rows the type JSON wants."""
    return list(rows)


def texts(values: Iterable[str]) -> list[Json]:
    """Give strings the type JSON wants."""
    return list(values)


def seqs(values: Iterable[int]) -> list[Json]:
    """Give entry numbers the type JSON wants."""
    return list(values)
