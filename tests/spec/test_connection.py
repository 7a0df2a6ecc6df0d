"""What a resource may declare, and whose values no message may show."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import What
from pulumi_airbyte_wb.spec.connection import CATALOG, CONNECTION, ConnectionSpec
from pulumi_airbyte_wb.spec.input_names import COMPUTED, DERIVED, SECRET
from pulumi_airbyte_wb.spec.parsing import parse_spec

SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
BASE = {"source_id": SOURCE, "destination_id": DESTINATION}


def test_programs_give_no_patterns() -> None:
    assert set(CONNECTION.inputs) - set(CONNECTION.arguments) == {"patterns"}
    assert set(CATALOG.inputs) - set(CATALOG.arguments) == {"patterns"}


def test_what_others_fill_in_is_no_mistake() -> None:
    filled = {"planned": {}, "recorded": "x", "memory": {}, "resource_urn": "urn", "control": {}, "__provider": "x"}
    assert filled.keys() | set(SECRET) == set(COMPUTED)
    assert parse_spec({**BASE, **filled}).problems == ()
    assert "memory" in DERIVED, "it is as secret as what it was made of"


# ---- what is secret --------------------------------------------------------------------------------------------------

USERS = StreamDescriptor("public", "users")
PLAIN = ConnectionSpec(SOURCE, DESTINATION)


def secret(*inputs: str, streams: tuple[str, ...] = ()) -> ConnectionSpec:
    return ConnectionSpec(SOURCE, DESTINATION, secret=frozenset(inputs), secret_streams=frozenset(streams))


def test_a_spec_says_which_streams_are_secret() -> None:
    spec = parse_spec({**BASE, "secret_streams": ["public.u*", '"orders"', "public.a.b", "a."]}).spec
    assert spec.secret_streams == {"public.u*", "orders", 'public."a.b"', "a."}
    assert spec.hides_stream(StreamDescriptor("public", "a.b"))
    assert spec.record() == BASE


@pytest.mark.parametrize(
    ("spec", "hidden"),
    [
        (PLAIN, False),
        (secret("streams"), True),
        (secret("prefix"), False),
        (secret(streams=("public.users",)), True),
        (secret(streams=("public.*",)), True),
        (secret(streams=("public.events",)), False),
        (secret(streams=("public.e*",)), False),
    ],
)
def test_the_values_of_a_stream_are_secret_now_or_before(spec: ConnectionSpec, hidden: bool) -> None:
    for one, other in ((spec, None), (spec, PLAIN), (PLAIN, spec)):
        assert one.hides(USERS, What.KEY, other) is hidden
    assert spec.hides(USERS, What.ADDED) is hidden, "what makes it the same change is its line"
    assert not spec.hides(USERS, What.REMOVED), "that it leaves is no value"
    assert not spec.hides(USERS, What.CLEARED_WITH)


@pytest.mark.parametrize("name", ["namespace_definition", "namespace_format", "prefix"])
def test_the_names_of_tables_are_secret_with_the_field_that_makes_them(name: str) -> None:
    for what in (What.FIELDS, What.RENAMED_OUTSIDE):
        assert secret(name).hides(USERS, what)
        assert PLAIN.hides(USERS, what, secret(name))
        assert not secret("geography", "streams").hides(USERS, what)
    assert not secret(name).hides(USERS, What.OBJECT)
