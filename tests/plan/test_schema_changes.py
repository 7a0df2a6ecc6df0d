"""A catalog diff as lines."""

from typing import Any

import pytest

from pulumi_airbyte_wb.plan.schema_changes import schema_changes

USERS = {"name": "users", "namespace": "public"}
LOST = {"transformType": "remove_field", "fieldName": ["email"], "breaking": True}
COME = {"transformType": "add_field", "fieldName": ["a", "b"], "breaking": False}
KEY = {"transformType": "update_primary_key", "breaking": False}


@pytest.mark.parametrize(
    ("transforms", "lines"),
    [
        ([], []),
        ([{"transformType": "add_stream", "streamDescriptor": {"name": "x"}}], ["x is new at the source"]),
        ([{"transformType": "remove_stream", "streamDescriptor": USERS}], ["public.users is gone from the source"]),
        (
            [{"transformType": "update_stream", "streamDescriptor": USERS, "updateStream": [LOST, COME]}],
            [
                "public.users has lost the column email, which breaks this connection",
                "public.users has the new column a.b",
            ],
        ),
        (
            [
                {
                    "transformType": "update_stream",
                    "streamDescriptor": USERS,
                    "updateStream": {"fieldTransforms": [COME], "streamAttributeTransforms": [KEY]},
                }
            ],
            ["public.users has another key of the source's own", "public.users has the new column a.b"],
        ),
    ],
)
def test_a_diff_is_told_stream_by_stream(transforms: list[dict[str, Any]], lines: list[str]) -> None:
    assert list(schema_changes({"transforms": transforms})) == lines
