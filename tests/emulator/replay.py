"""Replaying what a real server answered (tests/recorded/README.md) against the emulator of the same version."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.jobs.job_end import end_job
from pulumi_airbyte_wb.emulator.jobs.runner import after_job

RECORDED = Path(__file__).parent.parent / "recorded"
VERSIONS = ("0.50.0", "1.8.0")
SOURCE = "shop-postgres"
SOURCE_ID = "20000000-0000-4000-8000-000000000001"

Json = Any

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_NAME = re.compile(r"\$\{(\w+)\}")
_FIXED = ("10000000-", "20000000-", "30000000-", "f0000000-", "00000000-0000-0000")
_TIMES = frozenset({"createdAt", "updatedAt", "endedAt", "startedAt", "created_at", "updated_at", "timestamp"})
_STACKS = frozenset({"exceptionStack", "rootCauseExceptionStack"})
_TEXTS = frozenset({"message", "detail", "title", "description"})
_SETS = frozenset(
    {
        "streams",
        "transforms",
        "updateStream",
        "fieldTransforms",
        "streamAttributeTransforms",
        "selectedFields",
        "operationIds",
        "operations",
        "connections",
        "sources",
        "destinations",
        "workspaces",
        "enabledStreams",
        "streamsToReset",
        "streamsToRefresh",
        "streamState",
        "streamStates",
        "dataplaneGroups",
    }
)
_WORKFLOW_ENGINE = frozenset(
    {
        "attempts",
        "attempt",
        "logs",
        "status",
        "aggregatedStats",
        "streamAggregatedStats",
        "startedAt",
        "totalJobCount",
    }
)
"""What the stub of the workflow engine made up of a job, at both versions."""

_STATE = {
    "type": "stream",
    "shared": None,
    "streams": [{"name": "users", "namespace": "public", "state": {"cursor": "5"}}],
}
"""What the stub left after the first job of a connection."""

_OF_JOBS = frozenset(
    {"isSyncing", "latestSyncJobCreatedAt", "latestSyncJobStatus", "lastSync", "connectionJobStatuses"}
)
"""What other answers say of the stub's jobs, which ended at once."""


def recorded(kind: str, version: str) -> Json:
    """One of the recorded files: ``requests``, ``resets`` or ``diffs``."""
    return json.loads((RECORDED / f"{kind}-{version}.json").read_text(encoding="utf-8"))["cases"]


@dataclass
class Difference:
    """A request that the emulator answers differently."""

    number: int
    name: str
    real: Json
    ours: Json
    status: bool
    parts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.number} {self.name}: {'; '.join(self.parts)}"


class Replay:
    """An emulator of one version with the recorded world, and the names that were captured on the way."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.emulator = Emulator(RECORDED / "world.yaml", server_version=version)
        self.emulator.set_speed(0)
        self._http = httpx.Client(transport=self.emulator.transport(), base_url="http://emulator")
        self.names: dict[str, Json] = {}

    def send(self, request: Json) -> tuple[int, Json]:
        """Send a recorded request; its names stand for what was captured here."""
        kind = request["contentType"]
        response = self._http.request(
            request["method"],
            request["path"],
            content=self._content(request),
            headers={"content-type": kind} if kind else {},
        )
        try:
            return response.status_code, response.json() if response.content else None
        except ValueError:
            return response.status_code, {"__text__": response.text}

    def _content(self, request: Json) -> str | None:
        raw = request.get("rawBody", request.get("raw"))
        if raw is not None:
            return str(raw)
        body = request.get("template", request.get("body"))
        if body is None or request["method"] == "GET":
            return None
        return json.dumps(self.filled(body))

    def filled(self, template: Json) -> Json:
        """A template with the captured values in their places."""
        if isinstance(template, dict):
            return {name: self.filled(value) for name, value in template.items()}
        if isinstance(template, list):
            return [self.filled(value) for value in template]
        if isinstance(template, str):
            return _NAME.sub(lambda name: str(self.names.get(name[1], f"MISSING-{name[1]}")), template)
        return template

    def capture(self, captures: dict[str, str], answer: Json) -> None:
        """Keep what later requests name."""
        for name, path in captures.items():
            value = answer
            for step in path.split("."):
                value = value[int(step)] if isinstance(value, list) else value[step]
            self.names[name] = value

    def change_source(self, changes: list[Json]) -> None:
        """Change the source's schema as it was changed just before a recorded request."""
        for kind, name, *rest in changes:
            if kind == "col":
                self.emulator.set_column(SOURCE, name, rest[0], rest[1], namespace="public")
            elif kind == "stream":
                self.emulator.set_stream(SOURCE, rest[0])
            elif kind == "drop":
                self.emulator.drop_stream(SOURCE, name, namespace="public")
            else:
                table = self.emulator.server.store.get("source_table", f"{SOURCE_ID}/public/{name}")
                tables = [t for t in self.emulator.server.store.all("source_table") if t["stream"]["name"] == name]
                table = tables[0]
                self.emulator.set_stream(SOURCE, {**table["stream"], "sourceDefinedPrimaryKey": rest[0]})

    def show(self, streams: list[Json]) -> None:
        """Let the source show just these streams."""
        for table in [*self.emulator.server.store.all("source_table")]:
            if table["id"].startswith(SOURCE_ID):
                self.emulator.drop_stream(SOURCE, table["stream"]["name"], table["stream"].get("namespace"))
        for stream in streams:
            self.emulator.set_stream(SOURCE, stream)

    def finish_jobs(self) -> None:
        """End all jobs as the stub of the workflow engine did: at once, without moving data or fetching a schema."""
        server = self.emulator.server
        with server.lock:
            for connection_id in list(server.store.ids("connection")):
                while (job := server.unfinished_job(connection_id)) is not None:
                    end_job(server, job, "succeeded")
                    if server.store.get("state", connection_id) is None:
                        server.store.put("state", connection_id, _STATE)
                    after_job(server, job)


def normalised(answer: Json, *, texts: bool, job: bool = False, name: str = "") -> Json:
    """An answer without what no two runs have in common: ids, times, stacks; ``texts`` says whether they are kept."""
    if isinstance(answer, dict):
        inside = job or "jobs" in answer or "job" in answer or "configId" in answer
        kept = {}
        for key, value in answer.items():
            if key in _STACKS or key in _OF_JOBS or (inside and key in _WORKFLOW_ENGINE):
                continue
            if key in _TEXTS and not texts and isinstance(value, str):
                kept[key] = "<text>"
            elif key in _TIMES:
                kept[key] = "<time>"
            elif inside and key == "id":
                kept[key] = "<number>"
            else:
                kept[key] = normalised(value, texts=texts, job=inside and key != "catalog", name=key)
        return kept
    if isinstance(answer, list):
        items = [normalised(item, texts=texts, job=job, name=name) for item in answer]
        if name in _SETS:
            items.sort(key=lambda item: json.dumps(item, sort_keys=True))
        return items
    if isinstance(answer, str):
        return _UUID.sub(lambda found: found[0] if found[0].startswith(_FIXED) else "<id>", answer)
    return answer


def differing(real: Json, ours: Json, path: str = "") -> list[str]:
    """Where two normalised answers differ, as sentences."""
    if isinstance(real, dict) and isinstance(ours, dict):
        found = []
        for key in dict.fromkeys([*real, *ours]):
            if key not in ours:
                found.append(f"{path}.{key} is missing: {json.dumps(real[key])[:120]}")
            elif key not in real:
                found.append(f"{path}.{key} is too much: {json.dumps(ours[key])[:120]}")
            else:
                found += differing(real[key], ours[key], f"{path}.{key}")
        return found
    if isinstance(real, list) and isinstance(ours, list) and len(real) == len(ours):
        return [
            part for n, (a, b) in enumerate(zip(real, ours, strict=True)) for part in differing(a, b, f"{path}[{n}]")
        ]
    same = type(real) is type(ours) and real == ours
    return [] if same else [f"{path} is {json.dumps(ours)[:160]} instead of {json.dumps(real)[:160]}"]


def compared(number: int, name: str, real: Json, status: int, body: Json, *, texts: bool = False) -> Difference | None:
    """The difference between a recorded answer and ours, if there is one."""
    if status != real["status"]:
        return Difference(
            number, name, real, body, True, [f"status {status} instead of {real['status']}: {json.dumps(body)[:200]}"]
        )
    expected = {"__text__": real["text"]} if "text" in real else real.get("body")
    parts = differing(normalised(expected, texts=texts), normalised(body, texts=texts))
    return Difference(number, name, real, body, False, parts) if parts else None


def replay_requests(version: str, *, texts: bool = False) -> tuple[int, list[Difference]]:
    """Send all recorded requests in their order: how many were answered, and which differ."""
    server, differences, answered = Replay(version), [], 0
    for case in recorded("requests", version):
        server.change_source(case.get("sourceSchemaChangesBefore") or [])
        status, body = server.send(case["request"])
        if case.get("captures") and status == 200:
            server.capture(case["captures"], body)
        if version == "1.8.0" or case.get("waitForJobsAfter"):
            server.finish_jobs()
        if not case.get("answerNotHere"):
            answered += 1
            found = compared(case["seq"], case["name"], case["answer"], status, body, texts=texts)
            if found is not None:
                differences.append(found)
    return answered, differences


_DISCOVERED = [
    {"name": name, "jsonSchema": {"type": "object", "properties": {"other": {"type": "string"}}},
     "supportedSyncModes": ["full_refresh"], **({} if namespace is None else {"namespace": namespace})}
    for name, namespace in (("a", None), ("a", "n1"), ("d", "n2"))
]  # fmt: skip
"""Stands for what was discovered at the source of 0.50.0, which was not recorded (tests/recorded/README.md)."""


def _streams(listed: list[Json] | None) -> set[tuple[str, str | None]]:
    """Streams that the server ordered something for, as pairs of name and namespace."""
    return {(each[0], each[1]) for each in listed or ()}


class Orders:
    """What an emulator orders from its workflow engine: nothing is started, everything is noted."""

    def __init__(self, server: Replay) -> None:
        self._server = server.emulator.server

    def of(self, connection_id: str) -> set[tuple[str, str | None]] | None:
        """The streams of the resets or refreshes that wait or have a job; None where nothing was ordered."""
        store = self._server.store
        jobs = self._server.jobs_of(connection_id)
        waiting = [store.get(kind, connection_id) or {"streams": []} for kind in ("stream_reset", "stream_refresh")]
        if not jobs and not any(rows["streams"] for rows in waiting):
            return None
        streams = [part for rows in waiting for part in rows["streams"]]
        streams += [part for job in jobs for part in job["streams"]]
        return {(part["name"], part.get("namespace")) for part in streams}


def replay_updates(version: str, *, texts: bool = False) -> tuple[int, list[Difference]]:
    """Replay the recorded random updates, each of a connection of its own: how many, and which differ."""
    server, differences = Replay(version), []
    orders = Orders(server)
    cases = recorded("updates", version)
    if version == "0.50.0":
        server.show(_DISCOVERED)
        _post(server, "sources/discover_schema", {"sourceId": SOURCE_ID, "disable_cache": True})
    for number, case in enumerate(cases):
        found = (_old_update if version == "0.50.0" else _new_update)(server, orders, number, case, texts=texts)
        if found is not None:
            differences.append(found)
    return len(cases), differences


def _post(server: Replay, path: str, body: Json) -> tuple[int, Json]:
    return server.send(
        {"method": "POST", "path": f"/api/v1/{path}", "contentType": "application/json", "template": body}
    )


def _connect(server: Replay, body: Json) -> tuple[int, Json]:
    return _post(server, "web_backend/connections/create", body)


_ENDS = {"sourceId": SOURCE_ID, "destinationId": "30000000-0000-4000-8000-000000000001"}
_MANUAL = {**_ENDS, "status": "active", "scheduleType": "manual"}


def _keep_state(server: Replay, connection_id: str, parts: list[Json]) -> None:
    streams = [
        {
            "name": part["streamDescriptor"]["name"],
            "namespace": part["streamDescriptor"].get("namespace"),
            "state": part["streamState"],
        }
        for part in parts
    ]
    server.emulator.server.store.put("state", connection_id, {"type": "stream", "shared": None, "streams": streams})


def _old_update(server: Replay, orders: Orders, number: int, case: Json, *, texts: bool) -> Difference | None:
    status, created = _connect(server, {**_MANUAL, "name": f"u{number}", "syncCatalog": case["before"]})
    if status != 200:
        return Difference(number, "create", case, created, True, [f"create {status}: {json.dumps(created)[:200]}"])
    connection_id = created["connectionId"]
    if case["stateIsStream"]:
        streams = [entry["stream"] for entry in case["before"]["streams"] if entry["config"]["selected"]]
        parts = [
            {"streamDescriptor": {"name": s["name"], "namespace": s.get("namespace")}, "streamState": {"cursor": "1"}}
            for s in streams
        ]
        _keep_state(server, connection_id, parts)
    status, body = _post(server, "web_backend/connections/update", {"connectionId": connection_id, **case["update"]})
    answer = case["answer"]
    expected = {
        "status": answer["status"],
        "body": {"syncCatalog": answer["syncCatalog"]} if answer["syncCatalog"] else None,
    }
    shown = {"syncCatalog": body["syncCatalog"]} if status == 200 else None
    calls = answer["resetCalls"]
    return _with_orders(
        compared(number, "update", expected, status, shown, texts=texts),
        orders.of(connection_id),
        _streams(calls[0]) if calls else None,
        number,
        case,
    )


def _new_update(server: Replay, orders: Orders, number: int, case: Json, *, texts: bool) -> Difference | None:
    status, created = _connect(server, case["create"])
    if "update" not in case:
        return compared(number, case["kind"], case["answer"], status, created, texts=texts)
    if status != 200:
        return Difference(number, "create", case, created, True, [f"create {status}: {json.dumps(created)[:200]}"])
    connection_id = created["connectionId"]
    if case["stateBefore"]:
        _keep_state(server, connection_id, case["stateBefore"])
    status, body = _post(server, "web_backend/connections/update", {"connectionId": connection_id, **case["update"]})
    answer = case["answer"]
    calls = answer["calls"]
    ordered = orders.of(connection_id)
    found = compared(number, "update", answer, status, body, texts=texts)
    got = _post(server, "web_backend/connections/get", {"connectionId": connection_id})[1]
    parts = differing(normalised(answer["get"], texts=texts), normalised(got, texts=texts), "get")
    # a job that was ordered may have begun at the stub, which then touched the state
    left = server.emulator.server.store.get("state", connection_id) or {"streams": []}
    ours = sorted(_state_text(part["name"], part["namespace"], part["state"]) for part in left["streams"])
    if not calls and ours != sorted(answer["stateAfter"]):
        parts.append(f"state is {ours} instead of {sorted(answer['stateAfter'])}")
    if parts:
        found = found or Difference(number, "update", answer, body, False, [])
        found.parts += parts
    return _with_orders(found, ordered, _streams(calls[0][1]) if calls else None, number, case)


def _state_text(name: str, namespace: str | None, state: Json) -> str:
    where = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    return json.dumps([where, state])


def _with_orders(found: Difference | None, ours: Json, real: Json, number: int, case: Json) -> Difference | None:
    if ours == real:
        return found
    found = found or Difference(number, "update", case, None, False, [])
    found.parts.append(f"ordered {ours} instead of {real}")
    return found


def replay_diffs(version: str, *, texts: bool = False) -> tuple[int, list[Difference]]:
    """Replay the recorded random changes of a source's schema: how many, and which differ."""
    server, differences = Replay(version), []
    cases = recorded("diffs", version)
    for number, case in enumerate(cases):
        found = _diff(server, version, number, case, texts=texts)
        if found is not None:
            differences.append(found)
    return len(cases), differences


def _diff(server: Replay, version: str, number: int, case: Json, *, texts: bool) -> Difference | None:
    for connection in server.emulator.connection_ids():
        _post(server, "connections/delete", {"connectionId": connection})
    old = version == "0.50.0"
    server.show(case["sourceBefore"] if old else [entry["stream"] for entry in case["source"]])
    catalog = _post(server, "sources/discover_schema", {"sourceId": SOURCE_ID, "disable_cache": True})[1]
    server.names["cat"] = catalog["catalogId"]
    create = {
        **_MANUAL, "name": "d", "sourceCatalogId": "${cat}", "syncCatalog": case["syncCatalog"],
        "nonBreakingChangesPreference": case["nonBreakingChangesPreference"],
    } if old else case["create"]  # fmt: skip
    status, created = _connect(server, create)
    if status != 200:
        return Difference(number, "create", case, created, True, [f"create {status}: {json.dumps(created)[:200]}"])
    asked = {"connectionId": created["connectionId"]}
    answers = [_post(server, "web_backend/connections/get", asked)]
    server.show(case["sourceAfter"] if old else [entry["stream"] for entry in case["changed"]])
    answers.append(_post(server, "web_backend/connections/get", {**asked, "withRefreshedCatalog": True}))
    answers.append(_post(server, "web_backend/connections/get", asked))
    kept = case["answers"] if old else case
    names = ("get", "getRefreshedAfterChange", "getAfterwards") if old else ("get", "getRefreshed", "getAfter")
    parts: list[str] = []
    for name, (status, body) in zip(names, answers, strict=True):
        real_status, real = kept[name]
        if status != real_status:
            parts.append(f"{name}: status {status} instead of {real_status}: {json.dumps(body)[:150]}")
            continue
        shown = {part: body.get(part) for part in real} if old else body
        parts += differing(normalised(real, texts=texts), normalised(shown, texts=texts), name)
    return Difference(number, "diff", case, answers, False, parts) if parts else None
