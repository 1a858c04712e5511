"""What a comparison says beneath its table."""

from simulator.evaluation.comparison import notes_on
from tests.drill.small import small

SESSION = "classes.chat.session={turns: 3, think: 5s, words: 50}"


def test_closed_loops_are_told_of() -> None:
    open_loop, closed = (notes_on(small(*set_), (1, 2), ()) for set_ in ((), (SESSION,)))

    (more,) = set(closed) - set(open_loop)
    assert more.startswith("users of chat ask the next thing after they were answered")
