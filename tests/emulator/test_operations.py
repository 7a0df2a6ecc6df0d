"""Operations of connections (semantics §8)."""

import pytest

from tools.builtin_world import UNKNOWN, WORKSPACE

from .api import DEDUP, Api, Doc
from .conftest import MakeApi
from .test_create import WEBHOOK


def _named(name: str, **more: str) -> Doc:
    return {**WEBHOOK, "name": name, **more}


def test_an_unknown_id_makes_a_new_operation(any_api: Api) -> None:
    loose = any_api.call("operations/create", **WEBHOOK)
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    answer = any_api.update(connection_id, operations=[_named("mine", operationId=loose["operationId"])])
    assert answer["operationIds"] != [loose["operationId"]]
    assert any_api.call("operations/get", operationId=loose["operationId"])["name"] == "dbt"


def test_a_known_id_is_updated_in_place(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP, fields={"operations": [WEBHOOK]})
    (operation_id,) = connection["operationIds"]
    answer = any_api.update(connection["connectionId"], operations=[_named("other", operationId=operation_id)])
    assert answer["operationIds"] == [operation_id]
    assert [operation["name"] for operation in answer["operations"]] == ["other"]


def test_left_out_operations_are_detached_and_tombstoned(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP, fields={"operations": [_named("a"), _named("b")]})
    by_name = {operation["name"]: operation["operationId"] for operation in connection["operations"]}
    answer = any_api.update(connection["connectionId"], operations=[_named("a", operationId=by_name["a"])])
    assert answer["operationIds"] == [by_name["a"]]
    assert any_api.emulator.server.operation(by_name["b"])["tombstone"] is True
    assert any_api.call("operations/get", operationId=by_name["b"])["name"] == "b"
    again = any_api.update(connection["connectionId"], operations=[_named("b", operationId=by_name["b"])])
    assert again["operationIds"] != [by_name["b"]]


def test_null_leaves_and_an_empty_list_detaches(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP, fields={"operations": [WEBHOOK]})
    assert any_api.update(connection["connectionId"], operations=None)["operationIds"] == connection["operationIds"]
    assert any_api.update(connection["connectionId"], operations=[])["operationIds"] == []


def test_a_shared_operation_is_not_tombstoned(any_api: Api) -> None:
    first = any_api.connect(users=DEDUP, fields={"operations": [WEBHOOK]})
    (operation_id,) = first["operationIds"]
    second = any_api.connect(users=DEDUP)["connectionId"]
    any_api.call("connections/update", connectionId=second, operationIds=[operation_id])
    any_api.update(second, operations=[_named("shared", operationId=operation_id)])
    assert any_api.get(first["connectionId"])["operations"][0]["name"] == "shared"
    any_api.update(first["connectionId"], operations=[])
    assert any_api.emulator.server.operation(operation_id)["tombstone"] is False


def test_delete_unlinks_and_accepts_unknown_ids(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP, fields={"operations": [WEBHOOK]})
    (operation_id,) = connection["operationIds"]
    any_api.call("operations/delete", operationId=operation_id)
    any_api.call("operations/delete", operationId=UNKNOWN)
    assert any_api.get(connection["connectionId"])["operationIds"] == []
    assert any_api.call("operations/list", connectionId=connection["connectionId"]) == {"operations": []}


def test_plain_calls_know_404(any_api: Api) -> None:
    for path in ("operations/get", "operations/update"):
        any_api.refused(path, 404, operationId=UNKNOWN, **WEBHOOK)
    any_api.refused("operations/list", 404, connectionId=UNKNOWN)
    wanted = 404 if any_api.version in ("1.0.0", "1.8.0", "2.0.0") else 500
    assert any_api.raw("operations/create", {**WEBHOOK, "workspaceId": UNKNOWN}).status_code == wanted


def test_dbt_cloud_reads_back_in_both_forms(any_api: Api) -> None:
    webhook = any_api.call("operations/create", **WEBHOOK)["operatorConfiguration"]["webhook"]
    assert webhook["dbtCloud"] == {"accountId": 1, "jobId": 2}
    assert webhook["executionUrl"] == "https://cloud.getdbt.com/api/v2/accounts/1/jobs/2/run/"


def test_a_webhook_of_another_form_breaks_every_read(any_api: Api) -> None:
    other = {
        **WEBHOOK,
        "operatorConfiguration": {
            "operatorType": "webhook",
            "webhook": {"executionUrl": "https://x.example", "executionBody": "{}"},
        },
    }
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.refused("web_backend/connections/update", 500, connectionId=connection_id, operations=[other])
    assert any_api.get(connection_id)["operations"] == [], "it is stored, and read before it is attached"
    (stored,) = any_api.emulator.server.store.all("operation")
    any_api.refused("operations/get", 500, operationId=stored["operationId"])


def test_missing_configurations(any_api: Api) -> None:
    empty = {**WEBHOOK, "operatorConfiguration": {"operatorType": "webhook"}}
    any_api.refused("operations/create", 500, **empty)
    assert any_api.call("operations/check", operatorType="webhook")["status"] == "failed"
    dbt = {**WEBHOOK, "operatorConfiguration": {"operatorType": "dbt"}}
    assert any_api.raw("operations/create", dbt).status_code == (
        200 if any_api.version in ("1.0.0", "1.8.0", "2.0.0") else 500
    )


@pytest.mark.parametrize("version", ["0.44.0", "0.63.0"])
def test_normalization_has_a_configuration_in_old_versions(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    configuration = {"operatorType": "normalization", "normalization": {"option": "basic"}}
    operation = {"workspaceId": WORKSPACE, "name": "n", "operatorConfiguration": configuration}
    assert api.call("operations/create", **operation)["operatorConfiguration"] == configuration
