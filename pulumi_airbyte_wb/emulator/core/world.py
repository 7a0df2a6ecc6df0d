"""The world file: what a server holds when it starts."""

import uuid
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from pulumi_airbyte_wb.models.enums import DestinationSyncMode, SyncMode

_NAMESPACE = uuid.UUID("6f4e1d3a-9a3f-5c0e-9a61-0c6d0d5d7a10")

# what a column may be called in a world file, and the JSON schema that a source reports for it
COLUMN_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": ["null", "string"]},
    "integer": {"type": ["null", "integer"]},
    "number": {"type": ["null", "number"]},
    "boolean": {"type": ["null", "boolean"]},
    "date": {"type": ["null", "string"], "format": "date"},
    "timestamp": {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"},
    "object": {"type": ["null", "object"], "properties": {}},
    "array": {"type": ["null", "array"], "items": {}},
}


def made_id(*parts: str) -> str:
    """Return the id of a thing that the world file names without an id: always the same for the same name."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


class SourceKind(StrEnum):
    """How a source reads (rows.md §1)."""

    SQL = "sql"
    CDC = "cdc"
    API = "api"


class Boundary(StrEnum):
    """Which rows at the stored cursor value come again (rows.md §1.2, §6 rule 3)."""

    GT = "gt"
    GE = "ge"
    GE_LOOKBACK = "ge_lookback"


class Family(StrEnum):
    """How a destination writes (rows.md §2)."""

    DIRECT_LOAD = "direct-load"
    TYPING_DEDUPING = "typing-deduping"
    NORMALIZATION = "normalization"


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", use_enum_values=True)


class Workspace(_Part):
    """A workspace."""

    name: str
    workspace_id: uuid.UUID | None = None

    @property
    def id(self) -> str:
        """The workspace's id, given or made from its name."""
        return str(self.workspace_id or made_id("workspace", self.name))


class Stream(_Part):
    """A stream of a source: its schema, its modes and its rows."""

    name: str
    namespace: str | None = None
    columns: dict[str, str | dict[str, Any]] = Field(default_factory=dict)
    json_schema: dict[str, Any] | None = None
    supported_sync_modes: list[SyncMode] = Field(default_factory=lambda: [SyncMode.FULL_REFRESH, SyncMode.INCREMENTAL])
    source_defined_cursor: bool | None = None
    default_cursor_field: list[str] = Field(default_factory=list)
    source_defined_primary_key: list[list[str]] = Field(default_factory=list)
    is_resumable: bool | None = None
    rows: list[dict[str, Any]] = Field(default_factory=list)

    @field_validator("columns")
    @classmethod
    def _known_types(cls, columns: dict[str, str | dict[str, Any]]) -> dict[str, str | dict[str, Any]]:
        for name, kind in columns.items():
            if isinstance(kind, str) and kind not in COLUMN_TYPES:
                raise ValueError(
                    f"column {name} has type '{kind}': use one of {', '.join(COLUMN_TYPES)}, or a JSON schema"
                )
        return columns

    @model_validator(mode="after")
    def _one_schema(self) -> "Stream":
        if self.json_schema is not None and self.columns:
            raise ValueError("give columns or jsonSchema, not both")
        return self

    @property
    def schema_of_rows(self) -> dict[str, Any]:
        """The JSON schema that discovery reports."""
        if self.json_schema is not None:
            return self.json_schema
        return {
            "type": "object",
            "properties": {
                name: dict(COLUMN_TYPES[kind]) if isinstance(kind, str) else kind for name, kind in self.columns.items()
            },
        }


class Definition(_Part):
    """The connector of a source or destination."""

    name: str | None = None
    definition_id: uuid.UUID | None = None
    docker_repository: str | None = None
    docker_image_tag: str = "1.0.0"


class _Actor(_Part):
    name: str
    workspace: str | None = None
    definition: Definition = Field(default_factory=Definition)
    configuration: dict[str, Any] = Field(default_factory=dict)


class Source(_Actor):
    """A source."""

    source_id: uuid.UUID | None = None
    kind: SourceKind = SourceKind.SQL
    boundary: Boundary = Boundary.GT
    lookback: float = 0
    delete_events: Literal["key", "row"] = "key"
    legacy_state: bool = False
    streams: list[Stream] = Field(default_factory=list)

    @property
    def id(self) -> str:
        """The source's id, given or made from its name."""
        return str(self.source_id or made_id("source", self.name))

    @model_validator(mode="after")
    def _distinct_streams(self) -> "Source":
        seen: set[tuple[str | None, str]] = set()
        for stream in self.streams:
            key = (stream.namespace, stream.name)
            if key in seen:
                raise ValueError(f"stream {stream.name} stands twice: give every stream of a source a name of its own")
            seen.add(key)
        return self


class Destination(_Actor):
    """A destination and what it can do."""

    destination_id: uuid.UUID | None = None
    family: Family = Family.DIRECT_LOAD
    engine: Literal["merge", "delete", "background"] | None = None
    null_keys: Literal["null-safe", "postgres"] = "null-safe"
    hard_deletes: bool = True
    failing_casts: bool = True
    supports_refreshes: bool | None = None
    supported_destination_sync_modes: list[DestinationSyncMode] | None = None
    default_namespace: str | None = "public"

    @property
    def id(self) -> str:
        """The destination's id, given or made from its name."""
        return str(self.destination_id or made_id("destination", self.name))

    @model_validator(mode="after")
    def _engine_of_family(self) -> "Destination":
        engines = {
            Family.DIRECT_LOAD: ("merge", "background"),
            Family.TYPING_DEDUPING: ("delete", "merge"),
            Family.NORMALIZATION: (),
        }[Family(self.family)]
        if self.engine is not None and self.engine not in engines:
            wanted = " or ".join(engines) if engines else "no engine"
            raise ValueError(f"engine '{self.engine}' does not exist in family {self.family}: use {wanted}")
        return self


class ConnectionStream(_Part):
    """A selected stream of a connection that is there from the start."""

    name: str
    namespace: str | None = None
    sync_mode: SyncMode = SyncMode.FULL_REFRESH
    destination_sync_mode: DestinationSyncMode = DestinationSyncMode.OVERWRITE
    cursor_field: list[str] = Field(default_factory=list)
    primary_key: list[list[str]] = Field(default_factory=list)


class Connection(_Part):
    """A connection that is there from the start."""

    name: str
    connection_id: uuid.UUID | None = None
    source: str
    destination: str
    status: Literal["active", "inactive"] = "active"
    prefix: str | None = None
    streams: list[ConnectionStream] | Literal["all"] = "all"

    @property
    def id(self) -> str:
        """The connection's id, given or made from its name."""
        return str(self.connection_id or made_id("connection", self.name))


class Auth(_Part):
    """How callers prove who they are (semantics §12)."""

    mode: Literal["none", "basic", "bearer", "client-credentials"] = "none"
    username: str = "airbyte"
    password: str = "password"  # noqa: S105 - Airbyte's own default
    token: str = "emulator-token"  # noqa: S105 - a simulated secret
    client_id: str = "emulator-client"
    client_secret: str = "emulator-secret"  # noqa: S105 - a simulated secret
    token_lifetime: float | None = None


class Pace(_Part):
    """How long things take, in seconds of the virtual clock, and how fast that clock runs."""

    speed: float = Field(default=20, ge=0)
    queued: float = Field(default=2, ge=0)
    starting: float = Field(default=10, ge=0)
    per_stream: float = Field(default=3, ge=0)
    records_per_second: float = Field(default=500, gt=0)
    finishing: float = Field(default=3, ge=0)
    attempts: int = Field(default=1, ge=1)


class World(_Part):
    """Everything in a world file."""

    workspaces: list[Workspace] = Field(default_factory=lambda: [Workspace(name="Default")])
    sources: list[Source] = Field(default_factory=list)
    destinations: list[Destination] = Field(default_factory=list)
    connections: list[Connection] = Field(default_factory=list)
    auth: Auth = Field(default_factory=Auth)
    pace: Pace = Field(default_factory=Pace)
    shuffle: bool = False

    @model_validator(mode="after")
    def _names_resolve(self) -> "World":
        workspaces = {workspace.name for workspace in self.workspaces}
        for kind, actors in (("source", self.sources), ("destination", self.destinations)):
            for actor in actors:
                if actor.workspace is None and len(workspaces) != 1:
                    raise ValueError(
                        f"{kind} {actor.name} names no workspace: name one of {', '.join(sorted(workspaces))}"
                    )
                if actor.workspace is not None and actor.workspace not in workspaces:
                    raise ValueError(
                        f"{kind} {actor.name} is in workspace '{actor.workspace}', which the file does not have"
                    )
        sources = {source.name: source for source in self.sources}
        destinations = {destination.name for destination in self.destinations}
        for connection in self.connections:
            if connection.source not in sources:
                raise ValueError(
                    f"connection {connection.name} has source '{connection.source}', which the file does not have"
                )
            if connection.destination not in destinations:
                raise ValueError(
                    f"connection {connection.name} has destination '{connection.destination}', "
                    "which the file does not have"
                )
            known = {(stream.namespace, stream.name) for stream in sources[connection.source].streams}
            for stream in connection.streams if connection.streams != "all" else ():
                if not isinstance(stream, str) and (stream.namespace, stream.name) not in known:
                    raise ValueError(
                        f"connection {connection.name} has stream '{stream.name}', which its source does not have"
                    )
        return self
