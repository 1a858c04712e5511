"""How a request's prefix is written, and what caching makes of it."""

import pytest

from simulator.evaluation.serving.prefixes import read_prefix, segments_of
from simulator.evaluation.serving.replay import serve
from simulator.evaluation.serving.requests import Request
from simulator.plant.hardware import lookup


@pytest.mark.parametrize(
    ("written", "tokens", "read"),
    [
        (None, 100, ()),
        ("", 100, ()),
        ("0", 100, ()),
        ("64", 100, (("everyone", 64),)),
        ("640", 100, (("everyone", 100),)),
        ("chat-7", 100, (("chat-7", 100),)),
        ("sys:64 doc:500", 1000, (("sys", 64), ("doc", 500))),
        ("sys:64;doc:500", 60, (("sys", 64),)),
        ("46 47 9", 1100, (("46", 512), ("47", 512), ("9", 512))),
        ([46, 47], 600, (("46", 512), ("47", 512))),
        (["a", "b"], 500, (("a", 512),)),
    ],
)
def test_prefixes_are_read(written: object, tokens: int, read: tuple[tuple[str, int], ...]) -> None:
    assert read_prefix(written, tokens) == read


def test_a_part_without_a_length_among_others_is_refused() -> None:
    with pytest.raises(ValueError, match="'doc' has no length"):
        read_prefix("sys:64 doc", 1000)


def test_segments_are_named_by_all_that_stands_before_them() -> None:
    segments, pointers = segments_of([[("a", 16), ("b", 16)], [("c", 16), ("b", 16)], []])

    assert segments.rows[:, 1].tolist() == [16, 32, 16, 32]
    assert len(set(segments.rows[:, 0].tolist())) == 4
    assert pointers[2] == -1


H100 = lookup("llama-3.1-8b/h100/tp1/bf16")


def cached(*prefixes: str, input_tokens: int = 1200) -> list[int]:
    """Cached tokens of requests a second apart."""
    requests = [
        Request(str(i), float(i), input_tokens, 20, read_prefix(prefix, input_tokens))
        for i, prefix in enumerate(prefixes)
    ]
    return [each.cached_tokens for each in serve(requests, H100)]


def test_whole_blocks_of_what_is_shared_are_cached() -> None:
    assert cached("sys:1000", "sys:1000", "other:1000") == [0, 62 * 16, 0]


def test_a_tree_of_prefixes_shares_as_far_as_it_agrees() -> None:
    found = cached("sys:512 a:512", "sys:512 b:512", "sys:512 a:512")

    assert found == [0, 512, 1024]


def test_the_last_token_is_always_computed() -> None:
    assert cached("chat", "chat", input_tokens=1024) == [0, 1008]


def test_requests_without_a_prefix_share_nothing() -> None:
    assert cached("", "", "") == [0, 0, 0]
