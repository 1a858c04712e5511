"""Counterfactual runs are planned as data."""

from dataclasses import replace

from simulator.debrief.counterfactuals import plan, plan_pairs
from tests.debrief import records as r


def test_every_mutating_act_is_left_out_once() -> None:
    planned = plan(r.lived())

    assert [(each.name, each.responder, each.left_out) for each in planned] == [
        ("nothing done", "none", ()),
        ("reference response", "reference", ()),
        ("without scale llm 6", "journal", (r.SCALE,)),
        ("without limit class/chat prompt_tokens 8000", "journal", (r.LIMIT,)),
        ("without restart embed", "journal", (r.RESTART,)),
    ]


def test_a_journal_without_an_act_lacks_that_line_only() -> None:
    lived = r.lived()

    limited = plan(lived)[3]

    gone = [line for line in lived.journal if line not in limited.journal]
    assert [line["text"] for line in gone] == ["limit class/chat prompt_tokens 8000"]
    assert len(limited.journal) == len(lived.journal) - 1


def test_of_two_equal_acts_at_one_instant_each_is_left_out_by_itself() -> None:
    twice = r.entries(r.act(r.STRIKE, "scale llm 6"), r.act(r.STRIKE, "scale llm 6"))
    lived = r.make(r.steady, twice)

    planned = plan(lived)[2:]

    assert [len(each.journal) for each in planned] == [1, 1]


def test_an_act_without_a_journal_line_is_not_planned() -> None:
    lived = replace(r.lived(), journal=())

    assert [each.name for each in plan(lived)] == ["nothing done", "reference response"]


def test_pairs_are_planned_of_acts_that_made_no_difference_alone() -> None:
    runs = replace(r.variants(), without=dict.fromkeys((r.SCALE, r.LIMIT, r.RESTART), r.lived()))

    pairs = [each.left_out for each in plan_pairs(r.lived(), runs)]

    assert pairs == [(r.SCALE, r.LIMIT), (r.SCALE, r.RESTART), (r.LIMIT, r.RESTART)]
