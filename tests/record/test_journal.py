"""A journal is safe on disk line by line, and read back as it was."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InvalidInput
from simulator.record.journal import Head, Journal, Line, read_journal

HEAD = Head("tuesday", "abc", 7, "0.1.0", "person", overrides=("lasts=5m",))


def test_every_line_is_on_disk_before_the_next_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(HEAD, path)

    journal.append(Line(5, "status"))

    assert read_journal(path) == (HEAD, (Line(5, "status"),))


def test_a_last_line_cut_short_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(HEAD, path)
    journal.append(Line(5, "status"))
    journal.append(Line(9, "scale llm 6"))
    os.truncate(path, path.stat().st_size - 4)

    _, lines = read_journal(path)

    assert lines == (Line(5, "status"),)


def test_undo_rewrites_the_lines_and_says_that_it_is_practice(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(HEAD, path, (Line(1, "ack"), Line(2, "restart llm")))

    journal.rewrite(journal.lines[:1], is_practice=True)

    head, lines = read_journal(path)
    assert head.is_practice
    assert lines == (Line(1, "ack"),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("", 1, id="empty"),
        pytest.param("not json\n", 1, id="no head"),
        pytest.param('{"scenario": "x"}\n', 1, id="half a head"),
    ],
)
def test_what_is_no_journal_is_refused_with_its_place(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        read_journal(path)

    assert caught.value.mistakes[0].line == line


@given(st.lists(st.tuples(st.integers(0, 2**60), st.text(min_size=1, max_size=40))))
def test_whatever_was_said_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, str]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    lines = tuple(Line(at, text) for at, text in said)

    Journal(HEAD, path, lines)

    assert read_journal(path) == (HEAD, lines)
