"""Which streams an update resets when the server decides (semantics §5).

A ``web_backend/connections/update`` without ``skipReset`` compares what is stored before and after it. Which streams
come out is here; what then happens to them (reset, or refresh where the destination supports it) is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.server_rules.configured import (
    ConfiguredStream,
    all_streams,
    as_stored,
    check_selection_again,
    descriptors,
    duplicate,
    read_catalog,
    selected_streams,
    stored_columns,
    unforeseen,
)
from pulumi_airbyte_wb.server_rules.destination_catalog import destination_schema, map_stream, top_level_fields
from pulumi_airbyte_wb.server_rules.diff import CatalogDiff, compare_streams, same_parts
from pulumi_airbyte_wb.server_rules.json_schema import same_json
from pulumi_airbyte_wb.server_rules.mappers import check_mappers
from pulumi_airbyte_wb.server_rules.versions import CatalogRules, rules_for

_WITHOUT_STREAM_STATE = frozenset({"legacy", "not_set"})


@dataclass(frozen=True, slots=True)
class ServerUpdate:
    """What an update without ``skipReset`` makes the server do.

    Attributes:
        reset: the streams that it hands to the reset or the refresh.
        config_changed: those of them with another sync mode, cursor or key.
        diff: the comparison of schemas that it makes; from 1.4.0 on as the destination sees them.
    """

    reset: tuple[StreamDescriptor, ...]
    config_changed: tuple[StreamDescriptor, ...]
    diff: CatalogDiff


def server_resets(
    old: Any,
    new: Any,
    *,
    server_version: str,
    state_type: str = "stream",
    old_has_fields: bool = True,
    discovered: Any = None,
) -> tuple[StreamDescriptor, ...]:
    """The streams that the server resets when ``new`` is sent without ``skipReset`` to a connection stored as ``old``.

    See ``server_update`` for the arguments and for what is raised.
    """
    return server_update(
        old,
        new,
        server_version=server_version,
        state_type=state_type,
        old_has_fields=old_has_fields,
        discovered=discovered,
    ).reset


def server_update(
    old: Any,
    new: Any,
    *,
    server_version: str,
    state_type: str = "stream",
    old_has_fields: bool = True,
    discovered: Any = None,
) -> ServerUpdate:
    """What the server does when ``new`` is sent without ``skipReset`` to a connection stored as ``old``.

    Args:
        old: the catalog that is stored; the API's JSON or one of our models.
        new: the catalog that is sent; ``None`` where the update sends none, and the stored one stays.
        server_version: what the server says it is, for example ``1.8.0``.
        state_type: the kind of sync state that the connection has (``StateType``).
        old_has_fields: whether ``old`` was written by 0.64.4 or later. What was written earlier has no columns in the
            eyes of 1.4.0 and later, so that all of them seem to be new (§5.5).
        discovered: the newest catalog that was discovered at the source, if it is known. The server compares ``new``
            with it too. No reset comes of that, but where the comparison fails, so does the update.

    Raises:
        CatalogError: the server refuses one of the catalogs, some of them after it saved; ``code`` says why.
        ValueError: ``server_version`` is no version.
    """
    rules = rules_for(server_version)
    sent = None if new is None else read_catalog(new)
    if discovered is not None and sent is not None:
        offered = all_streams(read_catalog(discovered), rules)
        compare_streams(all_streams(sent, rules), offered, selected_streams(sent, rules), rules)
    before, after = _compared(read_catalog(old), sent, rules, old_has_fields=old_has_fields)
    diff = compare_streams((each.stream for each in before), (each.stream for each in after), after, rules)
    changed = _config_changes(before, after, rules)
    reset = tuple(dict.fromkeys((*diff.streams, *changed)))
    if reset and rules.resets_all_without_stream_state and state_type in _WITHOUT_STREAM_STATE:
        reset = tuple(stream.stream.descriptor for stream in after)
    return ServerUpdate(reset, changed, diff)


def check_sent(new: Any, *, server_version: str) -> None:
    """Refuse a catalog that the server does not store, whatever ``skipReset`` says.

    Args:
        new: the catalog that is sent; the API's JSON or one of our models.
        server_version: what the server says it is.

    Raises:
        CatalogError: the server refuses it, or breaks on it; ``code`` says why.
        ValueError: ``server_version`` is no version.
    """
    rules = rules_for(server_version)
    sent = read_catalog(new)
    if rules.update_refuses_duplicates:
        _refuse_duplicates(descriptors(sent, rules))
    for stream in map(as_stored, selected_streams(sent, rules)):
        if rules.reads_mappers and stream.mappers:
            check_mappers(stream.stream.descriptor, top_level_fields(stream.stream.json_schema), stream.mappers)
        check_selection_again(stream, stored_columns(stream, rules), rules)


def _stored(
    old: Mapping[str, Any], new: Mapping[str, Any] | None, rules: CatalogRules
) -> tuple[list[ConfiguredStream], list[ConfiguredStream]]:
    before = [as_stored(stream) for stream in selected_streams(old, rules)]
    if new is None:
        return before, before
    if rules.update_refuses_duplicates:
        _refuse_duplicates(descriptors(new, rules))
    after = [as_stored(stream) for stream in selected_streams(new, rules)]
    for stream in filter(lambda each: each.mappers, after):
        check_mappers(stream.stream.descriptor, top_level_fields(stream.stream.json_schema), stream.mappers)
    for stream in after:
        check_selection_again(stream, stored_columns(stream, rules), rules)
    return before, after


def _compared(
    old: Mapping[str, Any], new: Mapping[str, Any] | None, rules: CatalogRules, *, old_has_fields: bool
) -> tuple[list[ConfiguredStream], list[ConfiguredStream]]:
    """The two sides that the server compares: both as stored, or as the destination sees them."""
    before, after = _stored(old, new, rules)
    if rules.compares_destination_catalogs:
        return _as_destination(before, after, rules, old_has_fields=old_has_fields)
    for stream in before:
        check_selection_again(stream, stored_columns(stream, rules), rules)
    return before, after


def _refuse_duplicates(listed: Iterable[StreamDescriptor]) -> None:
    seen: set[StreamDescriptor] = set()
    for descriptor in listed:
        if descriptor in seen:
            duplicate(descriptor)
        seen.add(descriptor)


def _as_destination(
    before: list[ConfiguredStream], after: list[ConfiguredStream], rules: CatalogRules, *, old_has_fields: bool
) -> tuple[list[ConfiguredStream], list[ConfiguredStream]]:
    """Both sides as the destination sees them.

    A stream with the same schema and mappers on both sides keeps its schema, the same object on both: it would become
    the same there too, and so it costs neither the making nor a second comparison.
    """
    after = [_as_answered(stream) for stream in after]
    old = {stream.stream.descriptor: stream for stream in before}
    kept = {
        stream.stream.descriptor: stream.stream.json_schema
        for stream in after
        if old_has_fields and stream.stream.descriptor in old and _same_columns(old[stream.stream.descriptor], stream)
    }
    return (
        [_seen_by_destination(stream, kept, rules, has_fields=old_has_fields) for stream in before],
        [_seen_by_destination(stream, kept, rules, has_fields=True) for stream in after],
    )


def _as_answered(configured: ConfiguredStream) -> ConfiguredStream:
    """A stream as the server takes it from its own answer when it compares: without the mappers whose key is masked.

    It cannot apply those, so that it compares the encrypted column with the plain one: every update resets the stream.
    """
    if not any(mapper.masked for mapper in configured.mappers):
        return configured
    return replace(configured, mappers=tuple(mapper for mapper in configured.mappers if not mapper.masked))


def _same_columns(old: ConfiguredStream, new: ConfiguredStream) -> bool:
    return old.mappers == new.mappers and same_json(old.stream.json_schema, new.stream.json_schema)


def _seen_by_destination(
    configured: ConfiguredStream, kept: Mapping[StreamDescriptor, Any], rules: CatalogRules, *, has_fields: bool
) -> ConfiguredStream:
    """A stream after its mappers and with its destination schema, if that is read back without complaint."""
    stream = configured.stream
    mapped = map_stream(
        stream.json_schema if has_fields else None,
        cursor=configured.cursor,
        key=configured.key,
        source_key=stream.source_key,
        mappers=configured.mappers,
    )
    if stream.descriptor in kept:
        schema = kept[stream.descriptor]
    else:
        schema = destination_schema(mapped.fields, stream.json_schema)
    seen = replace(
        configured,
        stream=replace(stream, json_schema=schema, source_key=mapped.source_key or []),
        cursor=mapped.cursor,
        key=mapped.key,
    )
    check_selection_again(seen, mapped.fields, rules)
    return seen


def _config_changes(
    before: Iterable[ConfiguredStream], after: Iterable[ConfiguredStream], rules: CatalogRules
) -> tuple[StreamDescriptor, ...]:
    """Streams on both sides with another sync mode, cursor or key (§5.2)."""
    old, new = _by_descriptor(before), _by_descriptor(after)
    return tuple(
        descriptor
        for descriptor, stream in new.items()
        if descriptor in old and _config_changed(old[descriptor], stream, rules)
    )


def _by_descriptor(streams: Iterable[ConfiguredStream]) -> dict[StreamDescriptor, ConfiguredStream]:
    listed = list(streams)
    _refuse_duplicates(each.stream.descriptor for each in listed)
    return {each.stream.descriptor: each for each in listed}


def _config_changed(old: ConfiguredStream, new: ConfiguredStream, rules: CatalogRules) -> bool:
    if old.key is None or new.key is None:
        unforeseen(f"a mapper of {new.stream.descriptor} drops a field and leaves no key")
    return (
        old.cursor != new.cursor
        or old.sync_mode != new.sync_mode
        or old.destination_sync_mode != new.destination_sync_mode
        or not same_parts(old.key, new.key)
        or (rules.compares_hashed_fields and _hashed(old) != _hashed(new))
    )


def _hashed(configured: ConfiguredStream) -> list[str]:
    return sorted(mapper.field for mapper in configured.mappers if mapper.type == "hashing")
