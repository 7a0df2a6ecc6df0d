"""What create and update check in a requested catalog before they store it (semantics §2.2, §11.3)."""

from collections.abc import Callable

from pulumi_airbyte_wb.emulator.catalog.configured import in_stored_order, stored_entry
from pulumi_airbyte_wb.emulator.catalog.destination import mapper_errors
from pulumi_airbyte_wb.emulator.catalog.mappers import stored_mappers
from pulumi_airbyte_wb.emulator.catalog.selection import SelectionError, all_streams, cut_streams, duplicate_of, listed
from pulumi_airbyte_wb.emulator.core.failures import (
    ApiError,
    InternalError,
    KnownError,
    ProblemError,
    invalid,
    null_pointer,
    returned_null,
)
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

MAX_FIELDS = 20000
_MODEL = "io.airbyte.api.model.generated"


def stored_catalog(catalog: Doc, rules: Rules, new_id: Callable[[], str]) -> Doc:
    """Check a requested catalog and return what is stored of it; mappers without an id get one.

    Raises:
        ApiError: the server refuses the catalog, or breaks on it.
    """
    entries = entries_of(catalog)
    chosen = [entry for entry in entries if is_selected(entry)]
    if rules.has("includeFiles.checked"):
        _check_files(chosen)
    _check_duplicates(catalog, rules)
    _check_field_count(chosen, rules)
    if rules.has("mappers.ids"):
        _give_ids(entries, new_id)
    streams = configured_streams(chosen, rules)
    if rules.has("mapperProblems"):
        _check_mappers(streams, rules)
    return in_stored_order(streams)


def entries_of(catalog: Doc) -> list[Doc]:
    """The entries of a catalog, whose list the server reads without looking."""
    entries: list[Doc] | None = catalog.get("streams")
    if entries is None:
        raise returned_null("java.util.List.stream()", f'the return value of "{_MODEL}.AirbyteCatalog.getStreams()"')
    return entries


def is_selected(entry: Doc | None) -> bool:
    """Whether an entry is selected; where that is not said the server breaks (§2.2)."""
    if entry is None:
        raise null_pointer(f'Cannot invoke "{_MODEL}.AirbyteStreamAndConfiguration.getConfig()" because it is null')
    config = entry.get("config")
    if config is None:
        value = f'the return value of "{_MODEL}.AirbyteStreamAndConfiguration.getConfig()"'
        raise returned_null(f"{_MODEL}.AirbyteStreamConfiguration.getSelected()", value)
    if config.get("selected") is None:
        value = f'the return value of "{_MODEL}.AirbyteStreamConfiguration.getSelected()"'
        raise returned_null("java.lang.Boolean.booleanValue()", value)
    return bool(config["selected"])


def configured_streams(entries: list[Doc], rules: Rules) -> list[Doc]:
    """Entries as they are stored, each with its schema cut."""
    for entry in entries:
        _check_stream(entry, rules)
    try:
        return [stored_entry(entry, rules) for entry in cut_streams(entries, rules)]
    except SelectionError as problem:
        raise _selection_failure(problem) from None


def compared_streams(catalog: Doc, rules: Rules) -> list[Doc]:
    """Every stream of a catalog for a comparison, selected or not, with its schema cut (§6.1).

    Raises:
        ApiError: the server refuses the catalog, or breaks on it.
    """
    entries = entries_of(catalog)
    for entry in entries:
        _check_stream(entry, rules)
        if rules.has("mappers"):
            stored_mappers(entry["config"], rules)
    try:
        return all_streams({"streams": entries}, rules)
    except SelectionError as problem:
        raise _selection_failure(problem) from None


def _check_stream(entry: Doc, rules: Rules) -> None:
    """The parts of a stream that the server reads without looking (real-server.md D4, 13, A16)."""
    stream = entry.get("stream")
    if stream is None:
        raise returned_null(f"{_MODEL}.AirbyteStream.getName()", "the stream")
    if listed(stream, "supportedSyncModes", rules) is None:
        raise returned_null("java.util.List.stream()", f'the return value of "{_MODEL}.AirbyteStream"')
    if not rules.has("catalog.internalModel"):
        return
    for owner, name in ((stream, "name"), (entry["config"], "syncMode"), (entry["config"], "destinationSyncMode")):
        if owner.get(name) is None:
            raise null_pointer(f"get{name[0].upper()}{name[1:]}(...) must not be null")
    if stream.get("jsonSchema") is None and rules.has("catalog.fields"):
        raise null_pointer("getJsonSchema(...) must not be null")


def _selection_failure(problem: SelectionError) -> ApiError:
    """The answer to a refused field selection."""
    if problem.internal:
        return InternalError(str(problem), problem.exception)
    return invalid(str(problem))


def _check_duplicates(catalog: Doc, rules: Rules) -> None:
    duplicate = duplicate_of(catalog) if rules.has("duplicateStreams.refused") else None
    if duplicate is not None:
        name = f"{duplicate.namespace if duplicate.namespace is not None else 'null'}.{duplicate.name}"
        raise InternalError(f"Catalog contains duplicate stream names: {name}")


def _check_field_count(chosen: list[Doc], rules: Rules) -> None:
    if not rules.has("fieldLimit"):
        return
    count = sum(_field_count(entry) for entry in chosen)
    if count > MAX_FIELDS:
        raise KnownError(
            400,
            f"Total number of selected fields ({count}) is greater than the limit ({MAX_FIELDS}) configured for this "
            "workspace. Please de-select fields or see documentation about raising the limit.",
            "BadRequestException",
        )


def _field_count(entry: Doc) -> int:
    if entry["config"].get("fieldSelectionEnabled"):
        return len(entry["config"].get("selectedFields") or [])
    schema = entry["stream"].get("jsonSchema")
    if schema is None:
        value = f'the return value of "{_MODEL}.AirbyteStream.getJsonSchema()"'
        raise returned_null("com.fasterxml.jackson.databind.JsonNode.get(String)", value)
    properties = schema.get("properties")
    return len(properties) if isinstance(properties, dict) else 0


def _check_files(chosen: list[Doc]) -> None:
    """The simulated connectors cannot move files (§11.3)."""
    streams = [entry["stream"] for entry in chosen if entry["config"].get("includeFiles")]
    if streams:
        named = [{"streamName": stream["name"], "streamNamespace": stream.get("namespace")} for stream in streams]
        raise ProblemError(
            "error:connection-validation/file-transfer/connection-unsupported",
            "Connection does not support file transfers",
            "The source or destination used in this connection does not support file transfers, so they cannot be "
            "enabled.",
            {"streams": named},
        )


def _give_ids(entries: list[Doc], new_id: Callable[[], str]) -> None:
    """Every mapper of a request gets an id unless it brings one (A7); a null list breaks the server (A5)."""
    for entry in entries:
        config = entry["config"]
        if "mappers" in config and config["mappers"] is None:
            value = f'the return value of "{_MODEL}.AirbyteStreamConfiguration.getMappers()"'
            raise returned_null("java.util.List.forEach(java.util.function.Consumer)", value)
        for mapper in config.get("mappers") or []:
            if mapper.get("id") is None:
                mapper["id"] = new_id()


def _check_mappers(streams: list[Doc], rules: Rules) -> None:
    errors = [
        {
            "stream": entry["stream"]["name"],
            "error": word,
            "mapper": mapper,
        }
        for entry in streams
        for mapper, word in mapper_errors(entry, rules)
    ]
    if errors:
        raise ProblemError(
            "error:mapper-validation",
            "Mapper validation failed",
            "The mapper configuration is invalid",
            {"errors": errors},
        )
