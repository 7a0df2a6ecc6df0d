"""Patterns over stream names."""

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.patterns import expand, is_pattern, matches


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
