"""Lists and the small helpers (semantics §1)."""

import pytest

from tools.builtin_world import SHOP, UNKNOWN, WAREHOUSE, WORKSPACE

from .api import DEDUP, OVERWRITE, Api, Doc
from .conftest import MakeApi


def _many(api: Api, count: int) -> list[str]:
    body = api.catalog(events=OVERWRITE)
    ids = []
    for number in range(count):
        fields = {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active"}
        ids.append(api.call("web_backend/connections/create", **fields, **body, name=f"C{number:03}")["connectionId"])
    return ids


def _list(api: Api, **body: object) -> Doc:
    return api.call("web_backend/connections/list", workspaceId=WORKSPACE, **body)  # type: ignore[no-any-return]


def test_the_default_page(any_api: Api) -> None:
    _many(any_api, 23)
    answer = _list(any_api)
    if any_api.version in ("1.8.0", "2.0.0"):
        assert len(answer["connections"]) == 20
        assert (answer["page_size"], answer["num_connections"]) == (20, 23)
    else:
        assert len(answer["connections"]) == 23
        assert list(answer) == ["connections"]


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_paging_by_cursor(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    _many(api, 23)
    names: list[str] = []
    cursor: Doc = {}
    while True:
        page = _list(api, pageSize=10, **cursor)["connections"]
        names += [item["name"] for item in page]
        if len(page) < 10:
            break
        cursor = {"cursor": page[-1]["connectionId"]}
    assert names == [f"C{number:03}" for number in range(23)]
    api.refused("web_backend/connections/list", 404, workspaceId=WORKSPACE, cursor=UNKNOWN)
    first = _list(api, sortKey="connectionName_desc", pageSize=1)["connections"][0]["name"]
    assert first == "C022"
    found = _list(api, filters={"searchTerm": "c01"})["connections"]
    assert len(found) == 10


def test_items_hold_no_catalog(any_api: Api) -> None:
    any_api.connect(users=DEDUP)
    (item,) = _list(any_api)["connections"]
    assert not {"syncCatalog", "operations", "sourceId", "destinationId"} & set(item)


def test_unknown_workspaces(any_api: Api) -> None:
    assert any_api.call("web_backend/connections/list", workspaceId=UNKNOWN)["connections"] == []
    state = any_api.call("web_backend/workspace/state", workspaceId=UNKNOWN)
    assert state == {"hasConnections": False, "hasSources": False, "hasDestinations": False}
    any_api.refused("workspaces/get", 404, workspaceId=UNKNOWN)


def test_filters_by_source(any_api: Api) -> None:
    any_api.connect(users=DEDUP)
    assert len(_list(any_api, sourceId=[SHOP])["connections"]) == 1
    assert _list(any_api, sourceId=[UNKNOWN])["connections"] == []


def test_workspace_lists(any_api: Api) -> None:
    gone = any_api.version in ("1.8.0", "2.0.0")
    assert any_api.raw("workspaces/list", {}).status_code == (404 if gone else 200)


def test_answers_hold_no_nulls_and_empty_lists_are_sent(any_api: Api) -> None:
    answer = any_api.connect(users=DEDUP)

    def nulls(node: object) -> bool:
        if isinstance(node, dict):
            return any(value is None or nulls(value) for name, value in node.items() if name != "jsonSchema")
        return isinstance(node, list) and any(item is None or nulls(item) for item in node)

    assert not nulls(answer)
    assert answer["operationIds"] == []


def test_shuffled_answers_differ_only_in_order(api: Api) -> None:
    connection_id = api.connect(users={**DEDUP, "primaryKey": [["id"], ["region"]]}, events=OVERWRITE)["connectionId"]
    orders = set()
    keys = set()
    for _ in range(30):
        answer = api.get(connection_id)
        orders.add(tuple(entry["stream"]["name"] for entry in answer["syncCatalog"]["streams"]))
        config = next(e["config"] for e in answer["syncCatalog"]["streams"] if e["stream"]["name"] == "users")
        keys.add(tuple(map(tuple, config["primaryKey"])))
    assert len(orders) > 1
    assert keys == {(("id",), ("region",)), (("region",), ("id",))}
    api.emulator.set_shuffle(on=False)
    assert api.get(connection_id) == api.get(connection_id)


def test_a_search_finds_nothing(any_api: Api) -> None:
    """The server compares with a copy that lacks fields (seen at 0.50.0 and 1.8.0)."""
    _many(any_api, 3)
    assert any_api.call("connections/search", name="C001")["connections"] == []
    assert any_api.call("connections/search", sourceId=SHOP)["connections"] == []
