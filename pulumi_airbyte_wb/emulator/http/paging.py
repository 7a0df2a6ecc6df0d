"""How lists are paged: by cursor from v1.8.0, by row offset elsewhere (semantics §1.1, §13)."""

from collections.abc import Callable
from typing import Any

from pulumi_airbyte_wb.emulator.core.failures import KnownError, NotFoundError
from pulumi_airbyte_wb.emulator.core.server import UNFINISHED, Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.jobs import history

DEFAULT_PAGE = 20


def web_list_page(airbyte: Airbyte, connections: list[Doc], body: Doc) -> tuple[list[Doc], int, int]:
    """A page of the web_backend list: the items, the page size, the number of all."""
    connections = _filtered(airbyte, connections, body.get("filters") or {})
    name, way = (body.get("sortKey") or "connectionName_asc").rsplit("_", 1)
    sort: dict[str, Callable[[Doc], Any]] = {
        "connectionName": lambda c: c["name"].lower(),
        "sourceName": lambda c: airbyte.source(c["sourceId"])["name"].lower(),
        "destinationName": lambda c: airbyte.destination(c["destinationId"])["name"].lower(),
        "lastSync": lambda c: (history.newest_sync(airbyte, c["connectionId"]) or {"createdAt": 0})["createdAt"],
    }
    ordered = sorted(connections, key=lambda c: (sort[name](c), c["connectionId"]), reverse=way == "desc")
    return after_cursor(ordered, body, "connectionId")


def actor_page(actors: list[Doc], body: Doc, kind: str) -> tuple[list[Doc], int]:
    """A page of sources or destinations, and its size."""
    term = ((body.get("filters") or {}).get("searchTerm") or "").lower()
    found = [actor for actor in actors if term in actor["name"].lower()]
    name, way = (body.get("sortKey") or "actorName_asc").rsplit("_", 1)

    def field(actor: Doc) -> str:
        return str(actor["definition"]["name"] if name == "actorDefinitionName" else actor["name"]).lower()

    ordered = sorted(found, key=lambda actor: (field(actor), actor[f"{kind}Id"]), reverse=way == "desc")
    page, size, _ = after_cursor(ordered, body, f"{kind}Id")
    return page, size


def after_cursor(ordered: list[Doc], body: Doc, id_name: str) -> tuple[list[Doc], int, int]:
    """The page after the item that ``cursor`` names; an unknown cursor is a 404."""
    size = DEFAULT_PAGE if body.get("pageSize") is None else body["pageSize"]
    if size < 0:
        raise KnownError(
            409, "Failed to access database. Check the server logs for more information", "ConflictException"
        )
    start = 0
    if body.get("cursor") is not None:
        ids = [doc[id_name] for doc in ordered]
        if body["cursor"] not in ids:
            raise NotFoundError("STANDARD_SYNC" if id_name == "connectionId" else "ACTOR", body["cursor"])
        start = ids.index(body["cursor"]) + 1
    return ordered[start : start + size], size, len(ordered)


def offset_page(docs: list[Doc], pagination: Doc | None, default: int) -> list[Doc]:
    """A page by row offset."""
    pagination = pagination or {}
    start = pagination.get("rowOffset") or 0
    size = pagination.get("pageSize")
    return docs[start : start + (default if size is None else size)]


def _filtered(airbyte: Airbyte, connections: list[Doc], filters: Doc) -> list[Doc]:
    term = (filters.get("searchTerm") or "").lower()

    def passes(connection: Doc) -> bool:
        source = airbyte.source(connection["sourceId"])
        destination = airbyte.destination(connection["destinationId"])
        names = (connection["name"], source["name"], destination["name"])
        return (
            any(term in name.lower() for name in names)
            and _within(source["definition"]["definitionId"], filters.get("sourceDefinitionIds"))
            and _within(destination["definition"]["definitionId"], filters.get("destinationDefinitionIds"))
            and _within(connection["status"], filters.get("states"))
            and (not filters.get("tagIds") or bool(set(filters["tagIds"]) & set(connection["tagIds"])))
            and (not filters.get("statuses") or _health(airbyte, connection) in filters["statuses"])
        )

    return [connection for connection in connections if passes(connection)] if filters else connections


def _within(value: str, wanted: list[str] | None) -> bool:
    return not wanted or value in wanted


def _health(airbyte: Airbyte, connection: Doc) -> str:
    if connection["status"] == "inactive":
        return "paused"
    newest = history.newest_sync(airbyte, connection["connectionId"])
    if newest is not None and newest["status"] in UNFINISHED:
        return "running"
    return "failed" if newest is not None and newest["status"] in ("failed", "cancelled") else "healthy"
