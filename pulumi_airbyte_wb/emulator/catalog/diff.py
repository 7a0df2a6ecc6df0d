"""The catalog diff: which streams, fields and keys differ, and what of it is breaking (semantics §6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.json_schema import field_map, same_json
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, descriptor, key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules

_STREAM_PARTS = (
    "jsonSchema",
    "supportedSyncModes",
    "sourceDefinedCursor",
    "defaultCursorField",
    "isResumable",
    "isFileBased",
)


class DuplicateStreamError(Exception):
    """A stream that stands twice where the diff builds its map (§11.3)."""


def streams_by_key(streams: Iterable[Doc], rules: Rules) -> dict[Key, Doc]:
    """Streams by their key; where one stands twice the last counts, or none on versions that refuse it."""
    found: dict[Key, Doc] = {}
    for stream in streams:
        key = key_of(stream)
        if key in found and rules.has("diff.duplicatesRefused"):
            raise DuplicateStreamError(key.name)
        found[key] = stream
    return found


def configured_by_key(catalog: Doc) -> dict[Key, Doc]:
    """The configurations of a configured catalog, by stream."""
    return {key_of(entry["stream"]): entry["config"] for entry in catalog["streams"]}


def catalog_diff(old: Iterable[Doc], new: Iterable[Doc], configured: Mapping[Key, Doc], rules: Rules) -> list[Doc]:
    """The transforms from the old streams to the new ones (§6.2), in the API's form of this version (§6.8)."""
    olds, news = streams_by_key(old, rules), streams_by_key(new, rules)
    transforms: list[Doc] = [
        {"transformType": "remove_stream", "streamDescriptor": descriptor(key)} for key in olds if key not in news
    ]
    transforms += [
        {"transformType": "add_stream", "streamDescriptor": descriptor(key)} for key in news if key not in olds
    ]
    for key, stream in olds.items():
        if key not in news or same_stream(stream, news[key]):
            continue
        update = _stream_update(stream, news[key], configured.get(key), rules)
        if update is not None:
            transforms.append(
                {"transformType": "update_stream", "streamDescriptor": descriptor(key), "updateStream": update}
            )
    return transforms


def same_stream(left: Doc, right: Doc) -> bool:
    """Whether two stream objects are equal; a missing source-defined key is an empty one (§6.2 rule 3)."""
    if left is right:
        return True
    return all(same_json(left.get(part), right.get(part)) for part in _STREAM_PARTS) and same_json(
        left.get("sourceDefinedPrimaryKey") or [], right.get("sourceDefinedPrimaryKey") or []
    )


def is_breaking(transforms: Iterable[Doc]) -> bool:
    """Whether a diff holds a breaking change (§6.7)."""
    for transform in transforms:
        update = transform.get("updateStream", [])
        if isinstance(update, dict):
            update = [*update["fieldTransforms"], *update["streamAttributeTransforms"]]
        if any(part["breaking"] for part in update):
            return True
    return False


def field_transforms_of(transform: Doc) -> list[Doc]:
    """The field transforms of an ``update_stream``, whatever the version's form."""
    update = transform.get("updateStream", [])
    return update["fieldTransforms"] if isinstance(update, dict) else update  # type: ignore[no-any-return]


def deduplicates(mode: str | None, rules: Rules) -> bool:
    """Whether a destination mode counts as deduplicating in the breaking rule (§6.7)."""
    return mode == "append_dedup" or (mode == "overwrite_dedup" and rules.has("overwrite_dedup.breaking"))


def _stream_update(old: Doc, new: Doc, config: Doc | None, rules: Rules) -> Any:
    if config is None and rules.has("diff.onlyConfigured"):
        return None
    fields = _field_transforms(old, new, config, rules)
    if not rules.has("diff.updateStreamAsObject"):
        return fields if fields or not rules.has("diff.onlyConfigured") else None
    attributes = _attribute_transforms(old, new, config, rules)
    if not fields and not attributes:
        return None
    return {"fieldTransforms": fields, "streamAttributeTransforms": attributes}


def _field_transforms(old: Doc, new: Doc, config: Doc | None, rules: Rules) -> list[Doc]:
    olds, news = field_map(old.get("jsonSchema"), rules), field_map(new.get("jsonSchema"), rules)
    transforms: list[Doc] = []
    for path, node in olds.items():
        if path not in news:
            breaking = config is not None and _removal_breaks(list(path), config, rules)
            transforms.append(_field("remove_field", path, breaking=breaking, removeField={"schema": node}))
        elif not same_json(node, news[path]):
            change = {"oldSchema": node, "newSchema": news[path]}
            transforms.append(_field("update_field_schema", path, breaking=False, updateFieldSchema=change))
    transforms += [
        _field("add_field", path, breaking=False, addField={"schema": node})
        for path, node in news.items()
        if path not in olds
    ]
    return transforms


def _field(kind: str, path: tuple[str, ...], *, breaking: bool, **change: Doc) -> Doc:
    return {"transformType": kind, "fieldName": list(path), "breaking": breaking, **change}


def _removal_breaks(path: list[str], config: Doc, rules: Rules) -> bool:
    if config.get("syncMode") == "incremental" and config.get("cursorField") == path:
        return True
    return deduplicates(config.get("destinationSyncMode"), rules) and path in (config.get("primaryKey") or [])


def _attribute_transforms(old: Doc, new: Doc, config: Doc | None, rules: Rules) -> list[Doc]:
    before, after = old.get("sourceDefinedPrimaryKey") or [], new.get("sourceDefinedPrimaryKey") or []
    if before == after:
        return []
    breaking = False
    if config is not None and after and deduplicates(config.get("destinationSyncMode"), rules):
        configured = config.get("primaryKey") or []
        breaking = not same_key(configured, after) if rules.has("diff.keyAsSet") else configured != after
    change = {"oldPrimaryKey": before, "newPrimaryKey": after}
    return [{"transformType": "update_primary_key", "breaking": breaking, "updatePrimaryKey": change}]


def same_key(left: list[list[str]], right: list[list[str]]) -> bool:
    """Whether two keys are equal as sets of paths (§5.2, §6.7)."""
    return {tuple(path) for path in left} == {tuple(path) for path in right}
