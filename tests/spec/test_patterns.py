"""Patterns over stream names."""

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.patterns import expand, is_pattern, matches, resolved


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("public.dim_*", True),
        ("public.dim_?", True),
        ("public.dim_[ab]", True),
        ("public.users", False),
        ('public."a*b"', False),
        ('"a.b".*', True),
    ],
)
def test_a_wildcard_outside_quotes_makes_a_pattern(text: str, pattern: bool) -> None:
    assert is_pattern(text) is pattern


@pytest.mark.parametrize(
    ("pattern", "namespace", "name", "named"),
    [
        ("public.dim_*", "public", "dim_day", True),
        ("public.dim_*", "public", "users", False),
        ("public.dim_*", "other", "dim_day", False),
        ("*.dim_*", "other", "dim_day", True),
        ("public.*", "public", "a.b", True),
        ("public.Dim_*", "public", "dim_day", False),
        ("dim_*", None, "dim_day", True),
        ("dim_*", None, "users", False),
        ("dim_*", "public", "dim_day", False),
        ("*.dim_*", None, "dim_day", False),
        ('"my.schema".*', "my.schema", "users", True),
        ('"my.schema".*', "my", "users", False),
        ('*."a*"', "public", "a*", True),
        ('*."a*"', "public", "ab", False),
        ('"a?.b".users*', "ax.b", "users", False),
    ],
)
def test_the_part_before_the_dot_is_for_the_namespace(
    pattern: str, namespace: str | None, name: str, named: bool
) -> None:
    assert matches(pattern, StreamDescriptor(namespace, name)) is named


def test_what_a_pattern_names_comes_in_the_order_of_the_keys() -> None:
    b, a, other = (StreamDescriptor("public", name) for name in ("dim_b", "dim_a", "users"))
    assert expand("public.dim_*", [b, other, a]) == [a, b]


DAY = StreamDescriptor("public", "dim_day")


@pytest.mark.parametrize(
    ("patterns", "wins"),
    [
        (["public.*", "public.dim_*"], "public.dim_*"),
        (["public.dim_*", "*.dim_day"], "public.dim_*"),
        (["public.*_day", "public.dim_*", "public.dim_[dw]*"], "public.dim_[dw]*"),
        (["public.dim_*", "public.dim_???"], "public.dim_???"),
        (["public.dim_?*", "public.dim_*"], "public.dim_?*"),
        (["public.dim_?ay", "public.dim_[d]ay"], "public.dim_[d]ay"),
        (["public.*_*", "public.*_"], "public.*_"),
        (['*."dim_day"', "*.dim_da?"], '*."dim_day"'),
        (["public.dim_*", "*.*", "public.*"], "public.dim_*"),
    ],
)
def test_the_pattern_that_leaves_least_open_wins_in_any_order(patterns: list[str], wins: str) -> None:
    lines = {pattern: f"line of {pattern}" for pattern in patterns}
    for given in (patterns, patterns[::-1]):
        assert resolved({}, lines, {DAY: given}) == {DAY: lines[wins]}


@pytest.mark.parametrize("turned", [False, True])
def test_two_patterns_that_are_equally_specific_are_named(turned: bool) -> None:
    patterns = ["public.*_dayy", "public.dim_*y"]
    lines = dict.fromkeys(patterns, "") | {patterns[0]: "other"}
    with pytest.raises(DeclarationError) as error:
        resolved({}, lines, {DAY: patterns[::-1] if turned else patterns})
    assert error.value.path == 'streams["public.dim_*y"]'
    assert "names public.dim_day, as does 'public.*_dayy', and neither is more specific" in error.value.reason
    assert "declare public.dim_day by its own name" in error.value.reason


def test_equally_specific_patterns_of_one_line_contradict_nothing() -> None:
    lines = {"public.dim_*": "one", "public.*_day": "one"}
    assert resolved({}, lines, {DAY: ["public.dim_*", "public.*_day"]}) == {DAY: "one"}


def test_a_streams_own_line_wins_over_every_pattern() -> None:
    a = StreamDescriptor("a", "a")
    assert list(resolved({DAY: "own"}, {"*.*": "any"}, {DAY: ["*.*"], a: ["*.*"]}).items()) == [
        (a, "any"),
        (DAY, "own"),
    ]
