"""Which table a stream lands in."""

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.tables import Table, table_of

USERS, BARE = StreamDescriptor("Public", "Users"), StreamDescriptor(None, "users")


@pytest.mark.parametrize(
    ("stream", "definition", "namespace_format", "prefix", "table"),
    [
        (USERS, None, None, None, ("public", "users")),
        (USERS, "source", "not_used", "p_", ("public", "p_users")),
        (USERS, "destination", "not_used", None, ("", "users")),
        (USERS, "customformat", "raw_${SOURCE_NAMESPACE}", "P_", ("raw_public", "p_users")),
        (USERS, "customformat", None, None, ("", "users")),
        (BARE, "customformat", "raw_${SOURCE_NAMESPACE}", None, ("raw_", "users")),
        (BARE, "source", None, None, ("", "users")),
    ],
)
def test_the_naming_fields_say_which_table(
    stream: StreamDescriptor,
    definition: str | None,
    namespace_format: str | None,
    prefix: str | None,
    table: tuple[str, str],
) -> None:
    assert table_of(stream, definition, namespace_format, prefix) == table


def test_a_key_quotes_parts_with_dots() -> None:
    assert Table("raw.eu", "users").key == '"raw.eu".users'


def test_the_default_namespace_is_shown_in_words() -> None:
    assert Table("public", "users").shown == "public.users"
    assert Table("", "users").shown == "users of the default namespace"
