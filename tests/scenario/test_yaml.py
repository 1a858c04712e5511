"""YAML as people mean it, with the place of everything."""

from itertools import pairwise

import pytest

from simulator.scenario.nodes import DEPTH_MAX
from simulator.scenario.scalars import Scalar, resolve
from simulator.scenario.yaml import Document, read, read_all


def _bomb() -> str:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    names = "abcdefghij"
    rows += [
        f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]" for below, name in pairwise(names)
    ]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("00:30:15", "00:30:15"),
        ("2026-03-03", "2026-03-03"),
        ("1e3", 1000.0),
        ("1.5e-3", 0.0015),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("-7", -7),
        (".5", 0.5),
        ("5m", "5m"),
        ("99%", "99%"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("<<", "<<"),
        ("-", "-"),
    ],
)
def test_plain_words_mean_what_yaml_1_2_says(text: str, value: Scalar) -> None:
    found = resolve(text)

    assert (found, type(found)) == (value, type(value))


def test_keys_stay_text() -> None:
    document = read("on: 1\n5: a\ntrue: b\n~: c\n", "f")

    assert document.value == {"on": 1, "5": "a", "true": "b", "~": "c"}


def test_quoted_words_stay_text() -> None:
    assert read("[\"1\", 'true', !!str 5, |-\n 12\n]", "f").value != []
    assert read("a: \"1\"\nb: 'true'\nc: !!str 5\n", "f").value == {"a": "1", "b": "true", "c": "5"}


def test_every_value_and_key_has_its_place() -> None:
    document = read("a:\n  b: [1, {c: 2}]\n", "f")

    found = {path: (p.key.line, p.key.col, p.value.line, p.value.col) for path, p in
             document.places.items()}  # fmt: skip
    assert found == {
        (): (1, 1, 1, 1),
        ("a",): (1, 1, 2, 3),
        ("a", "b"): (2, 3, 2, 6),
        ("a", "b", 0): (2, 7, 2, 7),
        ("a", "b", 1): (2, 10, 2, 10),
        ("a", "b", 1, "c"): (2, 11, 2, 14),
    }


def test_merged_keys_give_way_to_written_ones() -> None:
    document = read("a: &a {p: 1, q: 2}\nb: {p: 3, <<: *a}\nc: {<<: [*a, {r: 4}]}\n", "f")

    assert document.value == {
        "a": {"p": 1, "q": 2},
        "b": {"p": 3, "q": 2},
        "c": {"p": 1, "q": 2, "r": 4},
    }


def test_aliases_are_values_of_their_own() -> None:
    document = read("a: &a [1]\nb: *a\n", "f")

    assert isinstance(document.value, dict)
    document.value["b"].append(2)
    assert document.value == {"a": [1], "b": [1, 2]}


def test_a_mistake_behind_an_alias_says_so() -> None:
    document = read("a: &x {p: 1}\nb: *x\n", "f")

    document.mistake(("b", "p"), "code", "wrong")

    assert [str(m) for m in document.mistakes] == ["f:1:11: wrong (through '*x') [code]"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f:1:1: the file is empty [empty]"),
        ("# only words\n", "f:1:1: the file is empty [empty]"),
        ("a: 1\nb: 2\na: 3\n", "f:3:1: 'a' was already set on line 1 [duplicate-key]"),
        (
            "a: b: c\n",
            "f:1:5: a second ':' on this line; quote the text, or check the indentation [syntax]",
        ),
        (
            "a:\n\tb: 1\n",
            ("f:2:1: no value can begin like this; quote it, and indent with spaces, not tabs "
            "[syntax]"),
        ),
        ("a: [1,\n", "f:2:1: did not find expected node content while parsing a flow node [syntax]"),  # noqa: E501  one case a line
        ("a: *b\n", "f:1:4: no anchor '&b' before this alias [alias]"),
        ("a: &b [*b]\n", "f:1:8: '*b' stands inside '&b': it never ends [alias]"),
        ("a: 1\nb: \x01\n", "f:2:4: the character '\\x01' is not allowed [syntax]"),
        ("a: \ud800\n", "f:1:4: the character '\\ud800' is not allowed [syntax]"),
        ("a: .nan\n", "f:1:4: '.nan' is not a number to compute with; write a finite one [number]"),
        ("a: 1e999\n", "f:1:4: '1e999' is too large a number [number]"),
        (
            "a: 9223372036854775808\n",
            "f:1:4: '9223372036854775808' is too large; whole numbers stay below 2^63 [number]",
        ),
        ("? [a]\n: 1\n", "f:1:3: a key must be plain text, not a list or mapping [key]"),
        ("a: 1\n---\nb: 2\n", ("f:1:1: one document is expected; leave out the second '---' "
         "[documents]")),
        ("a: {<<: 1}\n", "f:1:9: '<<' takes a mapping, or a list of mappings [merge]"),
        (
            "a: !!python/name:os.system x\n",
            ("f:1:4: the tag 'tag:yaml.org,2002:python/name:os.system' has no meaning here; "
            "leave it out [tag]"),
        ),
        ("[" * 900, f"f:1:{DEPTH_MAX + 2}: nested more than {DEPTH_MAX} levels deep [too-deep]"),
        (_bomb(), "f:6:8: aliases expand to more than 200,000 values [too-large]"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_place(text: str, expected: str) -> None:
    document = read(text, "f")

    assert [str(mistake) for mistake in document.mistakes] == [expected]


def test_a_file_of_several_documents_is_read_one_by_one() -> None:
    found: list[Document] = read_all("a: 1\n---\na: 2\n---\n- 3\n", "f")

    assert [document.value for document in found] == [{"a": 1}, {"a": 2}, [3]]
    assert found[1].places["a",].value.line == 3


def test_what_nests_without_end_is_refused_however_far_the_scanner_reads_ahead() -> None:
    (mistake,) = read("[" * 100_000, "f").mistakes

    assert mistake.code == "too-deep"
