"""What a program declares of a connection, read from inputs and written back in its one canonical form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_airbyte_wb.catalog.selectors import is_pattern, matches
from pulumi_airbyte_wb.catalog.streams import Streams, StreamSpec
from pulumi_airbyte_wb.catalog.validate import check_declared
from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan.changes import What
from pulumi_airbyte_wb.plan.fields import FIELDS, Value
from pulumi_airbyte_wb.plan.inputs import flag, mapping, names, noted, one_of, stream_key, text, uuid
from pulumi_airbyte_wb.plan.notes import (
    NOTES,
    Ordered,
    Required,
    read_ordered,
    read_required,
    read_retired,
    read_schema,
    read_streams,
)
from pulumi_airbyte_wb.plan.record import damaged
from pulumi_airbyte_wb.plan.resets import OnDelete, OnRemove, Resets, SchemaChanges, read_resets

_IDS = {
    "source_id": "find it by get_source(name=…)",
    "destination_id": "find it by get_destination(name=…)",
    "connection_id": "find it by get_connection(name=…)",
}


@dataclass(frozen=True)
class Shape:
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


CONTROL = (
    *("adopt", "allow_replace", "on_delete", "on_remove", "resets", "schema_changes", "server"),
    "with_refreshed_catalog",
)
"""Inputs that say how to work, not what to declare."""

DERIVED = ("patterns", *NOTES)
"""Inputs that are made from what a program declares, and are as secret as that is."""

SECRET = ("secret_inputs", "secret_streams")
"""Inputs in which the resource class says what is secret."""

COMPUTED = ("planned", "recorded", *NOTES, "resource_urn", "control", *SECRET, "__provider")
"""Inputs that the provider, the resource class or the engine fills in."""

_WITHOUT_VALUES = frozenset(
    {
        *(What.REMOVED, What.DROPPED_BY_SOURCE, What.ACTIVATED),
        *(What.CLEARED_WITH, What.RESET_TOO, What.RELEASED),
    }
)

CONNECTION = Shape(
    "Connection",
    ("source_id", "destination_id"),
    (
        *("source_id", "destination_id", "streams", "patterns", "exclusive", *FIELDS),
        *("adopt", "allow_replace", "on_remove", "resets", "schema_changes", "server"),
    ),
)
CATALOG = Shape(
    "Catalog",
    ("connection_id",),
    (
        *("connection_id", "streams", "patterns", "exclusive"),
        *("on_delete", "on_remove", "resets", "schema_changes", "server", "with_refreshed_catalog"),
    ),
)


@dataclass(frozen=True)
class Declaration:
    """A declared connection, or the declared streams of one.

    Args:
        source_id: the source, ``None`` while an engine does not know it yet.
        destination_id: the destination, ``None`` while it is not known.
        connection_id: the connection whose streams a ``Catalog`` declares.
        fields: the declared connection-level fields in canonical form, by name.
        streams: the declared streams, those that patterns named included; ``None`` where the program declares none.
        patterns: the declared patterns as written.
        unsettled: streams whose live configuration differs although no re-sync was seen: what is live (see ``read``).
        others: streams of the connection that are not this program's, as a refresh found them.
        naming: fields that decide table names and are not declared, as the connection has them; so too the status of
            one that is inactive, and a name that is not the resource's.
        owed: streams that must be re-synced once the connection is active: as they were when their rows were written.
        retired: streams that left this connection, as they were when they left; an empty line is not known.
        columns: what columns the streams had that left, as ``columns_digest`` has it.
        parted: columns that the source took away, by stream: a table has them until its next sync.
        schema: what a refresh has found to be different at the source, by stream, where the program takes that over.
        queued: what Airbyte does to streams on its own when the inactive connection is activated: ``clear``, ``merge``.
        ordered: streams whose replacement was ordered and not seen to succeed.
        due: streams whose rows have to be replaced whatever their lines say.
        legacy: whether the sync state is of the old kind, so that a reset of one stream empties them all.
        left: the tables, ``namespace.name``, that a changed prefix or namespace left behind.
        unknown: the inputs whose values an engine does not know yet.
        secret: the inputs whose values no message may show.
        secret_streams: the streams and patterns whose lines no message may show.
    """

    source_id: str | None
    destination_id: str | None
    fields: Mapping[str, Value] = field(default_factory=dict)
    streams: Mapping[StreamDescriptor, StreamSpec] | None = None
    patterns: Mapping[str, StreamSpec] = field(default_factory=dict)
    unsettled: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    others: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    naming: Mapping[str, str] = field(default_factory=dict)
    owed: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    retired: Mapping[StreamDescriptor, StreamSpec | None] = field(default_factory=dict)
    columns: Mapping[StreamDescriptor, str] = field(default_factory=dict)
    parted: Mapping[StreamDescriptor, tuple[str, ...]] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    schema: Mapping[StreamDescriptor, tuple[str, ...]] = field(default_factory=dict)
    queued: Mapping[StreamDescriptor, str] = field(default_factory=dict)
    ordered: Mapping[StreamDescriptor, Ordered] = field(default_factory=dict)
    due: Mapping[StreamDescriptor, Required] = field(default_factory=dict)
    legacy: bool = False
    exclusive: bool = False
    resets: Resets = field(default_factory=Resets)
    on_remove: OnRemove = OnRemove.KEEP
    adopt: str | None = None
    allow_replace: bool = False
    server: str = ""
    on_delete: OnDelete = OnDelete.KEEP
    schema_changes: SchemaChanges = SchemaChanges.KEEP
    with_refreshed_catalog: bool = False
    unknown: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    secret_streams: frozenset[str] = frozenset()
    connection_id: str | None = None
    shape: Shape = CONNECTION

    def record(self) -> dict[str, Any]:
        """What two declarations are compared by, as JSON: everything that describes the connection itself."""
        record: dict[str, Any] = {name: getattr(self, name) for name in self.shape.ids}
        record |= {name: _plain(value) for name, value in sorted(self.fields.items())}
        if self.streams is not None:
            record["streams"] = lines(self.streams)
        if self.patterns:
            record["patterns"] = {pattern: self.patterns[pattern].line for pattern in sorted(self.patterns)}
        if self.unsettled:
            record["unsettled"] = lines(self.unsettled)
        if self.owed:
            record["owed"] = lines(self.owed)
        if self.others:
            record["others"] = lines(self.others)
        if self.naming:
            record["naming"] = dict(sorted(self.naming.items()))
        if self.retired:
            record["retired"] = {
                stream.key: spec.line if spec else ""
                for stream, spec in sorted(self.retired.items(), key=lambda item: item[0].key)
            }
        if self.columns:
            record["columns"] = dict(sorted((stream.key, digest) for stream, digest in self.columns.items()))
        if self.parted:
            record["parted"] = dict(sorted((stream.key, list(columns)) for stream, columns in self.parted.items()))
        if self.left:
            record["left"] = sorted(self.left)
        if self.schema:
            record["schema"] = dict(sorted((stream.key, list(notes)) for stream, notes in self.schema.items()))
        if self.queued:
            record["queued"] = dict(sorted((stream.key, word) for stream, word in self.queued.items()))
        if self.ordered:
            record["ordered"] = _records(self.ordered)
        if self.due:
            record["due"] = _records(self.due)
        if self.legacy:
            record["legacy"] = True
        if self.exclusive:
            record["exclusive"] = True
        if self.server:
            record["server"] = self.server
        return record

    @property
    def paused(self) -> bool:
        """Whether the connection is inactive, as declared or as noted: its jobs would be cancelled."""
        return self.fields.get("status", self.naming.get("status")) == ConnectionStatus.INACTIVE

    @property
    def unfinished(self) -> set[StreamDescriptor]:
        """The streams whose rows have still to be replaced, or were not seen to be."""
        return {*self.owed, *self.due, *self.ordered}

    def hides(self, stream: StreamDescriptor, what: What, before: Declaration | None = None) -> bool:
        """Whether the values of a change are secret, now or as they were declared before."""
        sides = [each for each in (self, before) if each is not None]
        if what in {What.FIELDS, What.RENAMED_OUTSIDE}:
            return any({"namespace_definition", "namespace_format", "prefix"} & each.secret for each in sides)
        return what not in _WITHOUT_VALUES and any(each.hides_stream(stream) for each in sides)

    def hides_stream(self, stream: StreamDescriptor) -> bool:
        """Whether the line of a stream is secret."""
        if "streams" in self.secret or stream.key in self.secret_streams:
            return True
        return any(is_pattern(key) and matches(key, stream) for key in self.secret_streams)


@dataclass(frozen=True)
class Reading:
    """A declaration read from inputs, with everything that is wrong in it."""

    declaration: Declaration
    problems: tuple[DeclarationError, ...]


def read_inputs(
    inputs: Mapping[str, Any],
    unknown: frozenset[str] = frozenset(),
    shape: Shape = CONNECTION,
    *,
    recorded: bool = False,
) -> Reading:
    """Read a resource's inputs, from a program or from state.

    Args:
        inputs: the property bag; keys with ``None`` count as absent.
        unknown: the top-level inputs whose value is not known yet; what ``inputs`` has for them is not looked at.
        shape: what the resource may declare.
        recorded: whether the inputs come from state: a refresh notes what another tool or person gave the server,
            which may be what no program of ours could declare.
    """
    problems: list[DeclarationError] = []
    given = {name: value for name, value in inputs.items() if value is not None and name not in unknown}

    def take(name: str, canonical: Any, default: Any = None) -> Any:
        if name not in given:
            return default
        try:
            return canonical(given[name], name)
        except DeclarationError as problem:
            if recorded and name in FIELDS and isinstance(given[name], str):
                return given[name]
            problems.append(problem)
            return default

    problems += [
        DeclarationError(name, given[name], f"is not a property of a {shape.name}", nearest(name, shape.inputs))
        for name in sorted(set(given) - set(shape.inputs) - set(COMPUTED))
    ]
    problems += [
        DeclarationError(name, "nothing", f"is declared, but every {shape.name} needs one", _IDS[name])
        for name in shape.ids
        if name not in given and name not in unknown
    ]
    if given.get("name") == "":
        problems.append(DeclarationError("name", "", "is empty", "leave it out to use the resource's name"))
    if "namespace_format" in given and given.get("namespace_definition", "customformat") != "customformat":
        problems.append(
            DeclarationError(
                "namespace_format",
                given["namespace_format"],
                f"has no use with namespace_definition {given['namespace_definition']!r}",
                "declare namespace_definition 'customformat', or leave the format out",
            )
        )
    formatted = "namespace_format" in unknown or given.get("namespace_format")
    if given.get("namespace_definition") == "customformat" and not formatted:
        problems.append(
            DeclarationError(
                "namespace_definition",
                "customformat",
                "needs a namespace_format",
                "declare one, for example '${SOURCE_NAMESPACE}_raw'",
            )
        )
    declared, patterns = take("streams", _streams, (None, {}))
    recorded_patterns = take("patterns", _patterns, {})
    declaration = Declaration(
        source_id=take("source_id", uuid),
        destination_id=take("destination_id", uuid),
        connection_id=take("connection_id", uuid),
        fields={name: value for name in FIELDS if (value := take(name, FIELDS[name].canonical)) is not None},
        streams=declared if declared is not None or not (patterns or recorded_patterns) else {},
        patterns=patterns | recorded_patterns,
        unsettled=take("unsettled", read_streams, {}),
        owed=take("owed", read_streams, {}),
        others=take("others", read_streams, {}),
        naming=take("naming", noted, {}),
        secret=frozenset(take("secret_inputs", names, ())),
        secret_streams=frozenset(map(_canonical, take("secret_streams", names, ()))),
        retired=take("retired", read_retired, {}),
        columns={stream_key(key, "columns"): digest for key, digest in take("columns", noted, {}).items()},
        parted=take("parted", read_schema, {}),
        left=frozenset(take("left", names, ())),
        schema=take("schema", read_schema, {}),
        queued={stream_key(key, "queued"): word for key, word in take("queued", noted, {}).items()},
        ordered=take("ordered", read_ordered, {}),
        due=take("due", read_required, {}),
        legacy=take("legacy", flag, False),
        exclusive=take("exclusive", flag, False),
        resets=take("resets", read_resets, Resets()),
        on_remove=take("on_remove", one_of(OnRemove), OnRemove.KEEP),
        adopt=take("adopt", uuid),
        allow_replace=take("allow_replace", flag, False),
        server=take("server", text, ""),
        on_delete=take("on_delete", one_of(OnDelete), OnDelete.KEEP),
        schema_changes=take("schema_changes", one_of(SchemaChanges), SchemaChanges.KEEP),
        with_refreshed_catalog=take("with_refreshed_catalog", flag, False),
        unknown=unknown,
        shape=shape,
    )
    return Reading(declaration, tuple(problems))


def problems_of(declaration: Declaration) -> Iterator[DeclarationError]:
    """What a program says of its streams that cannot be, whatever the source offers."""
    for stream, spec in (declaration.streams or {}).items():
        yield from check_declared(spec, f'streams["{stream}"]')
    for pattern, spec in declaration.patterns.items():
        yield from check_declared(spec, f'streams["{pattern}"]')


def read_state(inputs: Mapping[str, Any], shape: Shape = CONNECTION) -> Declaration:
    """Read what state holds: inputs that a check once returned, or a packed record.

    Raises:
        PlanError: they cannot be read, so that nothing may be concluded from them.
    """
    reading = read_inputs(inputs, shape=shape, recorded=True)
    if reading.problems:
        raise damaged(reading.problems[0])
    return reading.declaration


def lines(streams: Mapping[StreamDescriptor, StreamSpec]) -> dict[str, str]:
    """The canonical lines by stream key, in the keys' order."""
    return dict(sorted((stream.key, spec.line) for stream, spec in streams.items()))


def _streams(value: object, path: str) -> tuple[Streams, dict[str, StreamSpec]]:
    streams: Streams = {}
    patterns: dict[str, StreamSpec] = {}
    for key, line in mapping(value, path).items():
        where = f'{path}["{key}"]'
        spec = StreamSpec.parse(text(line, where, longest=65_536), where)
        if is_pattern(key):
            patterns[key] = spec
        else:
            stream = stream_key(key, path)
            if stream in streams:
                raise DeclarationError(where, key, "is declared twice", "keep one of them")
            streams[stream] = spec
    return streams, patterns


def _patterns(value: object, path: str) -> dict[str, StreamSpec]:
    return {
        key: StreamSpec.parse(text(line, f'{path}["{key}"]', longest=65_536), f'{path}["{key}"]')
        for key, line in mapping(value, path).items()
    }


def _canonical(key: str) -> str:
    """The one form of a stream's name; a pattern, or what is neither, as it is."""
    try:
        return key if is_pattern(key) else StreamDescriptor.parse(key).key
    except ValueError:
        return key


def _records(noted: Mapping[StreamDescriptor, Required | Ordered]) -> dict[str, Any]:
    return {stream.key: each.record() for stream, each in sorted(noted.items(), key=lambda item: item[0].key)}


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
