"""Getting a connection: merges, side effects, schemaChange (semantics §3)."""

import pytest

from tools.builtin_world import SHOP, WAREHOUSE

from .api import DEDUP, OVERWRITE, Api, Doc, config_of
from .conftest import MakeApi

SHOP_NAME = "shop-postgres"
SELECTION: Doc = {
    "fieldSelectionEnabled": True,
    "selectedFields": [{"fieldPath": ["id"]}, {"fieldPath": ["updated_at"]}],
}


def _names(config: Doc) -> set[str]:
    return {field["fieldPath"][0] for field in config["selectedFields"]}


def _refreshed(api: Api, connection_id: str) -> Doc:
    return api.call("web_backend/connections/get", connectionId=connection_id, withRefreshedCatalog=True)  # type: ignore[no-any-return]


def test_without_a_catalog_id_only_selected_streams_show(any_api: Api) -> None:
    body = any_api.catalog(users=DEDUP)
    connection = any_api.call(
        "web_backend/connections/create",
        sourceId=SHOP,
        destinationId=WAREHOUSE,
        status="active",
        syncCatalog=body["syncCatalog"],
    )
    assert [entry["stream"]["name"] for entry in connection["syncCatalog"]["streams"]] == ["users"]
    assert connection["schemaChange"] == "no_change"
    assert "catalogId" not in connection


def test_the_stream_shown_is_the_discovered_one(any_api: Api) -> None:
    connection = any_api.get(any_api.connect(users={**DEDUP, **SELECTION})["connectionId"])
    (shown,) = [e for e in connection["syncCatalog"]["streams"] if e["stream"]["name"] == "users"]
    assert set(shown["stream"]["jsonSchema"]["properties"]) > {"id", "updated_at", "email"}
    stored = any_api.call("connections/get", connectionId=connection["connectionId"])["syncCatalog"]["streams"][0]
    assert set(stored["stream"]["jsonSchema"]["properties"]) == {"id", "updated_at"}


def test_source_defined_key_shows_in_place_of_the_stored(any_api: Api) -> None:
    connection = any_api.get(any_api.connect(orders={**DEDUP, "primaryKey": [["user_id"]]})["connectionId"])
    wanted = [["id"]] if any_api.version not in ("0.44.0", "0.50.0") else [["user_id"]]
    assert config_of(connection, "orders")["primaryKey"] == wanted
    stored = any_api.call("connections/get", connectionId=connection["connectionId"])["syncCatalog"]["streams"][0]
    assert stored["config"]["primaryKey"] == [["user_id"]]


def test_new_columns_are_selected_in_the_merge(any_api: Api) -> None:
    connection = any_api.connect(users={**DEDUP, **SELECTION})
    assert _names(config_of(connection, "users")) == {"id", "updated_at"}
    any_api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    answer = _refreshed(any_api, connection["connectionId"])
    assert _names(config_of(answer, "users")) == {"id", "updated_at", "age"}


def test_selected_fields_without_selection(any_api: Api) -> None:
    config = config_of(any_api.connect(users=DEDUP), "users")
    if any_api.version in ("0.44.0", "0.50.0"):
        assert "selectedFields" not in config
    else:
        assert config["selectedFields"] == []


def test_unsupported_sync_mode_shows_the_default(any_api: Api) -> None:
    connection_id = any_api.connect(dim_country={**DEDUP, "cursorField": ["code"]})["connectionId"]
    stream = next(
        table["stream"]
        for table in any_api.emulator.server.store.all("source_table")
        if table["stream"]["name"] == "dim_country"
    )
    any_api.emulator.set_stream(SHOP_NAME, {**stream, "supportedSyncModes": ["full_refresh"]})
    assert config_of(_refreshed(any_api, connection_id), "dim_country")["syncMode"] == "full_refresh"


def test_vanished_streams_disappear_from_the_answer(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, orders=OVERWRITE)["connectionId"]
    any_api.emulator.drop_stream(SHOP_NAME, "orders", "public")
    answer = _refreshed(any_api, connection_id)
    assert "orders" not in {entry["stream"]["name"] for entry in answer["syncCatalog"]["streams"]}
    assert [t["transformType"] for t in answer["catalogDiff"]["transforms"]] == ["remove_stream"]
    assert answer["status"] == "active"


@pytest.mark.parametrize(
    ("version", "default"),
    [("0.44.0", ("full_refresh", "append", True)), ("0.50.0", ("full_refresh", "append", True))]
    + [(v, ("incremental", "append_dedup", False)) for v in ("0.63.0", "1.0.0", "1.8.0", "2.0.0")],
)
def test_default_configurations(make_api: MakeApi, version: str, default: tuple[str, str, bool]) -> None:
    catalog = make_api(version).call("sources/discover_schema", sourceId="20000000-0000-4000-8000-000000000002")[
        "catalog"
    ]
    config = next(e["config"] for e in catalog["streams"] if e["stream"]["name"] == "contacts")
    assert (config["syncMode"], config["destinationSyncMode"], config["selected"]) == default
    assert config["cursorField"] == ["updatedAt"]
    assert config["primaryKey"] == [["id"]]


def test_a_refresh_pauses_for_a_breaking_change(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    bystander = any_api.connect(users=DEDUP)["connectionId"]
    any_api.emulator.set_column(SHOP_NAME, "users", "updated_at", None, "public")
    answer = _refreshed(any_api, connection_id)
    assert (answer["status"], answer["schemaChange"]) == ("inactive", "breaking")
    others = "active" if any_api.version in ("1.8.0", "2.0.0") else "inactive"
    assert any_api.get(bystander)["status"] == others


def test_a_plain_get_writes_nothing(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.emulator.set_column(SHOP_NAME, "users", "updated_at", None, "public")
    assert any_api.get(connection_id)["status"] == "active"
    assert any_api.get(connection_id)["schemaChange"] == "no_change"


def test_a_refresh_never_reactivates(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    schema = {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"}
    any_api.emulator.set_column(SHOP_NAME, "users", "updated_at", None, "public")
    _refreshed(any_api, connection_id)
    any_api.emulator.set_column(SHOP_NAME, "users", "updated_at", schema, "public")
    answer = _refreshed(any_api, connection_id)
    assert answer["status"] == "inactive"
    assert answer["schemaChange"] != "breaking"


def test_disable_pauses_for_any_change(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, fields={"nonBreakingChangesPreference": "disable"})["connectionId"]
    any_api.emulator.drop_stream(SHOP_NAME, "events", "public")
    answer = _refreshed(any_api, connection_id)
    assert answer["status"] == "inactive"
    assert answer["schemaChange"] == "non_breaking"


def test_schema_change_stays_until_the_new_catalog_id_is_sent(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP)
    connection_id = connection["connectionId"]
    any_api.emulator.set_column(SHOP_NAME, "events", "more", {"type": "string"}, "public")
    answer = _refreshed(any_api, connection_id)
    assert answer["catalogId"] != connection["catalogId"]
    assert answer["schemaChange"] == "non_breaking"
    if any_api.version not in ("0.44.0", "0.50.0"):
        assert answer["catalogDiff"]["transforms"] == []
    assert any_api.get(connection_id)["catalogId"] == connection["catalogId"]
    any_api.update(connection_id, syncCatalog=answer["syncCatalog"], skipReset=True)
    assert any_api.get(connection_id)["schemaChange"] == "non_breaking"
    assert any_api.update(connection_id, sourceCatalogId=answer["catalogId"])["schemaChange"] == "no_change"


def test_equal_catalogs_keep_their_id(any_api: Api) -> None:
    first = any_api.call("sources/discover_schema", sourceId=SHOP, disable_cache=True)["catalogId"]
    assert any_api.call("sources/discover_schema", sourceId=SHOP, disable_cache=True)["catalogId"] == first


def test_discovery_without_a_connection_changes_no_connection(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.emulator.set_column(SHOP_NAME, "users", "updated_at", None, "public")
    any_api.call("sources/discover_schema", sourceId=SHOP, disable_cache=True)
    answer = any_api.get(connection_id)
    assert (answer["status"], answer["schemaChange"]) == ("active", "non_breaking")


def test_a_failing_discovery(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.emulator.break_discovery(SHOP_NAME, "the database is down")
    body = {"connectionId": connection_id, "withRefreshedCatalog": True}
    any_api.refused("web_backend/connections/get", 500, **body)
    answer = any_api.call("sources/discover_schema", sourceId=SHOP, disable_cache=True)
    assert "catalog" not in answer
    assert answer["jobInfo"]["succeeded"] is False
    assert any_api.call("sources/discover_schema", sourceId=SHOP)["jobInfo"]["succeeded"] is True
    any_api.emulator.break_discovery(SHOP_NAME, None)
    assert _refreshed(any_api, connection_id)["catalogDiff"] == {"transforms": []}


def test_the_form_of_a_catalog_diff(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    (transform,) = _refreshed(any_api, connection_id)["catalogDiff"]["transforms"]
    update = transform["updateStream"]
    fields = update if any_api.version in ("0.44.0", "0.50.0") else update["fieldTransforms"]
    assert [(field["transformType"], field["fieldName"]) for field in fields] == [("add_field", ["age"])]


def test_legacy_schedule_is_shown_for_basic_only(any_api: Api) -> None:
    basic = {"units": 6, "timeUnit": "hours"}
    fields = {"scheduleType": "basic", "scheduleData": {"basicSchedule": basic}}
    assert any_api.connect(users=DEDUP, fields=fields)["schedule"] == basic
    assert "schedule" not in any_api.connect(users=DEDUP)
