"""Field selection: the schema cut to the selected fields, and its checks (semantics §6.1, §11.3)."""

from collections.abc import Iterable
from typing import Any

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules


class SelectionError(Exception):
    """A field selection that the server refuses.

    ``word`` names the rule as the vectors do; ``internal`` tells one that is a 500 instead of a 422, by ``exception``.
    """

    def __init__(
        self, word: str, message: str, *, internal: bool = False, exception: str = "java.lang.NullPointerException"
    ) -> None:
        super().__init__(message)
        self.word = word
        self.internal = internal
        self.exception = exception


def first_properties(schema: Any, rules: Rules) -> Any:
    """The first node named ``properties``, depth first (§3.3, Jackson's findPath).

    Older versions look at keys in their order; later ones at a node's own keys before its children's.
    """
    place = _place_of_properties(schema, rules)
    return None if place is None else _at(schema, place)


def selected_names(config: Doc) -> list[str]:
    """The names of the selected top-level fields."""
    return [path["fieldPath"][0] for path in config.get("selectedFields") or [] if path.get("fieldPath")]


def cut_stream(entry: Doc, rules: Rules) -> Doc:
    """Check an entry's field selection and return its stream with the schema cut to it."""
    stream, config = entry["stream"], entry["config"]
    if not config.get("fieldSelectionEnabled"):
        return stream  # type: ignore[no-any-return]
    selected = listed(config, "selectedFields", rules)
    if selected is None:
        message = "Requested field selection but no selected fields provided"
        raise SelectionError("selection-without-fields", message)
    place = _place_of_properties(stream.get("jsonSchema"), rules)
    found = None if place is None else _at(stream["jsonSchema"], place)
    if place is None or not isinstance(found, dict):
        raise SelectionError("selection-without-properties", "Requested field selection but no properties node found")
    names = _requested_names(selected)
    _check_needed_fields(config, names, rules)
    for name in names:
        if name not in found and rules.has("selection.unknownFieldRefused"):
            raise SelectionError("selected-field-unknown", f"Requested selected field {name} not found in JSON schema")
    kept = {name: node for name, node in found.items() if name in names}
    return {**stream, "jsonSchema": _replaced(stream["jsonSchema"], place, kept)}


def _place_of_properties(schema: Any, rules: Rules) -> list[str | int] | None:
    """Where the first node named ``properties`` stands, depth first."""
    if isinstance(schema, dict) and "properties" in schema and not rules.has("selection.propertiesInOrder"):
        return ["properties"]
    children = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for name, node in children:
        if name == "properties":
            return [name]
        below = _place_of_properties(node, rules)
        if below is not None:
            return [name, *below]
    return None


def _at(node: Any, place: list[str | int]) -> Any:
    for step in place:
        node = node[step]
    return node


def _replaced(node: Any, place: list[str | int], value: Any) -> Any:
    if not place:
        return value
    copy = node.copy()
    copy[place[0]] = _replaced(node[place[0]], place[1:], value)
    return copy


def _requested_names(selected: list[Any]) -> set[str]:
    names: set[str] = set()
    for field in selected:
        path = (field or {}).get("fieldPath") or []
        if not path:
            raise SelectionError("selection-path-empty", "Selected field path cannot be empty")
        if len(path) > 1:
            raise SelectionError(
                "selection-nested", "Nested field selection not supported", internal=True,
                exception="java.lang.UnsupportedOperationException",
            )  # fmt: skip
        names.add(path[0])
    return names


def _check_needed_fields(config: Doc, names: set[str], rules: Rules) -> None:
    if config.get("syncMode") is None:
        raise SelectionError("internal", "getSyncMode(...) must not be null", internal=True)
    if config["syncMode"] == "incremental":
        cursor = _list_of(config, "cursorField", rules)
        if cursor and cursor[0] not in names:
            raise SelectionError("cursor-deselected", "Cursor field cannot be de-selected in INCREMENTAL syncs")
    mode = config.get("destinationSyncMode")
    if mode == "append_dedup" or (mode == "overwrite_dedup" and rules.has("overwrite_dedup.keySelection")):
        for path in _list_of(config, "primaryKey", rules):
            if not path:
                raise SelectionError("internal", "Index 0 out of bounds for length 0", internal=True,
                                     exception="java.lang.IndexOutOfBoundsException")  # fmt: skip
            if path[0] not in names:
                raise SelectionError("key-deselected", "Primary key field cannot be de-selected in DEDUP mode")


def listed(fields: Doc, name: str, rules: Rules) -> list[Any] | None:
    """A list of a request: one that is absent is empty from v0.50.37 on, before it is null; null stays null."""
    value: list[Any] | None = fields.get(name)
    return [] if name not in fields and rules.has("lists.absentAreEmpty") else value


def _list_of(config: Doc, name: str, rules: Rules) -> list[Any]:
    value = listed(config, name, rules)
    if value is None:
        raise SelectionError("internal", f"the list {name} is null", internal=True)
    return value


def cut_streams(entries: Iterable[Doc], rules: Rules) -> list[Doc]:
    """Entries with their schemas cut; of several refusals the first counts, but a break counts at once (§11.3)."""
    streams: list[Doc] = []
    refused: SelectionError | None = None
    for entry in entries:
        try:
            streams.append({**entry, "stream": cut_stream(entry, rules)})
        except SelectionError as problem:
            if problem.internal:
                raise
            refused = refused or problem
    if refused is not None:
        raise refused
    return streams


def selected_streams(catalog: Doc, rules: Rules) -> Doc:
    """What the server stores of a requested catalog: the selected streams, their schemas cut (§2.2)."""
    chosen = (entry for entry in catalog["streams"] if entry["config"].get("selected"))
    return {"streams": cut_streams(chosen, rules)}


def all_streams(catalog: Doc, rules: Rules) -> list[Doc]:
    """Every stream of a catalog, selected or not, with its schema cut (§6.1): of a copy that knows no nulls."""
    entries = ({**entry, "config": _without_nulls(entry["config"])} for entry in catalog["streams"])
    return [entry["stream"] for entry in cut_streams(entries, rules)]


def _without_nulls(config: Doc) -> Doc:
    return {name: value for name, value in config.items() if value is not None}


def duplicate_of(catalog: Doc) -> Key | None:
    """The first stream that stands twice in a catalog, selected or not (§11.3)."""
    seen: set[Key] = set()
    for entry in catalog["streams"]:
        key = key_of(entry["stream"])
        if key in seen:
            return key
        seen.add(key)
    return None
