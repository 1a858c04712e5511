import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import QueryError
from simulator.instruments.series.matchers import group_names, pattern
from simulator.instruments.series.regex import RegexError, Translated


@pytest.mark.parametrize(
    ("regex", "value", "matches"),
    [
        ("((?i)PRO).*", "production", True),
        ("a(?i)b|c", "aB", True),
        ("a(?i)b|c", "C", True),
        ("a(?i)b|c", "AB", False),
        ("pro", "production", False),
        ("a.b", "a\nb", True),
        ("(?-s)a.b", "a\nb", False),
        ("[(]x", "(x", True),
        (r"\(x|y\)", "y)", True),
        (r"\d+", "٣", False),
        (r"\pN+", "٣", True),
        (r"\PN+", "abc", True),
        (r"\p{Lu}\p{^Lu}", "Aa", True),
        (r"[\w-]+", "a-b", True),
        (r"[^\W\d]+", "ab", True),
        (r"[[:alpha:][:digit:]]+", "a1", True),
        (r"[^[:^alpha:]]", "1", False),
        ("[]a]+", "]a", True),
        ("[^]]", "]", False),
        ("[a-c-]+", "b-", True),
        (r"\Qa.b\E.", "a.bc", True),
        (r"\x41\x{42}\103\t", "ABC\t", True),
        ("(?i:É)", "é", True),
        ("a{,2}", "a{,2}", True),
        ("(?:a{2}){2}", "aaaa", True),
        ("^a$", "a", True),
        (r"\Aa\z", "a", True),
        ("", "", True),
        ("|x", "x", True),
        ("(?U)(a+)(a*)", "aaa", True),
    ],
)
def test_regular_expressions_are_anchored_as_in_re2(
    regex: str, value: str, *, matches: bool
) -> None:
    assert (pattern(regex).fullmatch(value) is not None) == matches


@pytest.mark.parametrize(
    ("regex", "message"),
    [
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?z)a", "invalid or unsupported Perl syntax: `(?z`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        (r"\1", r"invalid escape sequence: `\1`"),
        (r"\Z", r"invalid escape sequence: `\Z`"),
        ("\\", "trailing backslash at end of expression: ``"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        (r"\p{Foo}", r"invalid character class range: `\p{Foo}`"),
        ("[a", "missing closing ]: `[a`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?P<n>a", "missing closing ): `(?P<n>a`"),
    ],
)
def test_what_re2_refuses_is_refused_in_its_words(regex: str, message: str) -> None:
    with pytest.raises(QueryError) as refusal:
        pattern(regex)

    assert str(refusal.value) == f"error parsing regexp: {message}"


def test_named_groups_keep_their_numbers() -> None:
    assert group_names("(a)(?P<first>b)(?<second>c)") == {"first": 2, "second": 3}


@given(st.text("ab(|)[]*+?{}\\^$.-:1,iPdw<>", max_size=12))
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        found = Translated(text)
    except RegexError:
        return

    assert isinstance(found.python, str)
