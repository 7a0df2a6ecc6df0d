"""Each of the eight ``web_backend`` operations through the client, on four versions: success and documented errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_airbyte_wb.emulator import Fault
from pulumi_airbyte_wb.errors import (
    InvalidRequestError,
    NotFoundError,
    ServerError,
    StatusError,
    UnsupportedError,
)
from pulumi_airbyte_wb.models import (
    BasicSchedule,
    ConnectionCreate,
    ConnectionUpdate,
    CronSchedule,
    ScheduleData,
    StateType,
)

from .conftest import CRM, SHOP, UNKNOWN, WAREHOUSE, WORKSPACE, Server, Start

NO_UUID = "not-an-id"


def test_get_state_type(server: Server) -> None:
    connection_id = server.connect().connection_id
    assert server.client.get_state_type(connection_id) is StateType.NOT_SET
    server.emulator.sync(connection_id)
    assert server.client.get_state_type(connection_id) is StateType.STREAM


def test_get_state_type_of_an_unknown_connection_is_not_set(server: Server) -> None:
    assert server.client.get_state_type(UNKNOWN) is StateType.NOT_SET


def test_check_updates(server: Server) -> None:
    updates = server.client.check_updates()
    assert (updates.source_definitions, updates.destination_definitions) == (0, 0)


def test_create_connection(server: Server) -> None:
    connection = server.connect("made", "users", "orders", prefix="raw_", operations=[server.inline("dbt")])
    assert (connection.name, connection.prefix, connection.source_id) == ("made", "raw_", SHOP)
    assert {stream.name for stream in connection.sync_catalog.selected()} == {"users", "orders"}
    assert [operation.name for operation in connection.operations] == ["dbt"]
    assert server.client.get_connection(connection.connection_id).name == "made"


def test_create_connection_to_an_unknown_source(server: Server) -> None:
    with pytest.raises(NotFoundError) as caught:
        server.client.create_connection(ConnectionCreate(source_id=UNKNOWN, destination_id=WAREHOUSE))
    assert caught.value.status == 404


def test_create_connection_with_a_schedule_without_details(server: Server) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        server.client.create_connection(
            ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE, schedule_type="basic")
        )
    assert caught.value.status == 422
    assert "does not fulfill the specification" in str(caught.value)


def test_create_connection_with_a_bad_cron_expression(server: Server) -> None:
    data = ScheduleData(cron=CronSchedule(cron_expression="every day", cron_time_zone="UTC"))
    with pytest.raises(InvalidRequestError) as caught:
        server.client.create_connection(
            ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE, schedule_type="cron", schedule_data=data)
        )
    assert caught.value.status == (422 if server.version == "0.50.0" else 400)
    assert caught.value.detail


def test_get_connection(server: Server) -> None:
    made = server.connect("seen")
    seen = server.client.get_connection(made.connection_id)
    assert seen.source is not None
    assert seen.source.name == "shop-postgres"
    assert seen.catalog_id == made.catalog_id
    assert seen.catalog_diff is None


def test_get_connection_with_a_refreshed_catalog(server: Server) -> None:
    made = server.connect("seen", "users")
    server.emulator.set_column("shop-postgres", "users", "phone", {"type": "string"}, "public")
    seen = server.client.get_connection(made.connection_id, with_refreshed_catalog=True)
    assert seen.catalog_id != made.catalog_id
    assert seen.catalog_diff is not None
    assert len(seen.catalog_diff["transforms"]) == 1
    assert "phone" in next(iter(seen.sync_catalog.selected().values())).stream.columns


@pytest.mark.parametrize("refreshed", [False, True])
def test_get_connection_of_an_unknown_id(server: Server, refreshed: bool) -> None:
    with pytest.raises(NotFoundError) as caught:
        server.client.get_connection(UNKNOWN, with_refreshed_catalog=refreshed)
    if server.version == "2.0.0":
        assert "no message, see error id" in str(caught.value)
    else:
        assert f"STANDARD_SYNC: {UNKNOWN}" in str(caught.value)


def test_get_workspace_state(server: Server) -> None:
    before = server.client.get_workspace_state(WORKSPACE)
    assert (before.has_connections, before.has_sources, before.has_destinations) == (False, True, True)
    server.connect()
    assert server.client.get_workspace_state(WORKSPACE).has_connections


def test_get_workspace_state_of_an_unknown_workspace_is_empty(server: Server) -> None:
    state = server.client.get_workspace_state(UNKNOWN)
    assert (state.has_connections, state.has_sources, state.has_destinations) == (False, False, False)


def test_list_connections_for_workspace(server: Server) -> None:
    made = {server.connect(f"c{number}").connection_id for number in range(3)}
    found = list(server.client.list_connections_for_workspace(WORKSPACE))
    assert {item.connection_id for item in found} == made
    assert {item.source.name for item in found if item.source} == {"shop-postgres"}


def test_list_connections_for_workspace_by_source_and_destination(server: Server) -> None:
    shop = server.connect("from the shop").connection_id
    crm = server.client.create_connection(ConnectionCreate(source_id=CRM, destination_id=WAREHOUSE)).connection_id

    def listed(**filters: list[str]) -> set[str]:
        items = server.client.list_connections_for_workspace(WORKSPACE, **filters)  # type: ignore[arg-type]
        return {item.connection_id for item in items}

    assert listed(source_ids=[SHOP]) == {shop}
    assert listed(source_ids=[SHOP, CRM]) == {shop, crm}
    assert listed(destination_ids=[WAREHOUSE], source_ids=[CRM]) == {crm}
    assert listed(destination_ids=[UNKNOWN]) == set()


def test_list_connections_for_an_unknown_workspace_is_empty(server: Server) -> None:
    assert list(server.client.list_connections_for_workspace(UNKNOWN)) == []


def test_list_connections_filtered_and_sorted_by_the_server(server: Server) -> None:
    for name in ("beta", "alpha", "gamma"):
        server.connect(name)
    ask = server.client.list_connections_for_workspace
    if server.version in {"0.50.0", "1.0.0"}:
        with pytest.raises(UnsupportedError, match=r"needs a server of versions from 1\.8\.0 on, this one is "):
            ask(WORKSPACE, sort_key="connectionName_desc")
        with pytest.raises(UnsupportedError, match="filters"):
            ask(WORKSPACE, filters={"searchTerm": "a"})
        assert server.requests("web_backend/connections/list") == []
    else:
        names = [item.name for item in ask(WORKSPACE, sort_key="connectionName_desc")]
        assert names == ["gamma", "beta", "alpha"]
        assert [item.name for item in ask(WORKSPACE, filters={"searchTerm": "alp"})] == ["alpha"]


def test_list_geographies(server: Server) -> None:
    if server.version in {"0.50.0", "1.0.0"}:
        assert server.client.list_geographies() == ["auto"]
    else:
        words = rf"geographies/list needs a server of versions up to 1\.6\.0, this one is {server.version}$"
        with pytest.raises(UnsupportedError, match=words):
            server.client.list_geographies()


def test_update_connection(server: Server) -> None:
    connection_id = server.connect("old").connection_id
    data = ScheduleData(basic_schedule=BasicSchedule(units=6, time_unit="hours"))
    update = ConnectionUpdate(connection_id=connection_id, name="new", schedule_type="basic", schedule_data=data)
    changed = server.client.update_connection(update)
    assert (changed.name, changed.schedule_type) == ("new", "basic")
    assert server.requests("web_backend/connections/update")[-1].keys() == {
        "connectionId", "name", "scheduleType", "scheduleData", "skipReset",
    }  # fmt: skip


def test_update_connection_of_an_unknown_id(server: Server) -> None:
    with pytest.raises(NotFoundError):
        server.client.update_connection(ConnectionUpdate(connection_id=UNKNOWN, name="new"))


def test_update_connection_with_a_schedule_type_without_details(server: Server) -> None:
    connection_id = server.connect().connection_id
    with pytest.raises(ServerError) as caught:
        server.client.update_connection(ConnectionUpdate(connection_id=connection_id, schedule_type="basic"))
    assert caught.value.status == 500


@pytest.mark.parametrize("status", [401, 403, 409, 422, 500])
@pytest.mark.parametrize(
    "path",
    [
        "web_backend/state/get_type",
        "web_backend/check_updates",
        "web_backend/connections/create",
        "web_backend/connections/get",
        "web_backend/workspace/state",
        "web_backend/connections/list",
        "web_backend/connections/update",
        "web_backend/geographies/list",
    ],
)
@pytest.mark.parametrize("version", ["0.50.0", "0.63.0", "1.0.0"])
def test_every_operation_tells_every_error_status(start: Start, version: str, path: str, status: int) -> None:
    server = start(version)
    server.emulator.add_fault(Fault("status", path=path, status=status, times=9))
    client = server.client
    calls: dict[str, Callable[[], object]] = {
        "web_backend/state/get_type": lambda: client.get_state_type(UNKNOWN),
        "web_backend/check_updates": client.check_updates,
        "web_backend/connections/create": lambda: client.create_connection(
            ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE)
        ),
        "web_backend/connections/get": lambda: client.get_connection(UNKNOWN),
        "web_backend/workspace/state": lambda: client.get_workspace_state(WORKSPACE),
        "web_backend/connections/list": lambda: list(client.list_connections_for_workspace(WORKSPACE)),
        "web_backend/connections/update": lambda: client.update_connection(ConnectionUpdate(connection_id=UNKNOWN)),
        "web_backend/geographies/list": client.list_geographies,
    }
    with pytest.raises(StatusError) as caught:
        calls[path]()
    assert (caught.value.status, caught.value.operation) == (status, path)
    assert len(server.requests(path)) == 1


def test_an_id_that_is_none_is_refused_by_the_server(server: Server) -> None:
    for call in (server.client.get_connection, server.client.get_state_type, server.client.get_workspace_state):
        with pytest.raises(InvalidRequestError) as caught:
            call(NO_UUID)
        assert caught.value.status == 400


def test_a_body_that_is_too_large_is_told(server: Server) -> None:
    # Names may be of any length for the client; the server's limit is 10 MiB.
    with pytest.raises(InvalidRequestError) as caught:
        server.connect("x" * (10 * 1024 * 1024))
    assert caught.value.status == 413
