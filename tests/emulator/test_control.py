"""The control API over HTTP (issue "emulator", item 5)."""

from collections.abc import Iterator

import httpx
import pytest

from pulumi_airbyte_wb.emulator import Emulator

from .api import DEDUP, SHOP, Api

USERS = "sources/shop-postgres/streams/users"


@pytest.fixture
def side() -> Iterator[tuple[Api, httpx.Client]]:
    with Emulator() as emulator:
        emulator.set_speed(0)
        with httpx.Client(base_url=f"{emulator.url}/_emulator/") as client:
            yield Api(emulator), client


def test_its_own_documentation(side: tuple[Api, httpx.Client]) -> None:
    document = side[1].get("openapi.json").json()
    assert document["info"]["title"] == "Airbyte emulator: control API"
    assert all(operation["description"] for path in document["paths"].values() for operation in path.values())
    assert side[1].get("docs").status_code == 200


def test_rows_and_schemas_change_and_syncs_run(side: tuple[Api, httpx.Client]) -> None:
    api, control = side
    connection_id = api.connect(users=DEDUP)["connectionId"]
    row = {"id": 7, "email": "g@shop.example", "updated_at": "2026-02-01T00:00:00Z"}
    assert control.post(f"{USERS}/rows", json={"namespace": "public", "rows": [row]}).json() == {"rows": 1}
    change = {"namespace": "public", "where": {"id": 1}, "values": {"name": "Adele"}}
    assert control.patch(f"{USERS}/rows", json=change).json() == {"rows": 1}
    assert control.post(f"{USERS}/rows/delete", json={"namespace": "public", "where": {"id": 2}}).json() == {"rows": 1}
    assert len(control.get(f"{USERS}/rows", params={"namespace": "public"}).json()) == 6
    column = {"namespace": "public", "jsonSchema": {"type": "integer"}}
    assert control.put(f"{USERS}/columns/age", json=column).status_code == 204
    job = control.post(f"connections/{connection_id}/sync").json()
    assert job["job"]["status"] == "succeeded"
    table = control.get("destinations/warehouse/tables").json()["public.users"]
    assert {r["id"]: r["name"] for r in table}[1] == "Adele"
    assert (
        "age"
        in api.call("sources/discover_schema", sourceId=SHOP, disable_cache=True)["catalog"]["streams"][0]["stream"][
            "jsonSchema"
        ]["properties"]
    )
    assert [job["job"]["configType"] for job in control.get(f"connections/{connection_id}/jobs").json()] == ["sync"]


def test_time(side: tuple[Api, httpx.Client]) -> None:
    _api, control = side
    before = control.get("clock").json()
    after = control.post("clock", json={"advance": 3600}).json()
    assert after["now"] - before["now"] == pytest.approx(3600)
    assert control.post("clock", json={"speed": 5}).json()["speed"] == 5


def test_requests_and_faults(side: tuple[Api, httpx.Client]) -> None:
    api, control = side
    control.post("faults", json={"kind": "status", "status": 429, "path": "health"})
    assert api.raw("health", method="GET").status_code == 429
    log = control.get("requests").json()
    assert log["counts"] == {"health": 1}
    assert (log["requests"][0]["status"], log["requests"][0]["fault"]) == (429, "status")
    control.delete("requests")
    assert control.get("requests").json()["counts"] == {}
    wrong = control.post("faults", json={"kind": "earthquake"})
    assert wrong.status_code == 422


def test_worlds_and_snapshots(side: tuple[Api, httpx.Client]) -> None:
    _api, control = side
    snapshot = control.get("snapshot").text
    assert control.put("world", content="sources: [{name: tiny}]").status_code == 204
    assert control.get(f"{USERS}/rows").json() == {"detail": "there is no source 'shop-postgres': there is tiny."}
    assert control.put("snapshot", content=snapshot).status_code == 204
    assert len(control.get(f"{USERS}/rows", params={"namespace": "public"}).json()) == 6
    for text in ("", "[]", "{}", '{"setting": 1}', '{"setting": {"server": {}}, "clock": {"now": {"at": 0}}}'):
        wrong = control.put("snapshot", content=text)
        assert wrong.status_code == 422, text
        assert wrong.json()["detail"] == "the text is no snapshot: give what a snapshot answered."
    assert len(control.get(f"{USERS}/rows", params={"namespace": "public"}).json()) == 6
    refused = control.put("world", content="sources: [{name: 1, color: red}]")
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("the request's body: sources[0]")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "line 1: not YAML"),
        ("sources: [{name: a, streams: [{name: s}, {name: s}]}]", "stream s stands twice"),
        ("destinations: [{name: d, family: normalization, engine: merge}]", "does not exist in family normalization"),
        ("connections: [{name: c, source: s, destination: d}]", "has source 's', which the file does not have"),
        ("workspaces: [{name: a}, {name: b}]\nsources: [{name: s}]", "names no workspace: name one of a, b"),
        ("sources: [{name: a, sourceId: x}]", "sources[0].sourceId is 'x'"),
        ("pace: {speed: -1}", "pace.speed is -1"),
    ],
)
def test_mistakes_in_worlds(text: str, problem: str) -> None:
    from pulumi_airbyte_wb.emulator.core.world_file import WorldError, parse_world

    with pytest.raises(WorldError) as refused:
        parse_world(text, "world.yaml")
    message = str(refused.value)
    assert problem in message
    assert message.startswith("world.yaml")
    assert message.endswith(".")
    assert "\n" not in message
