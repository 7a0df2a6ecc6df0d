"""What a program declares of a connection, read from inputs and written back in its one canonical form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from pulumi_airbyte_wb.catalog.selectors import is_pattern
from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.catalog.validate import check_declared
from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan.fields import FIELDS, Value, flag, text, uuid
from pulumi_airbyte_wb.plan.record import damaged

Streams = dict[StreamDescriptor, StreamSpec]
_FORM = {"streams": "write {'public.users': 'full_refresh_overwrite'}", "resets": "write {'default': …}"}
_IDS = {
    "source_id": "find it by get_source(name=…)",
    "destination_id": "find it by get_destination(name=…)",
    "connection_id": "find it by get_connection(name=…)",
}
_CODE = re.compile(r"AWB\d{3}")
_RUN = re.compile(r"once(:\S+)?")


class Policy(StrEnum):
    """What a program wants done where a change would call for a re-read, or is refused.

    ``auto`` follows the table, ``skip`` leaves the rows as they are, ``refuse`` stops the preview. ``reset`` replaces
    the rows by the cheapest means; ``merge``, ``truncate`` and ``clear`` name the means: ``merge`` keeps old rows
    readable meanwhile, and doubles those of a stream that appends. ``server`` sends the change without ``skipReset``,
    so that Airbyte does what it does by default.
    """

    AUTO = "auto"
    SKIP = "skip"
    RESET = "reset"
    MERGE = "merge"
    TRUNCATE = "truncate"
    CLEAR = "clear"
    REFUSE = "refuse"
    SERVER = "server"


class Wait(StrEnum):
    """How long an update waits: until its jobs are accepted, until they ended, or until the tables are filled."""

    ACCEPTED = "accepted"
    JOB = "job"
    FILLED = "filled"


class AfterClear(StrEnum):
    """Who fills a table that was cleared: a sync that the update starts, or the schedule's next one."""

    SYNC = "sync"
    SCHEDULE = "schedule"


class Running(StrEnum):
    """What happens to a sync that runs when an update has streams to read again.

    ``leave`` leaves it to Airbyte, which cancels it for a clear and lets a refresh wait for the next job.
    """

    LEAVE = "leave"
    WAIT = "wait"
    CANCEL = "cancel"


class Family(StrEnum):
    """How a destination builds its tables (rows.md §2); unknown is taken for the worst of them."""

    DIRECT_LOAD = "direct_load"
    TYPING_DEDUPING = "typing_deduping"
    NORMALIZATION = "normalization"
    UNKNOWN = "unknown"


class OnRemove(StrEnum):
    """What happens to the table of a stream that is declared no longer."""

    KEEP = "keep"
    CLEAR = "clear"


class SchemaChanges(StrEnum):
    """What happens when the source's schema is not the connection's any more: nothing, or a planned update."""

    KEEP = "keep"
    ACCEPT = "accept"


class OnDelete(StrEnum):
    """What happens to the streams of a ``Catalog`` that is deleted."""

    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True)
class Permit:
    """Leave to replace the rows of one stream where the table refuses, for one code.

    Args:
        stream: which stream, by its key.
        code: the row that refuses, for example ``AWB210``.
        until: the last day in UTC; ``None`` for a permission for one run.
        run: what tells permissions for one run apart: ``once``, or ``once:`` and a word of the program's.
    """

    stream: str
    code: str
    until: dt.date | None
    run: str = ""


@dataclass(frozen=True)
class Resets:
    """How changes that need a re-read are decided and carried out; changing that alone changes no connection.

    ``spent`` are permissions for one run that an earlier run was given.
    """

    default: Policy = Policy.AUTO
    overrides: Mapping[StreamDescriptor, Policy] = field(default_factory=dict)
    permits: frozenset[Permit] = frozenset()
    spent: frozenset[Permit] = frozenset()
    backfill: bool = False
    wait: Wait = Wait.ACCEPTED
    after_clear: AfterClear = AfterClear.SYNC
    running: Running = Running.LEAVE
    timeout_minutes: int = 60
    family: Family = Family.UNKNOWN

    def policy(self, stream: StreamDescriptor) -> Policy:
        """The policy for one stream."""
        return self.overrides.get(stream, self.default)

    def permitted(self, stream: StreamDescriptor, code: str) -> bool:
        """Whether a permission covers this effect today, and in this run."""
        today = dt.datetime.now(dt.UTC).date()
        return any(
            (permit.stream, permit.code) == (stream.key, code) and (permit.until is None or today <= permit.until)
            for permit in self.permits - self.spent
        )

    def after(self, earlier: Resets) -> Resets:
        """These, once an earlier run was given those: its permissions for one run are spent."""
        return replace(self, spent=frozenset(permit for permit in earlier.permits if permit.run))


@dataclass(frozen=True)
class Ordered:
    """A replacement of a stream's rows that is on its way.

    Args:
        after: the newest job of the connection when it was ordered.
        why: the code that called for it, and the change in words.
    """

    after: int
    why: str

    @property
    def line(self) -> str:
        """As state keeps it."""
        return f"{self.after} {self.why}"


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

NOTES = ("retired", "left", "unsettled", "owed", "others", "naming", "schema", "queued", "legacy", "ordered", "due")
"""Inputs in which a check or a refresh notes what a later check has to know."""

DERIVED = ("planned", "patterns", *NOTES)
"""Inputs that are made from what a program declares, and are as secret as that is."""

COMPUTED = ("planned", "recorded", *NOTES, "resource_urn", "control", "secret_inputs", "__provider")
"""Inputs that the provider, the resource class or the engine fills in."""

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
        unsettled: streams whose live configuration differs although no re-read was seen: what is live (see ``read``).
        others: streams of the connection that are not this program's, as a refresh found them.
        naming: fields that decide table names and are not declared, as the connection has them.
        owed: streams that must be read again once the connection is active: as they were when their rows were written.
        retired: streams that left this connection, as they were when they left; an empty line is not known.
        schema: what a refresh has found to be different at the source, by stream, where the program takes that over.
        queued: what Airbyte does to streams by itself when the inactive connection is activated: ``clear``, ``merge``.
        ordered: streams whose replacement was ordered and not seen to succeed.
        due: streams whose rows have to be replaced whatever their lines say, with the code and the change in words.
        legacy: whether the sync state is of the old kind, so that a reset of one stream empties them all.
        left: the tables, ``namespace.name``, that a changed prefix or namespace left behind.
        unknown: the inputs whose values an engine does not know yet.
        secret: the inputs whose values no message may show.
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
    left: frozenset[str] = frozenset()
    schema: Mapping[StreamDescriptor, tuple[str, ...]] = field(default_factory=dict)
    queued: Mapping[StreamDescriptor, str] = field(default_factory=dict)
    ordered: Mapping[StreamDescriptor, Ordered] = field(default_factory=dict)
    due: Mapping[StreamDescriptor, str] = field(default_factory=dict)
    legacy: bool = False
    exclusive: bool = False
    resets: Resets = Resets()
    on_remove: OnRemove = OnRemove.KEEP
    adopt: str | None = None
    allow_replace: bool = False
    server: str = ""
    on_delete: OnDelete = OnDelete.KEEP
    schema_changes: SchemaChanges = SchemaChanges.KEEP
    with_refreshed_catalog: bool = False
    unknown: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
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
        if self.left:
            record["left"] = sorted(self.left)
        if self.schema:
            record["schema"] = dict(sorted((stream.key, list(notes)) for stream, notes in self.schema.items()))
        if self.queued:
            record["queued"] = dict(sorted((stream.key, word) for stream, word in self.queued.items()))
        if self.ordered:
            record["ordered"] = dict(sorted((stream.key, order.line) for stream, order in self.ordered.items()))
        if self.due:
            record["due"] = dict(sorted((stream.key, why) for stream, why in self.due.items()))
        if self.legacy:
            record["legacy"] = True
        if self.exclusive:
            record["exclusive"] = True
        if self.server:
            record["server"] = self.server
        return record

    @property
    def paused(self) -> bool:
        """Whether the connection is declared inactive: its jobs would be cancelled."""
        return self.fields.get("status") == ConnectionStatus.INACTIVE


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
        recorded: whether the inputs come from state: a refresh notes what a person or another program gave the server,
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
        unsettled=take("unsettled", _noted, {}),
        owed=take("owed", _noted, {}),
        others=take("others", _noted, {}),
        naming=take("naming", _texts, {}),
        secret=frozenset(take("secret_inputs", _names, ())),
        retired=take("retired", _retired, {}),
        left=frozenset(take("left", _names, ())),
        schema=take("schema", _schema, {}),
        queued={parse_stream_key(key, "queued"): word for key, word in take("queued", _texts, {}).items()},
        ordered=take("ordered", _ordered, {}),
        due={parse_stream_key(key, "due"): why for key, why in take("due", _texts, {}).items()},
        legacy=take("legacy", flag, False),
        exclusive=take("exclusive", flag, False),
        resets=take("resets", _resets, Resets()),
        on_remove=take("on_remove", _word(OnRemove), OnRemove.KEEP),
        adopt=take("adopt", uuid),
        allow_replace=take("allow_replace", flag, False),
        server=take("server", text, ""),
        on_delete=take("on_delete", _word(OnDelete), OnDelete.KEEP),
        schema_changes=take("schema_changes", _word(SchemaChanges), SchemaChanges.KEEP),
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


def parse_stream_key(key: object, path: str) -> StreamDescriptor:
    """A stream's name as a program writes it.

    Raises:
        DeclarationError: it is no text, or a part of it is empty.
    """
    try:
        return StreamDescriptor.parse(text(key, path, longest=65_536))
    except ValueError as error:
        raise DeclarationError(path, key, f"is not a stream's name: it {error}", "write namespace.name") from None


def _streams(value: object, path: str) -> tuple[Streams, dict[str, StreamSpec]]:
    streams: Streams = {}
    patterns: dict[str, StreamSpec] = {}
    for key, line in _mapping(value, path).items():
        where = f'{path}["{key}"]'
        spec = StreamSpec.parse(text(line, where, longest=65_536), where)
        if is_pattern(key):
            patterns[key] = spec
        else:
            stream = parse_stream_key(key, path)
            if stream in streams:
                raise DeclarationError(where, key, "is declared twice", "keep one of them")
            streams[stream] = spec
    return streams, patterns


def _patterns(value: object, path: str) -> dict[str, StreamSpec]:
    return {
        key: StreamSpec.parse(text(line, f'{path}["{key}"]', longest=65_536), f'{path}["{key}"]')
        for key, line in _mapping(value, path).items()
    }


def _noted(value: object, path: str) -> Streams:
    return {parse_stream_key(key, path): StreamSpec.parse(line) for key, line in _mapping(value, path).items()}


def _retired(value: object, path: str) -> dict[StreamDescriptor, StreamSpec | None]:
    return {
        parse_stream_key(key, path): StreamSpec.parse(line) if line else None
        for key, line in _mapping(value, path).items()
    }


def _ordered(value: object, path: str) -> dict[StreamDescriptor, Ordered]:
    found = {}
    for key, line in _mapping(value, path).items():
        after, _, rest = text(line, f'{path}["{key}"]', longest=65_536).partition(" ")
        if not after.isdecimal():
            raise DeclarationError(f'{path}["{key}"]', line, "does not begin with the number of a job")
        found[parse_stream_key(key, path)] = Ordered(int(after), rest)
    return found


def _schema(value: object, path: str) -> dict[StreamDescriptor, tuple[str, ...]]:
    return {
        parse_stream_key(key, path): _names(notes, f'{path}["{key}"]') for key, notes in _mapping(value, path).items()
    }


def _names(value: object, path: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise DeclarationError(path, value, "is not a list")
    return tuple(text(name, path, longest=65_536) for name in value)


def _resets(value: object, path: str) -> Resets:
    given = _mapping(value, path)
    names = tuple(each.name for each in fields(Resets) if each.name != "spent")
    for name in given:
        if name not in names:
            hint = nearest(name, names) or f"use {', '.join(names)}"
            raise DeclarationError(f"{path}.{name}", name, "is not a property of resets", hint)
    minutes = given.get("timeout_minutes", 60)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 1 <= minutes <= 1440 or minutes % 1:
        raise DeclarationError(
            f"{path}.timeout_minutes", minutes, "is not a number of minutes from 1 to 1440", "write for example 60"
        )
    return Resets(
        default=_word(Policy)(given.get("default", "auto"), f"{path}.default"),
        overrides={
            parse_stream_key(key, f"{path}.overrides"): _word(Policy)(word, f'{path}.overrides["{key}"]')
            for key, word in _mapping(given.get("overrides", {}), f"{path}.overrides").items()
        },
        permits=frozenset(_permits(given.get("permits", []), f"{path}.permits")),
        backfill=flag(given.get("backfill", False), f"{path}.backfill"),
        wait=_word(Wait)(given.get("wait", "accepted"), f"{path}.wait"),
        after_clear=_word(AfterClear)(given.get("after_clear", "sync"), f"{path}.after_clear"),
        running=_word(Running)(given.get("running", "leave"), f"{path}.running"),
        timeout_minutes=int(minutes),
        family=_word(Family)(given.get("family", "unknown"), f"{path}.family"),
    )


def _texts(value: object, path: str) -> dict[str, str]:
    return {name: text(item, f"{path}.{name}") for name, item in _mapping(value, path).items()}


def _permits(value: object, path: str) -> Iterator[Permit]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise DeclarationError(
            path, value, "is not a list of permissions", "write ['public.events AWB210 2026-12-31', …]"
        )
    for index, item in enumerate(value):
        where = f"{path}[{index}]"
        words = text(item, where, longest=4096).rsplit(" ", 2)
        if len(words) != 3 or not _CODE.fullmatch(words[1]):
            raise DeclarationError(
                where, item, "is not a stream, a code and a day", "write 'public.events AWB210 2026-12-31'"
            )
        stream, (code, last) = parse_stream_key(words[0], where).key, words[1:]
        if _RUN.fullmatch(last):
            yield Permit(stream, code, None, last)
            continue
        try:
            until = dt.date.fromisoformat(last)
        except ValueError:
            raise DeclarationError(where, last, "is not a day", "write 2026-12-31, or 'once' for one run") from None
        yield Permit(stream, code, until)


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DeclarationError(path, value, "is not a mapping", _FORM.get(path, "write {name: value, …}"))
    return value


def _word(words: type[StrEnum]) -> Any:
    def canonical(value: object, path: str) -> StrEnum:
        try:
            return words(str(value))
        except ValueError:
            hint = nearest(str(value), words) or f"use {' or '.join(repr(word.value) for word in words)}"
            raise DeclarationError(path, value, "is not possible here", hint) from None

    return canonical


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
