"""Which table a stream lands in."""

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.tables import Naming, Table

USERS, BARE = StreamDescriptor("Public", "Users"), StreamDescriptor(None, "users")


@pytest.mark.parametrize(
    ("stream", "definition", "namespace_format", "prefix", "table"),
    [
        (USERS, None, None, None, ("Public", "Users")),
        (USERS, "source", "not_used", "p_", ("Public", "p_Users")),
        (USERS, "destination", "not_used", None, ("", "Users")),
        (USERS, "customformat", "raw_${SOURCE_NAMESPACE}", "P_", ("raw_Public", "P_Users")),
        (USERS, "customformat", None, None, ("", "Users")),
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
    assert Naming.of(definition, namespace_format, prefix).table(stream) == table


def test_a_key_quotes_parts_with_dots() -> None:
    assert Table("raw.eu", "users").key == '"raw.eu".users'


def test_the_default_namespace_is_shown_in_words() -> None:
    assert Table("public", "users").shown == "public.users"
    assert Table("", "users").shown == "users of the default namespace"
