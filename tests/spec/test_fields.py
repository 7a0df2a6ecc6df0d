"""The connection-level fields: declared, read from the server, sent to it, shown."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import ConnectionRead, OperationRead
from pulumi_airbyte_wb.spec.fields import FIELDS, Value, shown_value
from pulumi_airbyte_wb.spec.operations import configuration_of

ONE, TWO = "50000000-0000-4000-8000-000000000001", "50000000-0000-4000-8000-000000000002"


def live(**fields: Any) -> ConnectionRead:
    return ConnectionRead.model_validate({"connectionId": "c", "sourceId": "s", "destinationId": "d", **fields})


@pytest.mark.parametrize(
    ("name", "value", "canonical"),
    [
        ("name", "Shop", "Shop"),
        ("status", "inactive", "inactive"),
        ("schedule", "every 1 hour", "every 1 hours"),
        ("notify_schema_changes", False, False),
        ("resource_requirements", {"memory_limit": "1Gi", "cpu_limit": "2"}, {"cpu_limit": "2", "memory_limit": "1Gi"}),
        ("tags", [TWO, ONE, TWO.upper()], (ONE, TWO)),
        ("tags", (), ()),
        ("operation_ids", [TWO, ONE], (ONE, TWO)),
        ("operations", {"n": "normalization"}, {"n": "normalization"}),
    ],
)
def test_a_declared_value_has_one_form(name: str, value: object, canonical: Value) -> None:
    assert FIELDS[name].canonical(value, name) == canonical


@pytest.mark.parametrize(
    ("name", "value", "path", "words"),
    [
        ("resource_requirements", "2", "resource_requirements", "is not a mapping"),
        ("resource_requirements", {"cpu_limits": "2"}, "resource_requirements.cpu_limits", "did you mean 'cpu_limit'"),
        ("resource_requirements", {"disk": "2"}, "resource_requirements.disk", "use cpu_limit, cpu_request"),
        ("resource_requirements", {"cpu_limit": 2}, "resource_requirements.cpu_limit", "is not a text"),
        ("tags", ONE, "tags", "is not a list of tag ids"),
        ("tags", {ONE}, "tags", "is not a list of tag ids"),
        ("tags", [ONE, "x"], "tags[1]", "is not an id of Airbyte's"),
        ("operation_ids", ONE, "operation_ids", "is not a list of operation ids"),
        ("operation_ids", {"id": ONE}, "operation_ids", "is not a list of operation ids"),
        ("operation_ids", ["x"], "operation_ids[0]", "is not an id of Airbyte's"),
    ],
)
def test_a_value_that_cannot_be_names_its_place(name: str, value: object, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        FIELDS[name].canonical(value, name)
    assert caught.value.path == path
    assert words in caught.value.reason


@pytest.mark.parametrize(
    ("name", "answer", "value"),
    [
        ("name", {"name": "Shop"}, "Shop"),
        ("prefix", {"prefix": "raw_"}, "raw_"),
        ("prefix", {}, ""),
        ("namespace_definition", {}, None),
        ("geography", {}, ""),
        ("notify_schema_changes", {}, None),
        ("notify_schema_changes", {"notifySchemaChanges": False}, False),
        ("destination_catalog_id", {}, None),
        ("schedule", {}, "manual"),
        (
            "schedule",
            {"scheduleType": "basic", "scheduleData": {"basicSchedule": {"units": 6, "timeUnit": "hours"}}},
            "every 6 hours",
        ),
        ("resource_requirements", {}, {}),
        ("tags", {"tags": [{"tagId": TWO}, {"tagId": ONE}]}, (ONE, TWO)),
        ("operation_ids", {"operationIds": [TWO, ONE]}, (ONE, TWO)),
    ],
)
def test_the_servers_value_has_the_form_of_a_declared_one(name: str, answer: dict[str, Any], value: Value) -> None:
    assert FIELDS[name].live(live(**answer)) == value


def test_of_what_others_may_add_to_only_the_declared_part_is_looked_at() -> None:
    operations = [
        OperationRead(
            operation_id=name,
            workspace_id="w",
            name=name,
            operator_configuration=configuration_of({"normalization": {}}, ""),
        )
        for name in ("mine", "theirs")
    ]
    connection = live(
        resourceRequirements={"memory_limit": "1Gi", "cpu_limit": "2"},
        operationIds=[ONE, TWO],
        operations=[operation.wire() for operation in operations],
    )
    assert FIELDS["resource_requirements"].observed(connection, {"cpu_limit": "1", "cpu_request": "1"}) == {
        "cpu_limit": "2"
    }
    assert FIELDS["operation_ids"].observed(connection, (TWO,)) == (TWO,)
    assert FIELDS["operations"].observed(connection, {"mine": "x", "gone": "x"}) == {"mine": "normalization"}


def test_other_fields_are_looked_at_as_a_whole() -> None:
    assert FIELDS["tags"].observed(live(tags=[{"tagId": ONE}]), ()) == (ONE,)
    assert FIELDS["geography"].observed(live(), "eu") == ""
    assert FIELDS["notify_schema_changes"].observed(live(), True) is None


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("prefix", "", {"prefix": ""}),
        ("schedule", "manual", {"schedule_type": "manual", "schedule_data": None}),
        ("resource_requirements", {"cpu_limit": "2"}, {"resource_requirements": {"cpu_limit": "2"}}),
        ("operations", {"n": "normalization"}, {}),
        ("operation_ids", (ONE,), {}),
    ],
)
def test_what_is_sent_for_a_value(name: str, value: Value, sent: dict[str, Any]) -> None:
    assert FIELDS[name].send(value) == sent


def test_tags_are_sent_by_their_ids() -> None:
    (tag,) = FIELDS["tags"].send((ONE,))["tags"]
    assert tag.wire() == {"tagId": ONE}


def test_the_fields_that_move_tables() -> None:
    assert {name for name, field in FIELDS.items() if field.moves_tables} == {
        "namespace_definition",
        "namespace_format",
        "prefix",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ("raw_", "'raw_'"),
        ("", "''"),
        (True, "True"),
        ((), "[]"),
        ((ONE, TWO), f"[{ONE}, {TWO}]"),
        ({"cpu_limit": "2", "memory_limit": "1Gi"}, "{cpu_limit: 2, memory_limit: 1Gi}"),
    ],
)
def test_a_value_on_a_line_of_a_plan(value: Value | None, text: str) -> None:
    assert shown_value(value) == text
