"""How one value of a program is read."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.inputs import choice, flag, mapping, names, noted, one_of, stream_key, text, uuid

ID = "50000000-0000-4000-8000-00000000000a"


class Word(StrEnum):
    KEEP = "keep"
    CLEAR = "clear"
    DROP = "drop"


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (text, "Shop", "Shop"),
        (text, "x" * 256, "x" * 256),
        (text, "zero\u200bwidth", "zero\u200bwidth"),
        (uuid, ID.upper(), ID),
        (flag, False, False),
        (mapping, {"a": 1}, {"a": 1}),
        (names, ["a", "b"], ("a", "b")),
        (names, ("a" * 1000,), ("a" * 1000,)),
        (noted, {"a": "b"}, {"a": "b"}),
        (stream_key, "public.users", StreamDescriptor("public", "users")),
        (stream_key, "public." + "x" * 1000, StreamDescriptor("public", "x" * 1000)),
        (choice(Word), "keep", "keep"),
        (one_of(Word), "keep", Word.KEEP),
        (one_of(Word), Word.KEEP, Word.KEEP),
    ],
)
def test_a_value_that_can_be(read: Callable[[object, str], object], value: object, expected: object) -> None:
    found = read(value, "x")
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("read", "value", "path", "words"),
    [
        (text, 7, "x", "is not a text; write it in quotes"),
        (text, True, "x", "is not a text; write it in quotes"),
        (text, ["a"], "x", "is not a text; write one text in quotes"),
        (text, "x" * 257, "x", "is longer than 256 characters"),
        (text, "a\tb", "x", "holds a line break or another control character"),
        (text, "a\u2028b", "x", "holds a line break or another control character"),
        (text, "a\ud800b", "x", "holds a line break or another control character"),
        (text, "a\u202eb", "x", "holds a character that reverses the direction of text"),
        (uuid, "x", "x", "is not an id of Airbyte's"),
        (uuid, 7, "x", "is not a text"),
        (flag, "yes", "x", "is neither true nor false"),
        (flag, 1, "x", "is neither true nor false"),
        (mapping, [], "x", "is not a mapping; write {name: value, …}"),
        (names, "abc", "x", "is not a list"),
        (names, {"a": 1}, "x", "is not a list"),
        (names, [7], "x", "is not a text"),
        (noted, {"a": 7}, "x.a", "is not a text"),
        (noted, [], "x", "is not a mapping"),
        (stream_key, "a.", "x", "is not a stream's name: it has an empty part; write namespace.name"),
        (choice(Word), "kep", "x", "is not possible here; did you mean 'keep'?"),
        (choice(Word), "zzz", "x", "is not possible here; use 'keep' or 'clear' or 'drop'"),
        (choice(Word, without=("drop",)), "drop", "x", "is not possible here; use 'keep' or 'clear'"),
        (choice(Word), ["keep"], "x", "is not possible here"),
        (one_of(Word), "kep", "x", "is not possible here; did you mean 'keep'?"),
        (one_of(Word), "zzz", "x", "is not possible here; use 'keep' or 'clear' or 'drop'"),
    ],
)
def test_a_value_that_cannot_be(read: Callable[[object, str], object], value: object, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        read(value, "x")
    assert caught.value.path == path
    assert words in caught.value.reason


@pytest.mark.parametrize(
    ("path", "form"), [("streams", "{'public.users': 'full_refresh_overwrite'}"), ("resets", "{'default': …}")]
)
def test_a_mapping_of_its_own_form_is_shown_as_an_example(path: str, form: str) -> None:
    with pytest.raises(DeclarationError, match="is not a mapping") as caught:
        mapping([], path)
    assert caught.value.hint == f"write {form}"
