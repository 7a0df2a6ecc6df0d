"""The rest of the configuration API, as far as the resources need it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from pulumi_airbyte_wb.api.base import Caller
from pulumi_airbyte_wb.api.capabilities import check
from pulumi_airbyte_wb.api.transport import Kind
from pulumi_airbyte_wb.errors import UnsupportedError
from pulumi_airbyte_wb.models import (
    ActorDefinitionVersion,
    ConnectionRead,
    DataplaneGroup,
    DestinationRead,
    DiscoveredSchema,
    JobConfigType,
    JobRead,
    JobWithAttempts,
    ReadModel,
    RefreshMode,
    SourceRead,
    StateType,
    StreamDescriptor,
    StreamName,
    WorkspaceRead,
)

DEFAULT_ORGANIZATION = "00000000-0000-0000-0000-000000000000"
"""The one organization of a self-managed server."""

_REPLICATION = [JobConfigType.SYNC, JobConfigType.RESET_CONNECTION, JobConfigType.REFRESH]


class _Connections(ReadModel):
    connections: list[ConnectionRead]


class _Jobs(ReadModel):
    jobs: list[JobWithAttempts]


class _JobInfo(ReadModel):
    job: JobRead | None = None


class _Workspaces(ReadModel):
    workspaces: list[WorkspaceRead]


class _DataplaneGroups(ReadModel):
    # The specification names no required property, so an empty answer is no error.
    dataplane_groups: list[DataplaneGroup] = Field(default_factory=list)


class _StreamState(ReadModel):
    stream_descriptor: StreamName
    stream_state: Any = None


class _GlobalState(ReadModel):
    shared_state: Any = Field(default=None, alias="shared_state")
    stream_states: list[_StreamState] = Field(default_factory=list)


class ConnectionState(ReadModel):
    """The sync state of a connection (``state/get``)."""

    state_type: str
    stream_state: list[_StreamState] | None = None
    global_state: _GlobalState | None = None

    def streams(self) -> set[StreamDescriptor]:
        """The streams that have a state of their own."""
        entries = self.stream_state or (self.global_state.stream_states if self.global_state else [])
        return {entry.stream_descriptor.descriptor for entry in entries}

    @property
    def empty(self) -> bool:
        """Whether there is nothing that a sync could go on from."""
        shared = self.global_state.shared_state if self.global_state else None
        return self.state_type != StateType.LEGACY and not shared and not self.streams()


class Configuration(Caller):
    """Mixin with the operations outside ``web_backend``; every method raises the ``ApiError`` family."""

    def get_health(self) -> bool:
        """Whether the server says that it is available; needs no credentials (``GET health``)."""
        answer = self._transport.call_raw("health", None, method="GET")
        return bool(isinstance(answer, dict) and answer.get("available"))

    def get_workspace(self, workspace_id: str) -> WorkspaceRead:
        """One workspace; ``NotFoundError`` on a server that does not have it (``workspaces/get``)."""
        return self._transport.call("workspaces/get", {"workspaceId": workspace_id}, WorkspaceRead)

    def list_workspaces(self, organization_id: str = DEFAULT_ORGANIZATION) -> list[WorkspaceRead]:
        """The workspaces of an organization; a self-managed server has one organization.

        Servers from 0.50.18 on are asked by organization (``workspaces/list_by_organization_id``), older ones as a
        whole (``workspaces/list``, gone in 1.7.0).
        """
        try:
            body: dict[str, Any] = {"organizationId": organization_id}
            return self._transport.call("workspaces/list_by_organization_id", body, _Workspaces).workspaces
        except UnsupportedError:
            return self._transport.call("workspaces/list", {}, _Workspaces).workspaces

    def list_dataplane_groups(self, organization_id: str = DEFAULT_ORGANIZATION) -> list[DataplaneGroup]:
        """Where syncs can run (``dataplane_group/list``, server 1.6.0 on); before, see ``list_geographies``."""
        body = {"organization_id": organization_id}
        return self._transport.call("dataplane_group/list", body, _DataplaneGroups).dataplane_groups

    def get_source(self, source_id: str) -> SourceRead:
        """One source (``sources/get``)."""
        return self._transport.call("sources/get", {"sourceId": source_id}, SourceRead)

    def list_sources(self, workspace_id: str) -> list[SourceRead]:
        """The sources of a workspace, all pages of them (``sources/list``)."""
        body = {"workspaceId": workspace_id}
        return list(self._pages("sources/list", body, "sources", SourceRead, lambda source: source.source_id))

    def discover_schema(self, source_id: str, *, disable_cache: bool = False) -> DiscoveredSchema:
        """The streams that a source offers (``sources/discover_schema``).

        Never names a connection: with one the server compares, and may pause it. So this only stores the catalog.
        """
        body = {"sourceId": source_id, "disable_cache": disable_cache}
        return self._transport.call("sources/discover_schema", body, DiscoveredSchema, Kind.DISCOVER)

    def get_destination(self, destination_id: str) -> DestinationRead:
        """One destination (``destinations/get``)."""
        return self._transport.call("destinations/get", {"destinationId": destination_id}, DestinationRead)

    def list_destinations(self, workspace_id: str) -> list[DestinationRead]:
        """The destinations of a workspace, all pages of them (``destinations/list``)."""
        body = {"workspaceId": workspace_id}
        return list(
            self._pages("destinations/list", body, "destinations", DestinationRead, lambda found: found.destination_id)
        )

    def get_destination_version(self, destination_id: str) -> ActorDefinitionVersion:
        """The connector version behind a destination (``actor_definition_versions/get_for_destination``, 0.50.6 on)."""
        body = {"destinationId": destination_id}
        return self._transport.call("actor_definition_versions/get_for_destination", body, ActorDefinitionVersion)

    def get_source_version(self, source_id: str) -> ActorDefinitionVersion:
        """The connector version behind a source (``actor_definition_versions/get_for_source``, 0.50.6 on)."""
        body = {"sourceId": source_id}
        return self._transport.call("actor_definition_versions/get_for_source", body, ActorDefinitionVersion)

    def get_plain_connection(self, connection_id: str) -> ConnectionRead:
        """A connection with its selected streams only, and nothing of its source (``connections/get``)."""
        return self._transport.call("connections/get", {"connectionId": connection_id}, ConnectionRead)

    def list_connections(self, workspace_id: str) -> list[ConnectionRead]:
        """Every connection that is not deleted, with its selected streams (``connections/list``, no pages)."""
        return self._transport.call("connections/list", {"workspaceId": workspace_id}, _Connections).connections

    def list_all_connections(self, workspace_id: str) -> list[ConnectionRead]:
        """Every connection with its selected streams, deleted ones included (``connections/list_all``)."""
        body = {"workspaceId": workspace_id}
        return self._transport.call("connections/list_all", body, _Connections).connections

    def delete_connection(self, connection_id: str) -> None:
        """Delete a connection; a second time is answered like the first (``connections/delete``)."""
        self._transport.call_raw("connections/delete", {"connectionId": connection_id}, Kind.WRITE)

    def get_state(self, connection_id: str) -> ConnectionState:
        """The sync state, by stream (``state/get``)."""
        return self._transport.call("state/get", {"connectionId": connection_id}, ConnectionState)

    def sync(self, connection_id: str) -> JobRead | None:
        """Start a sync; ``ConflictError`` when one is running (``connections/sync``)."""
        return self._job("connections/sync", {"connectionId": connection_id})

    def clear(self, connection_id: str) -> JobRead | None:
        """Empty the tables of every stream and forget all state (``connections/clear``, 0.57.3 on)."""
        return self._job("connections/clear", {"connectionId": connection_id})

    def reset(self, connection_id: str) -> JobRead | None:
        """As ``clear``, by the older name (``connections/reset``)."""
        return self._job("connections/reset", {"connectionId": connection_id})

    def clear_streams(self, connection_id: str, streams: Iterable[StreamDescriptor]) -> JobRead | None:
        """Empty the tables of some streams and forget their state (``connections/clear/stream``, 0.57.3 on)."""
        return self._job("connections/clear/stream", {"connectionId": connection_id, "streams": _stream_ids(streams)})

    def reset_streams(self, connection_id: str, streams: Iterable[StreamDescriptor]) -> JobRead | None:
        """As ``clear_streams``, by the older name (``connections/reset/stream``, 0.42.0 on)."""
        return self._job("connections/reset/stream", {"connectionId": connection_id, "streams": _stream_ids(streams)})

    def refresh_streams(
        self, connection_id: str, streams: Iterable[StreamDescriptor], mode: RefreshMode
    ) -> JobRead | None:
        """Read some streams from the start (``connections/refresh``, 0.57.2 on; with a mode 0.59.0 on).

        Answers ``None`` where no job was started: the destination cannot refresh, or another job is running; also on
        servers before 1.2.0, which do not name the job.
        """
        body = {"connectionId": connection_id, "refreshMode": mode.value, "streams": _stream_ids(streams)}
        check(self.capabilities, iter([("refresh.refreshMode", "refreshMode")]), "connections/refresh")
        return self._job("connections/refresh", body)

    def list_jobs(self, connection_id: str, *, limit: int = 20) -> list[JobWithAttempts]:
        """The newest syncs, resets and refreshes of a connection, newest first (``jobs/list``)."""
        body = {
            # An unknown word is a 400 on servers that do not have it yet.
            "configTypes": [
                kind.value for kind in _REPLICATION if self.capabilities.has(f"jobConfigType.{kind.value}")
            ],
            "configId": connection_id,
            "pagination": {"pageSize": limit, "rowOffset": 0},
        }
        return self._transport.call("jobs/list", body, _Jobs).jobs

    def get_job(self, job_id: int) -> JobWithAttempts:
        """One job with its attempts (``jobs/get``)."""
        return self._transport.call("jobs/get", {"id": job_id}, JobWithAttempts)

    def cancel_job(self, job_id: int) -> JobRead | None:
        """Cancel a job; what it has committed stays, and one that has ended is left as it is (``jobs/cancel``)."""
        return self._transport.call("jobs/cancel", {"id": job_id}, _JobInfo, Kind.WRITE).job

    def _job(self, operation: str, body: dict[str, Any]) -> JobRead | None:
        # Each of these starts one more job when sent twice, so none is repeated blindly.
        answer = self._transport.call(operation, body, _JobInfo, Kind.CREATE)
        return answer.job


def _stream_ids(streams: Iterable[StreamDescriptor]) -> list[dict[str, str]]:
    return [
        {"streamName": stream.name} | ({} if stream.namespace is None else {"streamNamespace": stream.namespace})
        for stream in sorted(streams, key=lambda stream: stream.key)
    ]
