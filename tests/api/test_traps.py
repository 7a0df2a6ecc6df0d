"""The traps of the server (semantics §1 to §4, §8), each met by the client on four versions."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pulumi_airbyte_wb.emulator import Fault
from pulumi_airbyte_wb.errors import (
    InvalidRequestError,
    NotFoundError,
    ServerError,
    UnreachableError,
    UnsupportedError,
)
from pulumi_airbyte_wb.models import (
    BasicSchedule,
    ConnectionCreate,
    ConnectionStatus,
    ConnectionUpdate,
    InlineOperation,
    NormalizationOperator,
    OperationCreate,
    OperatorConfiguration,
    PlainConnectionUpdate,
    ScheduleData,
    StateType,
    Tag,
    WebhookOperator,
)
from tools.builtin_world import SHOP, UNKNOWN, WAREHOUSE, WORKSPACE

from .conftest import WEBHOOK, Server, Start

WORLD_OF_MANY: dict[str, Any] = {
    "workspaces": [{"name": "W", "workspaceId": WORKSPACE}],
    "sources": [{"name": f"s{n:02}", "streams": [{"name": "t", "columns": {"id": "integer"}}]} for n in range(45)],
    "destinations": [{"name": f"d{n:02}"} for n in range(41)],
    "connections": [{"name": f"c{n:03}", "source": "s00", "destination": "d00"} for n in range(123)],
}


def old(server: Server) -> bool:
    return server.version in {"0.50.0", "1.0.0"}


# lists ------------------------------------------------------------------------------------------------------------


def test_pages_of_20_are_read_to_the_end(start: Start) -> None:
    for version in ("0.50.0", "1.0.0", "1.8.0", "2.0.0"):
        server = start(version, WORLD_OF_MANY)
        names = [item.name for item in server.client.list_connections_for_workspace(WORKSPACE)]
        assert sorted(names) == [f"c{n:03}" for n in range(123)]
        assert sorted(source.name for source in server.client.list_sources(WORKSPACE)) == [
            f"s{n:02}" for n in range(45)
        ]
        assert len({found.destination_id for found in server.client.list_destinations(WORKSPACE)}) == 41
        bodies = server.requests("web_backend/connections/list")
        assert len(bodies) == (1 if old(server) else 3)
        assert all(body.keys() == {"workspaceId"} for body in bodies[:1])


@pytest.mark.parametrize("count", [0, 19, 20, 21, 120, 121])
def test_pages_end_where_the_list_ends(start: Start, count: int) -> None:
    world = {**WORLD_OF_MANY, "connections": WORLD_OF_MANY["connections"][:count]}
    for version in ("1.0.0", "1.8.0"):
        server = start(version, world)
        assert len(list(server.client.list_connections_for_workspace(WORKSPACE))) == count
        bodies = server.requests("web_backend/connections/list")
        assert version == "1.8.0" or all(body.keys() == {"workspaceId"} for body in bodies)


def test_workspaces_list_is_gone_in_1_7(start: Start) -> None:
    for version, path in (("0.44.0", "workspaces/list"), ("0.50.0", "workspaces/list")):
        server = start(version)
        assert [workspace.name for workspace in server.client.list_workspaces()] == ["Default"]
        assert server.requests(path)
    for version in ("1.0.0", "1.8.0", "2.0.0"):
        server = start(version)
        assert [workspace.name for workspace in server.client.list_workspaces()] == ["Default"]
        assert not server.requests("workspaces/list")


# ids that are ignored -----------------------------------------------------------------------------------------------


def test_operation_ids_at_create_are_ignored_so_the_client_has_no_place_for_them() -> None:
    with pytest.raises(ValidationError, match="operation_ids"):
        ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE, operation_ids=[UNKNOWN])  # type: ignore[call-arg]


def test_an_id_that_is_not_attached_makes_a_new_operation(server: Server) -> None:
    loose = server.client.create_operation(
        OperationCreate(workspace_id=WORKSPACE, name="loose", operator_configuration=WEBHOOK)
    )
    connection_id = server.connect().connection_id
    request = ConnectionUpdate(
        connection_id=connection_id, operations=[server.inline("mine", operation_id=loose.operation_id)]
    )
    assert server.client.update_connection(request).operation_ids != [loose.operation_id]
    assert server.client.get_operation(loose.operation_id).name == "loose"


def test_an_operation_is_attached_by_id_through_the_plain_update(server: Server) -> None:
    loose = server.client.create_operation(
        OperationCreate(workspace_id=WORKSPACE, name="loose", operator_configuration=WEBHOOK)
    )
    connection_id = server.connect().connection_id
    request = PlainConnectionUpdate(connection_id=connection_id, operation_ids=[loose.operation_id])
    assert server.client.attach_operations(request).operation_ids == [loose.operation_id]
    assert [each.name for each in server.client.list_operations(connection_id)] == ["loose"]
    with pytest.raises(NotFoundError):
        server.client.attach_operations(PlainConnectionUpdate(connection_id=connection_id, operation_ids=[UNKNOWN]))


# operations ---------------------------------------------------------------------------------------------------------


def test_a_failed_create_leaves_its_operations_orphaned(server: Server) -> None:
    with pytest.raises(NotFoundError):
        server.client.create_connection(
            ConnectionCreate(source_id=UNKNOWN, destination_id=WAREHOUSE, operations=[server.inline("orphan")])
        )
    (orphan,) = [each for each in server.emulator.server.store.all("operation") if each["name"] == "orphan"]
    assert orphan["tombstone"] is False
    assert list(server.client.list_connections_for_workspace(WORKSPACE)) == []


def test_an_update_that_may_add_operations_is_never_repeated(server: Server) -> None:
    connection_id = server.connect(operations=[server.inline("kept")]).connection_id
    (kept,) = server.client.get_connection(connection_id).operations
    path = "web_backend/connections/update"
    for operations, sent in (
        ([server.inline("new")], 1),
        ([server.inline("kept", operation_id=kept.operation_id)], 3),
        ([], 3),
    ):
        server.emulator.log.clear()
        server.emulator.add_fault(Fault("cut-after", path=path, times=5))
        with pytest.raises(UnreachableError) as caught:
            server.client.update_connection(ConnectionUpdate(connection_id=connection_id, operations=operations))
        assert caught.value.applied
        assert len(server.requests(path)) == sent
        server.emulator.clear_faults()


def test_a_deleted_operation_is_answered_as_if_it_were_there(server: Server) -> None:
    made = server.client.create_operation(
        OperationCreate(workspace_id=WORKSPACE, name="gone", operator_configuration=WEBHOOK)
    )
    server.client.delete_operation(made.operation_id)
    server.client.delete_operation(UNKNOWN)
    assert server.client.get_operation(made.operation_id).name == "gone"


def test_a_webhook_of_any_other_address_fails_the_update_that_brings_it(server: Server) -> None:
    connection_id = server.connect().connection_id
    webhook = WebhookOperator(webhook_config_id=UNKNOWN, execution_url="https://example.test/run", execution_body="{}")
    broken = InlineOperation(
        workspace_id=WORKSPACE,
        name="any",
        operator_configuration=OperatorConfiguration(operator_type="webhook", webhook=webhook),
    )
    with pytest.raises(ServerError):
        server.client.update_connection(ConnectionUpdate(connection_id=connection_id, operations=[broken]))
    assert server.client.get_connection(connection_id).operations == []


def test_a_normalization_that_the_version_does_not_know_is_not_sent(server: Server) -> None:
    configuration = OperatorConfiguration(
        operator_type="normalization", normalization=NormalizationOperator(option="basic")
    )
    request = OperationCreate(workspace_id=WORKSPACE, name="n", operator_configuration=configuration)
    if server.version == "0.50.0":
        assert server.client.create_operation(request).operator_configuration == configuration
    else:
        with pytest.raises(UnsupportedError, match=r"versions up to 0\.63\.4") as caught:
            server.client.create_operation(request)
        assert not caught.value.applied
        assert server.requests("operations/create") == []


# what comes back ----------------------------------------------------------------------------------------------------


def test_the_source_defined_key_is_echoed_in_place_of_the_stored_one(start: Start) -> None:
    shown = {}
    for version in ("0.50.0", "1.0.0", "1.8.0", "2.0.0"):
        server = start(version)
        schema = server.client.discover_schema(SHOP)
        assert schema.catalog is not None
        for entry in schema.catalog.streams:
            entry.config.selected = entry.stream.name == "orders"
            entry.config.sync_mode, entry.config.destination_sync_mode = "incremental", "append_dedup"
            entry.config.cursor_field, entry.config.primary_key = ["updated_at"], [["user_id"]]
        request = ConnectionCreate(
            source_id=SHOP,
            destination_id=WAREHOUSE,
            sync_catalog=schema.catalog,
            source_catalog_id=schema.catalog_id,
        )
        made = server.client.create_connection(request)
        (orders,) = server.client.get_connection(made.connection_id).sync_catalog.selected().values()
        shown[version] = orders.config.primary_key
    assert shown == {"0.50.0": [["user_id"]], "1.0.0": [["id"]], "1.8.0": [["id"]], "2.0.0": [["id"]]}


def test_a_deleted_connection_is_answered_with_200_and_deprecated(server: Server) -> None:
    connection_id = server.connect().connection_id
    server.client.delete_connection(connection_id)
    server.client.delete_connection(connection_id)
    found = server.client.get_connection(connection_id)
    assert (found.status, found.deleted) == (ConnectionStatus.DEPRECATED, True)
    assert list(server.client.list_connections_for_workspace(WORKSPACE)) == []
    assert server.client.list_connections(WORKSPACE) == []
    assert [each.connection_id for each in server.client.list_all_connections(WORKSPACE)] == [connection_id]
    with pytest.raises(NotFoundError):
        server.client.delete_connection(UNKNOWN)


def test_schedule_sent_back_is_an_error_so_the_client_has_no_place_for_it(server: Server) -> None:
    data = ScheduleData(basic_schedule=BasicSchedule(units=6, time_unit="hours"))
    connection = server.connect(schedule_type="basic", schedule_data=data)
    extra = connection.model_extra or {}
    assert extra["schedule"] == {"units": 6, "timeUnit": "hours"}
    with pytest.raises(ValidationError, match="schedule"):
        ConnectionUpdate(connection_id=connection.connection_id, schedule=extra["schedule"])  # type: ignore[call-arg]
    same = ConnectionUpdate(
        connection_id=connection.connection_id,
        schedule_type=connection.schedule_type,
        schedule_data=connection.schedule_data,
    )
    assert server.client.update_connection(same).schedule_data == data


def test_fields_of_newer_servers_survive_a_read(server: Server) -> None:
    connection = server.connect()
    seen = server.client.get_connection(connection.connection_id)
    assert seen.model_validate({**seen.wire(), "fromTheFuture": {"a": [1]}}).wire()["fromTheFuture"] == {"a": [1]}
    unknown = seen.model_validate({**seen.wire(), "status": "hibernating", "nonBreakingChangesPreference": "shrug"})
    assert (unknown.status, unknown.non_breaking_changes_preference) == ("hibernating", "shrug")


# answers that write -------------------------------------------------------------------------------------------------


def test_a_get_with_a_refreshed_catalog_can_pause_the_connection(start: Start) -> None:
    for version, paused in (("0.50.0", 2), ("1.0.0", 2), ("1.8.0", 1), ("2.0.0", 1)):
        server = start(version)
        ids = [server.connect(f"c{n}", non_breaking_changes_preference="disable").connection_id for n in range(2)]
        server.emulator.set_column("shop-postgres", "users", "phone", {"type": "string"}, "public")
        server.client.get_connection(ids[0])
        server.client.discover_schema(SHOP, disable_cache=True)
        assert [server.client.get_connection(each).status for each in ids] == ["active", "active"]
        server.client.get_connection(ids[0], with_refreshed_catalog=True)
        assert [server.client.get_connection(each).status for each in ids].count("inactive") == paused


def test_discovery_never_names_a_connection(server: Server) -> None:
    server.connect()
    server.client.discover_schema(SHOP, disable_cache=True)
    assert all("connectionId" not in body for body in server.requests("sources/discover_schema"))


# errors without words -----------------------------------------------------------------------------------------------


def test_404_and_500_bodies_without_a_message_are_told_all_the_same(start: Start) -> None:
    server = start("2.0.0")
    with pytest.raises(NotFoundError, match=r"no message, see error id [0-9a-f-]{36} in the server's log"):
        server.client.get_source(UNKNOWN)
    connection_id = server.connect().connection_id
    with pytest.raises(ServerError, match=r"answered 500: no message, see error id [0-9a-f-]{36} in the server's log"):
        server.client.update_connection(ConnectionUpdate(connection_id=connection_id, schedule_type="cron"))


def test_a_stack_trace_of_an_old_server_is_not_shown(start: Start) -> None:
    with pytest.raises(NotFoundError) as caught:
        start("1.0.0").client.get_source(UNKNOWN)
    assert "io.airbyte" not in str(caught.value)
    assert f"SOURCE_CONNECTION: {UNKNOWN}" in str(caught.value)


# fields that a version does not know --------------------------------------------------------------------------------

LACKS = [
    ("0.50.0", {"backfill_preference": "enabled"}, r"backfillPreference needs a server of versions from 0\.50\.45 on"),
    ("1.8.0", {"geography": "eu"}, r"geography needs a server of versions up to 1\.6\.0, this one is 1\.8\.0"),
    ("1.0.0", {"tags": [Tag(tag_id=UNKNOWN)]}, r"tags needs a server of versions from 1\.6\.0 on, this one is 1\.0\.0"),
    ("1.0.0", {"destination_catalog_id": UNKNOWN}, r"destinationCatalogId needs a server of versions from 1\.7\.0 on"),
]


@pytest.mark.parametrize(("version", "fields", "words"), LACKS)
def test_a_field_that_the_version_does_not_know_is_not_sent(
    start: Start, version: str, fields: dict[str, Any], words: str
) -> None:
    server = start(version)
    connection_id = server.connect().connection_id
    with pytest.raises(UnsupportedError, match=words):
        server.client.update_connection(ConnectionUpdate(connection_id=connection_id, **fields))
    with pytest.raises(UnsupportedError, match=words):
        server.connect(**fields)
    assert len(server.requests("web_backend/connections/create")) == 1
    assert server.requests("web_backend/connections/update") == []


@pytest.mark.parametrize(
    ("version", "config", "words"),
    [
        ("1.0.0", {"mappers": [{"type": "hashing"}]}, r"stream users: mappers needs .* from 1\.2\.0 on"),
        ("1.0.0", {"include_files": True}, r"stream users: includeFiles needs .* from 1\.7\.0 on"),
        ("1.0.0", {"destination_object_name": "o"}, r"destinationObjectName needs .* from 1\.8\.0 on"),
        ("0.50.0", {"destination_sync_mode": "overwrite_dedup"}, r"overwrite_dedup needs .* from 0\.63\.11 on"),
        ("1.0.0", {"destination_sync_mode": "update"}, r"destinationSyncMode\.update needs .* from 1\.8\.0 on"),
    ],
)
def test_a_stream_setting_that_the_version_does_not_know_is_not_sent(
    start: Start, version: str, config: dict[str, object], words: str
) -> None:
    server = start(version)
    connection = server.connect()
    catalog = connection.sync_catalog.model_copy(deep=True)
    for entry in catalog.selected().values():
        for name, value in config.items():
            setattr(entry.config, name, value)
    with pytest.raises(UnsupportedError, match=words):
        server.client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, sync_catalog=catalog))
    assert server.requests("web_backend/connections/update") == []


def test_the_version_is_asked_for_once_and_only_where_it_matters(server: Server) -> None:
    asked = server.emulator.log.counts
    server.client.list_sources(WORKSPACE)
    server.client.get_workspace_state(WORKSPACE)
    server.client.create_connection(ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE, name="plain"))
    assert asked["instance_configuration"] == 0
    for _ in range(3):
        server.client.list_jobs(UNKNOWN)
        both = ConnectionUpdate(connection_id=UNKNOWN, geography="eu", destination_catalog_id=UNKNOWN)
        with pytest.raises(UnsupportedError):
            server.client.update_connection(both)
    assert asked["instance_configuration"] == 1


def test_an_unknown_kind_of_job_is_not_asked_for(server: Server) -> None:
    connection_id = server.connect().connection_id
    server.emulator.sync(connection_id)
    (job,) = server.client.list_jobs(connection_id)
    assert server.client.get_job(job.job.id).job.status == "succeeded"
    (body,) = server.requests("jobs/list")
    assert ("refresh" in body["configTypes"]) == (server.version != "0.50.0")


def test_calls_that_a_version_does_not_have_say_so(start: Start) -> None:
    server = start("0.50.0")
    for call, words in (
        (lambda: server.client.clear(UNKNOWN), r"connections/clear needs a server of versions from 0\.57\.3 on"),
        (lambda: server.client.list_dataplane_groups(), r"dataplane_group/list needs .* from 1\.6\.0 on"),
        (lambda: server.client.get_instance_configuration(), r"instance_configuration needs .* from 0\.50\.9 on"),
        (lambda: server.client.get_source_version(SHOP), r"get_for_source needs .* from 0\.50\.6 on"),
    ):
        with pytest.raises(UnsupportedError, match=words) as caught:
            call()
        assert "this one is 0.44.6 or newer and older than 0.50.6" in str(caught.value) or "configuration" in words


# jobs ---------------------------------------------------------------------------------------------------------------


def test_resets_and_clears_by_version(server: Server) -> None:
    connection = server.connect("c", "users", "orders")
    users, orders = sorted(connection.sync_catalog.selected(), key=lambda stream: stream.name == "orders")
    connection_id = connection.connection_id
    server.emulator.sync(connection_id)
    assert server.client.get_state(connection_id).streams() == {users, orders}
    assert server.client.reset_streams(connection_id, [users])
    server.emulator.finish_jobs()
    assert server.client.get_state(connection_id).streams() == {orders}
    assert server.client.reset(connection_id)
    server.emulator.finish_jobs()
    assert server.client.get_state_type(connection_id) is StateType.NOT_SET


def test_a_sync_of_a_paused_connection_is_refused(server: Server) -> None:
    connection_id = server.connect(status="inactive").connection_id
    with pytest.raises(ServerError):
        server.client.sync(connection_id)


def test_field_selection_errors_are_told(server: Server) -> None:
    connection = server.connect()
    catalog = connection.sync_catalog.model_copy(deep=True)
    for entry in catalog.selected().values():
        entry.config.field_selection_enabled = True
        entry.config.selected_fields = []
        entry.config.sync_mode, entry.config.cursor_field = "incremental", ["updated_at"]
    with pytest.raises(InvalidRequestError) as caught:
        server.client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, sync_catalog=catalog))
    assert caught.value.status == 422
