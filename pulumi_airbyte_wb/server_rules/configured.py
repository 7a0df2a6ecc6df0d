"""What the server makes of a catalog that a client sends: streams to compare, streams to store.

Semantics §6.1 and §11.3. Field selection narrows a stream's schema here, and what is wrong with a selection is refused
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, NoReturn

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.server_rules.json_schema import find_properties, value_at, with_value_at
from pulumi_airbyte_wb.server_rules.mappers import Mapper, hashing_mapper, schema_mappers
from pulumi_airbyte_wb.server_rules.versions import CatalogRules

Key = list[list[str]]

_AT_ONCE = frozenset({"internal", "selection-nested"})
"""Refusals that the server does not collect: they win over those of streams further up."""


@dataclass(frozen=True, slots=True)
class SourceStream:
    """A stream as the source describes it, its schema narrowed to the selected fields."""

    descriptor: StreamDescriptor
    json_schema: Any
    source_key: Key
    other: tuple[Any, ...]
    """What only the oldest servers compare: sync modes, source-defined cursor flag, default cursor."""


@dataclass(frozen=True, slots=True)
class ConfiguredStream:
    """A stream with its configuration.

    ``cursor`` and ``key`` are ``None`` where the server holds a null, which is not the same as an empty list to it.
    """

    stream: SourceStream
    sync_mode: str
    destination_sync_mode: str
    cursor: list[str] | None
    key: Key | None
    field_selection: bool
    mappers: tuple[Mapper, ...]


def read_catalog(catalog: Any) -> Mapping[str, Any]:
    """The API's JSON of a catalog that is given as such or as one of our models."""
    dump: Callable[..., Mapping[str, Any]] | None = getattr(catalog, "model_dump", None)
    if dump is not None:
        return dump(mode="json", by_alias=True, exclude_none=True)
    if not isinstance(catalog, Mapping):
        msg = f"a catalog is the API's JSON object or a model of it, not {type(catalog).__name__}"
        raise TypeError(msg)
    return catalog


def selected_streams(catalog: Mapping[str, Any], rules: CatalogRules) -> list[ConfiguredStream]:
    """The streams that the server configures and stores: the selected ones.

    Raises:
        CatalogError: the server refuses the catalog.
    """
    return _convert((entry for entry in _entries(catalog, rules) if _selected(entry)), _Reader(rules))


def all_streams(catalog: Mapping[str, Any], rules: CatalogRules) -> list[SourceStream]:
    """The streams that the server compares: every one.

    It compares a copy that went through JSON without nulls, so that a null in the request is an absent field here.

    Raises:
        CatalogError: the server refuses the catalog.
    """
    reader = _Reader(rules, nulls_are_absent=True)
    return [each.stream for each in _convert(_entries(catalog, rules), reader)]


def descriptors(catalog: Mapping[str, Any], rules: CatalogRules) -> list[StreamDescriptor]:
    """Which streams a catalog lists, selected or not."""
    return [_descriptor(_object(entry, "stream")) for entry in _entries(catalog, rules)]


def as_stored(configured: ConfiguredStream) -> ConfiguredStream:
    """A stream after the database: a null list is written as nothing, and nothing is read as an empty list."""
    modes, cursor_flag, default_cursor = configured.stream.other
    stream = replace(configured.stream, other=(modes, cursor_flag, default_cursor or []))
    return replace(configured, stream=stream, cursor=configured.cursor or [])


def check_selection_again(configured: ConfiguredStream, columns: Iterable[str], rules: CatalogRules) -> None:
    """Refuse a stored stream whose cursor or key is no column of it, as the server does when it reads it back.

    Only with field selection on, where the columns of the stored schema are taken for the selection.

    Raises:
        CatalogError: ``cursor-deselected`` or ``key-deselected``.
    """
    if configured.field_selection:
        needs = _Needs(
            configured.sync_mode, configured.destination_sync_mode, configured.cursor or [], configured.key or []
        )
        _check_needed(configured.stream.descriptor, frozenset(columns), needs, rules)


def stored_columns(configured: ConfiguredStream, rules: CatalogRules) -> Iterable[str]:
    """The columns that the server names as selected when it shows a stored stream with field selection."""
    location = find_properties(configured.stream.json_schema, rules)
    properties = None if location is None else value_at(configured.stream.json_schema, location)
    return properties.keys() if isinstance(properties, dict) else ()


def unforeseen(what: str) -> NoReturn:
    """Refuse what makes the server fail with an error of its own (500)."""
    msg = f"the server would fail with an internal error: {what}"
    raise CatalogError(msg, code="internal")


def duplicate(descriptor: StreamDescriptor) -> NoReturn:
    """Refuse a stream that is listed twice."""
    msg = f"the stream {descriptor} is listed twice"
    raise CatalogError(msg, code="duplicate-stream")


def _entries(catalog: Mapping[str, Any], rules: CatalogRules) -> list[Any]:
    streams = catalog.get("streams") if rules.absent_lists_are_null else catalog.get("streams", [])
    return streams if isinstance(streams, list) else unforeseen("the catalog has no list of streams")


def _selected(entry: Any) -> bool:
    selected = _object(entry, "config").get("selected")
    if selected is None:
        unforeseen(f"{_descriptor(_object(entry, 'stream'))} does not say whether it is selected")
    return bool(selected)


def _object(entry: Any, name: str) -> Mapping[str, Any]:
    value = entry.get(name) if isinstance(entry, Mapping) else None
    return value if isinstance(value, Mapping) else unforeseen(f"an entry of the catalog has no {name}")


def _descriptor(stream: Mapping[str, Any]) -> StreamDescriptor:
    name = stream.get("name")
    return StreamDescriptor(stream.get("namespace"), name if name is not None else unforeseen("a stream has no name"))


def _convert(entries: Iterable[Any], reader: _Reader) -> list[ConfiguredStream]:
    """Convert every entry; of several refusals the first counts, except those that the server does not collect."""
    streams: list[ConfiguredStream] = []
    refused: CatalogError | None = None
    for entry in entries:
        try:
            streams.append(reader.configured(_object(entry, "stream"), _object(entry, "config")))
        except CatalogError as error:
            if error.code in _AT_ONCE:
                raise
            refused = refused or error
    if refused is not None:
        raise refused
    return streams


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one stream and its configuration as one version of the server does."""

    rules: CatalogRules
    nulls_are_absent: bool = False

    def configured(self, stream: Mapping[str, Any], config: Mapping[str, Any]) -> ConfiguredStream:
        descriptor = _descriptor(stream)
        schema = stream["jsonSchema"] if "jsonSchema" in stream else unforeseen(f"{descriptor} has no schema")
        field_selection = config.get("fieldSelectionEnabled") is True
        if field_selection:
            schema = self._narrowed(descriptor, schema, config)
        modes = self._list(stream, "supportedSyncModes")
        if modes is None:
            unforeseen(f"{descriptor} has no list of sync modes")
        return ConfiguredStream(
            stream=SourceStream(
                descriptor=descriptor,
                json_schema=schema,
                source_key=self._list(stream, "sourceDefinedPrimaryKey") or [],
                other=(modes, stream.get("sourceDefinedCursor"), self._list(stream, "defaultCursorField")),
            ),
            sync_mode=self._mode(descriptor, config, "syncMode"),
            destination_sync_mode=self._mode(descriptor, config, "destinationSyncMode"),
            cursor=self._list(config, "cursorField"),
            key=self._list(config, "primaryKey") or [],
            field_selection=field_selection,
            mappers=self._mappers(descriptor, config),
        )

    def _list(self, fields: Mapping[str, Any], name: str) -> list[Any] | None:
        value: list[Any] | None = fields.get(name)
        absent = name not in fields or (value is None and self.nulls_are_absent)
        if absent and not self.rules.absent_lists_are_null:
            return []
        return value

    @staticmethod
    def _mode(descriptor: StreamDescriptor, config: Mapping[str, Any], name: str) -> str:
        mode: str | None = config.get(name)
        return mode if mode is not None else unforeseen(f"{descriptor} has no {name}")

    def _narrowed(self, descriptor: StreamDescriptor, schema: Any, config: Mapping[str, Any]) -> Any:
        """The schema with the selected properties only, after the server's checks in the server's order."""
        selected = self._list(config, "selectedFields")
        if selected is None:
            _refuse(descriptor, "selection-without-fields", "has field selection without selected fields")
        location = find_properties(schema, self.rules)
        properties = None if location is None else value_at(schema, location)
        if location is None or not isinstance(properties, dict):
            _refuse(descriptor, "selection-without-properties", "has field selection, but its schema no properties")
        names = frozenset([_selected_name(descriptor, field) for field in selected])
        needs = _Needs(
            config.get("syncMode"),
            config.get("destinationSyncMode"),
            self._list(config, "cursorField"),
            self._list(config, "primaryKey"),
        )
        _check_needed(descriptor, names, needs, self.rules)
        unknown = names - properties.keys()
        if unknown and self.rules.refuses_unknown_selection:
            _refuse(descriptor, "selected-field-unknown", f"has no field {min(unknown)!r} to select")
        kept = {name: node for name, node in properties.items() if name in names}
        return with_value_at(schema, location, kept)

    def _mappers(self, descriptor: StreamDescriptor, config: Mapping[str, Any]) -> tuple[Mapper, ...]:
        configured = config.get("mappers")
        if self.rules.reads_mappers and configured:
            return schema_mappers(configured)
        if not (self.rules.reads_mappers or self.rules.compares_hashed_fields):
            return ()
        hashed = config.get("hashedFields") or []
        return tuple(hashing_mapper(_hashed_name(descriptor, field)) for field in hashed)


def _refuse(descriptor: StreamDescriptor, code: str, why: str) -> NoReturn:
    msg = f"the stream {descriptor} {why}"
    raise CatalogError(msg, code=code)


def _path(descriptor: StreamDescriptor, field: Any) -> list[str]:
    if not isinstance(field, Mapping):
        unforeseen(f"{descriptor} selects null")
    path: list[str] = field.get("fieldPath") or []
    return path


def _selected_name(descriptor: StreamDescriptor, field: Any) -> str:
    path = _path(descriptor, field)
    if not path:
        _refuse(descriptor, "selection-path-empty", "selects a field with an empty path")
    if len(path) > 1:
        _refuse(descriptor, "selection-nested", f"selects the nested field {'.'.join(path)}; whole columns only")
    return path[0]


def _hashed_name(descriptor: StreamDescriptor, field: Any) -> str:
    path = _path(descriptor, field)
    return path[0] if path else unforeseen(f"{descriptor} hashes a field with an empty path")


class _Needs(NamedTuple):
    """What decides which columns a selection must have; a null is as the server holds it."""

    mode: str | None
    destination_mode: str | None
    cursor: list[str] | None
    key: Key | None


def _check_needed(descriptor: StreamDescriptor, names: frozenset[str], needs: _Needs, rules: CatalogRules) -> None:
    """Refuse a selection without the cursor of an incremental stream or the key of a deduplicated one."""
    if needs.mode == "incremental":
        if needs.cursor is None:
            unforeseen(f"{descriptor} has no cursor list")
        if needs.cursor and needs.cursor[0] not in names:
            _refuse(descriptor, "cursor-deselected", f"does not select its cursor {needs.cursor[0]!r}")
    if needs.destination_mode in rules.dedup_modes:
        if needs.key is None:
            unforeseen(f"{descriptor} has no key list")
        for part in needs.key:
            if not part:
                unforeseen(f"{descriptor} has an empty part in its key")
            if part[0] not in names:
                _refuse(descriptor, "key-deselected", f"does not select the part {part[0]!r} of its key")
