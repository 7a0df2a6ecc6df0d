"""What differs between two catalogs, as the server itself would say it (semantics §6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.server_rules.configured import (
    ConfiguredStream,
    Key,
    SourceStream,
    all_streams,
    as_stored,
    duplicate,
    read_catalog,
    selected_streams,
    unforeseen,
)
from pulumi_airbyte_wb.server_rules.json_schema import Path, field_map, same_json
from pulumi_airbyte_wb.server_rules.versions import CatalogRules, SourceKeyRule, rules_for

Transform = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CatalogDiff:
    """The API's ``CatalogDiff`` in its later form (``updateStream`` is an object), whatever the version.

    Attributes:
        transforms: one for every stream that was added, removed or changed. The server gives no order; this is removed,
            added, changed, each in the order of its catalog.
    """

    transforms: tuple[Transform, ...]

    @property
    def breaking(self) -> bool:
        """Whether a change breaks the connection: then the server pauses it."""
        return any(change["breaking"] for change in self._changes())

    @property
    def streams(self) -> tuple[StreamDescriptor, ...]:
        """Which streams were added, removed or changed."""
        named = (transform["streamDescriptor"] for transform in self.transforms)
        return tuple(StreamDescriptor(each["namespace"], each["name"]) for each in named)

    def __bool__(self) -> bool:
        return bool(self.transforms)

    def as_dict(self) -> dict[str, Any]:
        """``{"transforms": [...], "breaking": ...}``."""
        return {"transforms": list(self.transforms), "breaking": self.breaking}

    def _changes(self) -> Iterable[Transform]:
        for transform in self.transforms:
            if "updateStream" in transform:
                yield from transform["updateStream"]["fieldTransforms"]
                yield from transform["updateStream"]["streamAttributeTransforms"]


def diff_catalogs(old: Any, new: Any, *, server_version: str) -> CatalogDiff:
    """What a server reports when the source's schema went from ``old`` to ``new``.

    Every stream is compared, selected or not; field selection on either side narrows that side first. The selected
    streams of ``old`` say how the connection is configured, and thereby what breaks it.

    Args:
        old: the catalog of the connection, with its configuration; the API's JSON or one of our models.
        new: the catalog that the source offers now.
        server_version: what the server says it is, for example ``1.8.0``.

    Raises:
        CatalogError: the server refuses one of the catalogs; ``code`` says why.
        ValueError: ``server_version`` is no version.
    """
    rules = rules_for(server_version)
    before, after = read_catalog(old), read_catalog(new)
    configured = [as_stored(stream) for stream in selected_streams(before, rules)]
    return compare_streams(all_streams(before, rules), all_streams(after, rules), configured, rules)


def compare_streams(
    old: Iterable[SourceStream],
    new: Iterable[SourceStream],
    configured: Iterable[ConfiguredStream],
    rules: CatalogRules,
) -> CatalogDiff:
    """The changes of streams, fields and keys (§6.2); equal streams cost one comparison.

    Raises:
        CatalogError: ``duplicate-stream``, ``schema-not-an-object`` or ``internal``.
    """
    before, after = _by_descriptor(old, rules), _by_descriptor(new, rules)
    configurations: dict[StreamDescriptor, ConfiguredStream] = {}
    for configuration in configured:
        configurations.setdefault(configuration.stream.descriptor, configuration)
    removed = [_stream_transform("remove_stream", each) for each in before if each not in after]
    added = [_stream_transform("add_stream", each) for each in after if each not in before]
    changed = []
    for descriptor, stream in after.items():
        if descriptor in before:
            update = _update(before[descriptor], stream, configurations.get(descriptor), rules)
            if update is not None:
                changed.append(_stream_transform("update_stream", descriptor) | {"updateStream": update})
    return CatalogDiff((*removed, *added, *changed))


def _by_descriptor(streams: Iterable[SourceStream], rules: CatalogRules) -> dict[StreamDescriptor, SourceStream]:
    found: dict[StreamDescriptor, SourceStream] = {}
    for stream in streams:
        if stream.descriptor in found and rules.diff_refuses_duplicates:
            duplicate(stream.descriptor)
        found[stream.descriptor] = stream
    return found


def _stream_transform(type_: str, descriptor: StreamDescriptor) -> Transform:
    named = {"name": descriptor.name, "namespace": descriptor.namespace}
    return {"transformType": type_, "streamDescriptor": named}


def _update(
    old: SourceStream, new: SourceStream, configured: ConfiguredStream | None, rules: CatalogRules
) -> Transform | None:
    """How a stream changed; ``None`` where the server reports nothing."""
    if configured is None and not rules.reports_every_difference:
        return None
    same_schema = same_json(old.json_schema, new.json_schema)
    if same_schema and old.source_key == new.source_key and old.other == new.other:
        return None
    # A server that refuses nodes refuses them in every stream that differs in anything, so there it has to be walked.
    walk = not same_schema or rules.refuses_non_object_nodes
    fields = _field_transforms(old.json_schema, new.json_schema, configured, rules) if walk else []
    attributes = _key_transforms(old.source_key, new.source_key, configured, rules)
    if not (fields or attributes or rules.reports_every_difference):
        return None
    return {"fieldTransforms": fields, "streamAttributeTransforms": attributes}


def _field_transforms(
    old_schema: Any, new_schema: Any, configured: ConfiguredStream | None, rules: CatalogRules
) -> list[Transform]:
    """Fields that are gone, new, or have another schema; a change inside a field is a change of the field (§6.5)."""
    old, new = field_map(old_schema, rules), field_map(new_schema, rules)
    removed = [
        _field_transform("remove_field", path, "removeField", {"schema": node}, _needs(configured, path, rules))
        for path, node in old.items()
        if path not in new
    ]
    added = [
        _field_transform("add_field", path, "addField", {"schema": node})
        for path, node in new.items()
        if path not in old
    ]
    changed = [
        _field_transform("update_field_schema", path, "updateFieldSchema", {"oldSchema": old[path], "newSchema": node})
        for path, node in new.items()
        if path in old and not same_json(old[path], node)
    ]
    return [*removed, *added, *changed]


def _field_transform(
    type_: str, path: Path, detail: str, schemas: Mapping[str, Any], breaking: bool = False
) -> Transform:
    return {"transformType": type_, "fieldName": list(path), "breaking": breaking, detail: dict(schemas)}


def _needs(configured: ConfiguredStream | None, path: Path, rules: CatalogRules) -> bool:
    """Whether a connection needs a field: as the cursor, or as a part of the key (§6.7)."""
    if configured is None:
        return False
    field = list(path)
    if configured.sync_mode == "incremental" and configured.cursor == field:
        return True
    return configured.destination_sync_mode in rules.dedup_modes and field in _key_of(configured)


def _key_of(configured: ConfiguredStream) -> Key:
    if configured.key is None:
        unforeseen(f"{configured.stream.descriptor} has no key list")
    return configured.key


def _key_transforms(old: Key, new: Key, configured: ConfiguredStream | None, rules: CatalogRules) -> list[Transform]:
    """The change of the source-defined key, if it is one (§6.6)."""
    if old == new or rules.source_key is SourceKeyRule.NOT_REPORTED:
        return []
    return [
        {
            "transformType": "update_primary_key",
            "breaking": bool(new) and configured is not None and _other_key(configured, new, rules),
            "updatePrimaryKey": {"oldPrimaryKey": old, "newPrimaryKey": new},
        }
    ]


def _other_key(configured: ConfiguredStream, new: Key, rules: CatalogRules) -> bool:
    """Whether a deduplicating connection is configured with another key than the source now defines (§6.7)."""
    key = _key_of(configured)
    if configured.destination_sync_mode not in rules.dedup_modes:
        return False
    return key != new if rules.source_key is SourceKeyRule.BREAKING_UNLESS_SAME_ORDER else not same_parts(key, new)


def same_parts(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> bool:
    """Whether two keys have the same parts, in whatever order and however often."""
    return {tuple(part) for part in one} == {tuple(part) for part in other}
