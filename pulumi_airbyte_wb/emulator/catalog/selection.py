"""Field selection: the schema cut to the selected fields, and its checks (semantics §6.1, §11.3)."""

from typing import Any

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules


class SelectionError(Exception):
    """A field selection that the server refuses.

    ``word`` names the rule as the vectors do; ``internal`` tells the one that is a 500 instead of a 422.
    """

    def __init__(self, word: str, message: str, *, internal: bool = False) -> None:
        super().__init__(message)
        self.word = word
        self.internal = internal


def first_properties(schema: Any, rules: Rules) -> Any:
    """The first node named ``properties``, depth first (§3.3, Jackson's findPath).

    Older versions look at keys in their order; later ones at a node's own keys before its children's.
    """
    if isinstance(schema, list):
        children = schema
    elif isinstance(schema, dict):
        if "properties" in schema and not rules.has("selection.propertiesInOrder"):
            return schema["properties"]
        children = list(schema.items())
    else:
        return None
    for child in children:
        name, node = child if isinstance(schema, dict) else (None, child)
        if name == "properties":
            return node
        found = first_properties(node, rules)
        if found is not None:
            return found
    return None


def selected_names(config: Doc) -> list[str]:
    """The names of the selected top-level fields."""
    return [path["fieldPath"][0] for path in config.get("selectedFields") or [] if path.get("fieldPath")]


def cut_stream(entry: Doc, rules: Rules, *, stored: bool) -> Doc:
    """Check an entry's field selection and return its stream with the schema cut to it.

    ``stored`` tells the conversion of what will be stored from the one for a diff of all streams; they differ on what a
    missing list and an unknown field mean.
    """
    stream, config = entry["stream"], entry["config"]
    if not config.get("fieldSelectionEnabled"):
        return stream  # type: ignore[no-any-return]
    schema = stream.get("jsonSchema")
    found = first_properties(schema, rules)
    if not isinstance(found, dict):
        raise SelectionError("selection-without-properties", "Requested selected fields on a stream without properties")
    names = _requested_names(stream, config, rules, stored=stored)
    unknown = sorted(names - set(found))
    if stored and not rules.has("selection.unknownFieldRefused"):
        names -= set(unknown)
    _check_needed_fields(config, names, rules)
    if unknown and rules.has("selection.unknownFieldRefused"):
        raise SelectionError(
            "selected-field-unknown",
            "Requested selected fields contained one or more fields that don't exist in the catalog: "
            + ", ".join(unknown),
        )
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    kept = {name: node for name, node in properties.items() if name in names}
    return {**stream, "jsonSchema": {**stream["jsonSchema"], "properties": kept}}


def _requested_names(stream: Doc, config: Doc, rules: Rules, *, stored: bool) -> set[str]:
    selected = config.get("selectedFields")
    if selected is None:
        if not stored and rules.has("selection.missingListIsEmptyInDiff"):
            return set()
        raise SelectionError(
            "selection-without-fields",
            f"Requested field selection but no selected fields provided for stream {stream['name']}",
        )
    names: set[str] = set()
    for field in selected:
        path = field.get("fieldPath") or []
        if not path:
            raise SelectionError("selection-path-empty", "Selected field path cannot be empty")
        if len(path) > 1:
            raise SelectionError("selection-nested", "Nested field selection not supported", internal=True)
        names.add(path[0])
    return names


def _check_needed_fields(config: Doc, names: set[str], rules: Rules) -> None:
    if config.get("syncMode") == "incremental":
        cursor = config.get("cursorField") or []
        if cursor and cursor[0] not in names:
            raise SelectionError("cursor-deselected", "Cursor field cannot be de-selected in INCREMENTAL syncs")
    mode = config.get("destinationSyncMode")
    if mode == "append_dedup" or (mode == "overwrite_dedup" and rules.has("overwrite_dedup.keySelection")):
        for path in config.get("primaryKey") or []:
            if path and path[0] not in names:
                raise SelectionError("key-deselected", "Primary key field cannot be de-selected in DEDUP mode")


def selected_streams(catalog: Doc, rules: Rules) -> Doc:
    """What the server stores of a requested catalog: the selected streams, their schemas cut (§2.2)."""
    chosen = (entry for entry in catalog["streams"] if entry["config"].get("selected"))
    return {
        "streams": [{"stream": cut_stream(entry, rules, stored=True), "config": entry["config"]} for entry in chosen]
    }


def all_streams(catalog: Doc, rules: Rules) -> list[Doc]:
    """Every stream of a catalog, selected or not, with its schema cut (§6.1)."""
    return [cut_stream(entry, rules, stored=False) for entry in catalog["streams"]]


def duplicate_of(catalog: Doc) -> Key | None:
    """The first stream that stands twice in a catalog, selected or not (§11.3)."""
    seen: set[Key] = set()
    for entry in catalog["streams"]:
        key = key_of(entry["stream"])
        if key in seen:
            return key
        seen.add(key)
    return None
