"""What create and update check in a requested catalog before they store it (semantics §2.2, §11.3)."""

from pulumi_airbyte_wb.emulator.catalog.json_schema import SchemaNotAnObjectError
from pulumi_airbyte_wb.emulator.catalog.mappers import mappers_of, renaming_of
from pulumi_airbyte_wb.emulator.catalog.selection import SelectionError, duplicate_of, selected_streams
from pulumi_airbyte_wb.emulator.core.failures import (
    ApiError,
    InternalError,
    KnownError,
    ProblemError,
    invalid,
    null_pointer,
)
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

MAX_FIELDS = 20000


def stored_catalog(catalog: Doc, rules: Rules) -> Doc:
    """Check a requested catalog and return what is stored of it."""
    for entry in catalog["streams"]:
        check_entry(entry)
    duplicate = duplicate_of(catalog)
    if duplicate is not None and rules.has("duplicateStreams.refused"):
        raise InternalError(
            f"Catalog contains duplicate streams. The following names appear more than once: {duplicate.name}"
        )
    if rules.has("includeFiles.checked"):
        _check_files(catalog)
    if rules.has("mapperProblems"):
        _check_mappers(catalog)
    try:
        stored = selected_streams(catalog, rules)
    except SelectionError as problem:
        raise selection_failure(problem) from None
    except SchemaNotAnObjectError:
        raise InternalError("a schema is not a JSON object", "java.lang.ClassCastException") from None
    _check_field_count(stored, rules)
    return stored


def check_entry(entry: Doc) -> None:
    """The parts of an entry that the server reads without looking (§2.2, §11.2)."""
    stream, config = entry.get("stream"), entry.get("config")
    if stream is None or stream.get("name") is None:
        raise null_pointer("stream")
    if config is None or config.get("selected") is None:
        raise null_pointer("selected")
    for name in ("syncMode", "destinationSyncMode"):
        if config.get(name) is None:
            raise null_pointer(name)


def selection_failure(problem: SelectionError) -> ApiError:
    """The answer to a refused field selection."""
    if problem.internal:
        return InternalError(str(problem), "java.lang.UnsupportedOperationException")
    return invalid(str(problem))


def _check_field_count(stored: Doc, rules: Rules) -> None:
    if not rules.has("fieldLimit"):
        return
    count = 0
    for entry in stored["streams"]:
        schema = entry["stream"].get("jsonSchema") or {}
        count += len(schema.get("properties") or {})
    if count > MAX_FIELDS:
        raise KnownError(
            400,
            f"A connection can have at most {MAX_FIELDS} fields, this one has {count}.",
            "BadRequestException",
        )


def _check_files(catalog: Doc) -> None:
    """The simulated destinations cannot take files (§11.3)."""
    if any(entry["config"].get("selected") and entry["config"].get("includeFiles") for entry in catalog["streams"]):
        raise ProblemError(
            "error:connection-validation/file-transfer/destination-does-not-support-file-transfer",
            "Destination does not support file transfers",
            "The destination does not support file transfers, but a stream has includeFiles.",
        )


def _check_mappers(catalog: Doc) -> None:
    errors = []
    for entry in catalog["streams"]:
        if not entry["config"].get("selected"):
            continue
        stream = entry["stream"]
        fields = set((stream.get("jsonSchema") or {}).get("properties") or {})
        for mapper in mappers_of(entry["config"]):
            problem = _mapper_problem(mapper, fields)
            if problem is not None:
                errors.append(
                    {
                        "stream": {k: stream[k] for k in ("name", "namespace") if stream.get(k) is not None},
                        "mapper": mapper,
                        "error": problem,
                    }
                )
    if errors:
        raise ProblemError(
            "error:mapper-validation", "mapper validation error", "One or more mappers are invalid", {"errors": errors}
        )


def _mapper_problem(mapper: Doc, fields: set[str]) -> str | None:
    try:
        change = renaming_of(mapper)
    except KeyError as missing:
        return f"INVALID_MAPPER_CONFIG: {missing.args[0]} is missing"
    if change is None:
        return None
    old, new = change
    if old not in fields:
        return "FIELD_NOT_FOUND"
    fields.discard(old)
    if new is not None:
        if new in fields:
            return "FIELD_ALREADY_EXISTS"
        fields.add(new)
    return None
