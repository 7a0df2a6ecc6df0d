"""A client for the emulator's tests: plain calls in process, every answer validated."""

import json
from typing import Any

import httpx

from pulumi_airbyte_wb.emulator import Emulator
from tools.builtin_world import SHOP, WAREHOUSE

from .openapi import problems

VERSIONS = ("0.44.0", "0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0")
ALL_JOBS = ["sync", "reset_connection", "refresh"]

Doc = dict[str, Any]


class Refused(AssertionError):  # noqa: N818 - reads as what happened
    """An answer other than the one that was expected."""


class Api:
    """Calls an emulator; ``call`` expects success, ``refused`` an error."""

    def __init__(self, emulator: Emulator, *, validate: bool = True) -> None:
        self.emulator = emulator
        self._validate = validate
        self.version = str(emulator.server.rules.version)
        self._http = httpx.Client(transport=emulator.transport(), base_url="http://emulator")

    def raw(self, path: str, body: Any = None, *, method: str = "POST", **headers: str) -> httpx.Response:
        """The answer as it is."""
        content = body if isinstance(body, str | bytes) else json.dumps(body if body is not None else {})
        return self._http.request(
            method,
            f"/api/v1/{path}",
            content=None if method == "GET" else content,
            headers={"content-type": "application/json", **headers},
        )

    def call(self, path: str, /, **body: Any) -> Any:
        """The answer of a call that succeeds, validated against the version's slice."""
        return self._checked(path, "POST", self.raw(path, body))

    def read(self, path: str) -> Any:
        """The answer of a GET that succeeds."""
        return self._checked(path, "GET", self.raw(path, method="GET"))

    def _checked(self, path: str, method: str, response: httpx.Response) -> Any:
        if response.status_code not in (200, 204):
            raise Refused(f"{path}: {response.status_code} {response.text[:500]}")
        answer = response.json() if response.content else None
        wrong = problems(self.version, path, method, response.status_code, answer) if self._validate else []
        assert not wrong, f"{self.version} {path}: {wrong[:5]}"
        return answer

    def refused(self, path: str, wanted: int, /, **body: Any) -> Doc:
        """The body of a call that is refused with this status."""
        response = self.raw(path, body)
        assert response.status_code == wanted, f"{path}: {response.status_code} {response.text[:500]}"
        return response.json()  # type: ignore[no-any-return]

    # what most tests do first -----------------------------------------------------------------------------------------

    def catalog(self, source: str = SHOP, **streams: Doc) -> Doc:
        """A request's catalog: the named streams selected, with this configuration; fetched like a client does."""
        answer = self.call("sources/discover_schema", sourceId=source, disable_cache=True)
        catalog: Doc = answer["catalog"]
        for entry in catalog["streams"]:
            config = streams.get(entry["stream"]["name"])
            entry["config"]["selected"] = config is not None
            entry["config"].update(config or {})
        return {"syncCatalog": catalog, "sourceCatalogId": answer["catalogId"]}

    def connect(
        self,
        source: Any = SHOP,
        destination: Any = WAREHOUSE,
        status: Any = "active",
        fields: Any = None,
        **streams: Any,
    ) -> Doc:
        """Create a connection with these streams."""
        body = {"sourceId": source, "destinationId": destination, "status": status, "name": "test"}
        wanted = {**body, **self.catalog(source, **streams), **(fields or {})}
        return self.call("web_backend/connections/create", **wanted)  # type: ignore[no-any-return]

    def get(self, connection_id: str) -> Doc:
        """The connection as web_backend shows it."""
        return self.call("web_backend/connections/get", connectionId=connection_id)  # type: ignore[no-any-return]

    def update(self, connection_id: str, **body: Any) -> Doc:
        """Update a connection."""
        return self.call("web_backend/connections/update", connectionId=connection_id, **body)  # type: ignore[no-any-return]

    def reconfigure(self, connection_id: str, *, skip: bool = False, **streams: Doc) -> Doc:
        """Change streams of a connection: get, change, update."""
        catalog = self.get(connection_id)["syncCatalog"]
        for entry in catalog["streams"]:
            entry["config"].update(streams.get(entry["stream"]["name"], {}))
        return self.update(connection_id, syncCatalog=catalog, skipReset=skip)

    def jobs(self, connection_id: str) -> list[Doc]:
        """The jobs of a connection, newest first."""
        kinds = ALL_JOBS if self.emulator.server.rules.serves("connections/refresh") else ALL_JOBS[:2]
        return self.call("jobs/list", configTypes=kinds, configId=connection_id)["jobs"]  # type: ignore[no-any-return]

    def job_kinds(self, connection_id: str) -> list[str]:
        """The types of a connection's jobs, oldest first."""
        return [job["job"]["configType"] for job in reversed(self.jobs(connection_id))]

    def state_streams(self, connection_id: str) -> set[str]:
        """The streams that have state."""
        state = self.call("state/get", connectionId=connection_id)
        parts = state.get("streamState") or state.get("globalState", {}).get("streamStates") or []
        return {part["streamDescriptor"]["name"] for part in parts}


DEDUP: Doc = {
    "syncMode": "incremental",
    "destinationSyncMode": "append_dedup",
    "cursorField": ["updated_at"],
    "primaryKey": [["id"]],
}
APPEND: Doc = {"syncMode": "incremental", "destinationSyncMode": "append", "cursorField": ["ts"], "primaryKey": []}
OVERWRITE: Doc = {"syncMode": "full_refresh", "destinationSyncMode": "overwrite", "cursorField": [], "primaryKey": []}


def config_of(connection: Doc, name: str) -> Doc:
    """The configuration of a stream in an answer."""
    return next(entry["config"] for entry in connection["syncCatalog"]["streams"] if entry["stream"]["name"] == name)
