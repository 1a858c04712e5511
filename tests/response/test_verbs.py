import pytest

from simulator import kinds
from simulator.errors import NotFound
from simulator.response.command import verbs
from simulator.response.navigation import NAVIGATION
from simulator.response.verbs import explained, overview, table
from simulator.taxonomy import MECHANISMS


def test_help_covers_every_verb_once() -> None:
    assert sorted(row.name for row in table()) == sorted((*verbs(), *NAVIGATION))


@pytest.mark.parametrize("name", verbs())
def test_overview_shows_syntax_effect_and_cost(name: str) -> None:
    (row,) = [row for row in table() if row.name == name]

    page = overview()

    assert row.syntax in page
    assert row.effect in page
    if row.group == "act":
        assert row.cost in explained(name)


def test_looks_cost_five_seconds_unless_they_are_papers_at_hand() -> None:
    free = {row.name for row in table() if row.group == "look" and row.takes == "-"}

    assert free == {"mechanisms", "brief"}
    assert {row.takes for row in table() if row.group == "look"} == {"5s", "-"}


def test_unknown_topic_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"no verb 'scael' \(did you mean 'scale'"):
        explained("scael")


def test_help_gives_no_cause_away() -> None:
    page = overview() + "".join(explained(name) for name in verbs())

    told = [word for word in (*kinds.names("faults"), *MECHANISMS) if word in page]

    assert told == []
