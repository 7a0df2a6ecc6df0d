"""What a program says of a connection, or of the streams of one, read from inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import What
from pulumi_airbyte_wb.spec.fields import FIELDS, Value
from pulumi_airbyte_wb.spec.patterns import is_pattern, matches
from pulumi_airbyte_wb.spec.resets import OnDelete, OnRemove, Resets, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec


@dataclass(frozen=True)
class ResourceKind:
    """What a resource may declare.

    Args:
        name: the resource's name in messages.
        ids: the inputs that say what it is about; all are required.
        inputs: every input that a program may give.
    """

    name: str
    ids: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """What a program may give; patterns stand among its streams."""
        return tuple(name for name in self.inputs if name != "patterns")


_WITHOUT_VALUES = frozenset(
    {
        *(What.REMOVED, What.DROPPED_BY_SOURCE, What.ACTIVATED),
        *(What.CLEARED_WITH, What.RESET_TOO, What.RELEASED),
    }
)

CONNECTION = ResourceKind(
    "Connection",
    ("source_id", "destination_id"),
    (
        *("source_id", "destination_id", "streams", "patterns", "exclusive", *FIELDS),
        *("adopt", "allow_replace", "on_remove", "resets", "schema_changes", "server"),
    ),
)
CATALOG = ResourceKind(
    "Catalog",
    ("connection_id",),
    (
        *("connection_id", "streams", "patterns", "exclusive"),
        *("on_delete", "on_remove", "resets", "schema_changes", "server", "with_refreshed_catalog"),
    ),
)


@dataclass(frozen=True)
class Options:
    """How a resource is worked on: what is not compared with the live connection.

    Args:
        resets: how changes that call for a re-sync are decided and carried out.
        on_remove: what becomes of the table of a stream that leaves.
        on_delete: what becomes of the streams of a ``Catalog`` that is deleted.
        adopt: the connection that is taken over instead of creating one.
        allow_replace: whether another source or destination may replace the connection.
        schema_changes: whose schema the connection has.
        with_refreshed_catalog: whether a refresh asks the source for its schema.
        server: the name of a further server of the stack's configuration; empty for the stack's own.
    """

    resets: Resets = field(default_factory=Resets)
    on_remove: OnRemove = OnRemove.KEEP
    on_delete: OnDelete = OnDelete.KEEP
    adopt: str | None = None
    allow_replace: bool = False
    schema_changes: SchemaChanges = SchemaChanges.KEEP
    with_refreshed_catalog: bool = False
    server: str = ""


@dataclass(frozen=True)
class ConnectionSpec:
    """What a program says of a connection, or of the streams of one; no more.

    Args:
        kind: the kind of resource that says it.
        source_id: the source, ``None`` while an engine does not know it yet.
        destination_id: the destination, ``None`` while it is not known.
        connection_id: the connection whose streams a ``Catalog`` declares.
        fields: the declared connection-level fields in canonical form, by name.
        streams: the declared streams, those that patterns named included; ``None`` where the program declares none.
        patterns: the declared patterns as written.
        exclusive: whether streams that are not declared are taken out.
        options: how the resource is worked on.
        unknown: the inputs whose values an engine does not know yet.
        secret: the inputs whose values no message may show.
        secret_streams: the streams and patterns whose lines no message may show.
    """

    source_id: str | None = None
    destination_id: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    streams: Mapping[StreamDescriptor, StreamSpec] | None = None
    patterns: Mapping[str, StreamSpec] = field(default_factory=dict)
    exclusive: bool = False
    options: Options = field(default_factory=Options)
    unknown: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    secret_streams: frozenset[str] = frozenset()
    connection_id: str | None = None
    kind: ResourceKind = CONNECTION

    def record(self) -> dict[str, Any]:
        """What two of them are compared by, as JSON: everything that describes the connection itself."""
        record: dict[str, Any] = {name: getattr(self, name) for name in self.kind.ids}
        record |= {name: plain_value(value) for name, value in sorted(self.fields.items())}
        if self.streams is not None:
            record["streams"] = lines(self.streams)
        if self.patterns:
            record["patterns"] = {pattern: self.patterns[pattern].line for pattern in sorted(self.patterns)}
        if self.exclusive:
            record["exclusive"] = True
        if self.options.server:
            record["server"] = self.options.server
        return record

    def hides(self, stream: StreamDescriptor, what: What, before: ConnectionSpec | None = None) -> bool:
        """Whether the values of a change are secret, now or as they were declared before."""
        sides = [each for each in (self, before) if each is not None]
        if what in {What.FIELDS, What.RENAMED_OUTSIDE, What.RENAMED_UNFILLED}:
            return any({"namespace_definition", "namespace_format", "prefix"} & each.secret for each in sides)
        return what not in _WITHOUT_VALUES and any(each.hides_stream(stream) for each in sides)

    def hides_stream(self, stream: StreamDescriptor) -> bool:
        """Whether the line of a stream is secret."""
        if "streams" in self.secret or stream.key in self.secret_streams:
            return True
        return any(is_pattern(key) and matches(key, stream) for key in self.secret_streams)


def lines(streams: Mapping[StreamDescriptor, StreamSpec]) -> dict[str, str]:
    """The canonical lines by stream key, in the keys' order."""
    return dict(sorted((stream.key, spec.line) for stream, spec in streams.items()))


def plain_value(value: Value) -> Any:
    """A field's value as JSON."""
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
