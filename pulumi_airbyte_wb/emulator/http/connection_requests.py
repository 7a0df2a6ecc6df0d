"""The request bodies that create and change connections and their operations (semantics §2.2, §4.2, §8.4)."""

from pulumi_airbyte_wb.emulator.core.versions import Rules
from pulumi_airbyte_wb.emulator.http.binding import (
    Body,
    Shape,
    anything,
    body,
    flag,
    identifier,
    many,
    mapping,
    record,
    text,
    whole,
    word,
)
from pulumi_airbyte_wb.models.enums import (
    BackfillPreference,
    DestinationSyncMode,
    NamespaceDefinition,
    NonBreakingChangesPreference,
    ScheduleType,
    SyncMode,
    TimeUnit,
)

_BASIC_SCHEDULE = record(units=whole, timeUnit=word(*TimeUnit))
_SCHEDULE_DATA = record(basicSchedule=_BASIC_SCHEDULE, cron=record(cronExpression=text, cronTimeZone=text))
_RESOURCES = record(
    cpu_request=text,
    cpu_limit=text,
    memory_request=text,
    memory_limit=text,
    ephemeral_storage_request=text,
    ephemeral_storage_limit=text,
)
_SELECTED_FIELDS = many(record(fieldPath=many(text)))
_STREAM = record(
    name=text,
    namespace=text,
    jsonSchema=mapping,
    supportedSyncModes=many(word(*SyncMode, model="SyncMode")),
    sourceDefinedCursor=flag,
    defaultCursorField=many(text),
    sourceDefinedPrimaryKey=many(many(text)),
    isResumable=flag,
    isFileBased=flag,
)


def _operation(rules: Rules) -> Shape:
    """An operation of a create or update (§8.4)."""
    webhook = record(
        webhookConfigId=identifier,
        webhookType=word("dbtCloud"),
        dbtCloud=record(accountId=whole, jobId=whole),
        executionUrl=text,
        executionBody=text,
    )
    parts: dict[str, Shape] = {"operatorType": word("normalization", "dbt", "webhook"), "webhook": webhook}
    if rules.has("normalizationOperator"):
        parts["normalization"] = record(option=word("basic"))
        parts["dbt"] = record(gitRepoUrl=text, gitRepoBranch=text, dockerImage=text, dbtArguments=text)
    return record(operationId=identifier, workspaceId=identifier, name=text, operatorConfiguration=record(**parts))


def _catalog(rules: Rules) -> Shape:
    """A catalog of a create or update; fields that the version does not know vanish (§14)."""
    config: dict[str, Shape] = {
        "syncMode": word(*SyncMode),
        "destinationSyncMode": word(*destination_sync_modes(rules), model="DestinationSyncMode"),
        "cursorField": many(text),
        "primaryKey": many(many(text)),
        "aliasName": text,
        "selected": flag,
        "suggested": flag,
        "fieldSelectionEnabled": flag,
        "selectedFields": _SELECTED_FIELDS,
    }
    if rules.has("generationId"):
        config |= {"generationId": whole, "minimumGenerationId": whole, "syncId": whole}
    if rules.has("hashedFields"):
        config["hashedFields"] = _SELECTED_FIELDS
    if rules.has("mappers"):
        config["mappers"] = many(_mapper(rules))
    if rules.has("includeFiles"):
        config |= {"includeFiles": flag, "namespace": text}
    if rules.has("destinationObjectName"):
        config["destinationObjectName"] = text
    return record(streams=many(record(stream=_STREAM, config=record(**config))))


def destination_sync_modes(rules: Rules) -> list[str]:
    """The destination sync modes of the version (§14)."""
    modes = [DestinationSyncMode.OVERWRITE, DestinationSyncMode.APPEND, DestinationSyncMode.APPEND_DEDUP]
    if rules.has("overwrite_dedup"):
        modes.append(DestinationSyncMode.OVERWRITE_DEDUP)
    if rules.has("destinationObjectName"):
        modes += [DestinationSyncMode.UPDATE, DestinationSyncMode.SOFT_DELETE]
    return [str(mode) for mode in modes]


def mapper_types(rules: Rules) -> list[str]:
    """The mapper types of the version (§14)."""
    types = ["hashing", "field-renaming", "row-filtering"]
    if rules.has("mappers.encryption"):
        types.append("encryption")
    if rules.has("mappers.fieldFiltering"):
        types.append("field-filtering")
    return types


def _connection_parts(rules: Rules) -> dict[str, Shape]:
    preferences = list(NonBreakingChangesPreference) if rules.has("propagate") else ["ignore", "disable"]
    parts: dict[str, Shape] = {
        "name": text,
        "namespaceDefinition": word(*NamespaceDefinition),
        "namespaceFormat": text,
        "prefix": text,
        "syncCatalog": _catalog(rules),
        "schedule": _BASIC_SCHEDULE,
        "scheduleType": word(*ScheduleType, model="ConnectionScheduleType"),
        "scheduleData": _SCHEDULE_DATA,
        "status": word("active", "inactive", "deprecated", model="ConnectionStatus"),
        "resourceRequirements": _RESOURCES,
        "operations": many(_operation(rules)),
        "sourceCatalogId": identifier,
        "nonBreakingChangesPreference": word(*preferences),
    }
    if rules.has("backfillPreference"):
        parts["backfillPreference"] = word(*BackfillPreference)
    if rules.has("geography"):
        parts["geography"] = word("auto", "us", "eu") if rules.has("geography.words") else text
    if rules.has("destinationCatalogId"):
        parts["destinationCatalogId"] = identifier
    if rules.has("tags"):
        parts["tags"] = many(record(tagId=identifier, workspaceId=identifier, name=text, color=text))
    return parts


def web_create_shape(rules: Rules) -> Body:
    """The body of web_backend/connections/create (§2.2)."""
    parts = _connection_parts(rules) | {"sourceId": identifier, "destinationId": identifier}
    if rules.has("notifySchemaChanges.create"):
        parts["notifySchemaChanges"] = flag
    return body("WebBackendConnectionCreate", **parts)


def plain_create_shape(rules: Rules) -> Body:
    """The body of connections/create: operations by id (real-server.md 16)."""
    return body("ConnectionCreate", **_parts_by_id(rules), sourceId=identifier, destinationId=identifier)


def update_shape(rules: Rules) -> Body:
    """The body of web_backend/connections/update (§4.2)."""
    parts = _connection_parts(rules) | {"connectionId": identifier, "notifySchemaChanges": flag, "skipReset": flag}
    if rules.has("notifySchemaChangesByEmail"):
        parts["notifySchemaChangesByEmail"] = flag
    return body("WebBackendConnectionUpdate", **parts)


def plain_update_shape(rules: Rules) -> Body:
    """The body of connections/update: operations by id, nothing is ever reset (§5.1)."""
    return body("ConnectionUpdate", **_parts_by_id(rules), connectionId=identifier, breakingChange=flag)


def _parts_by_id(rules: Rules) -> dict[str, Shape]:
    parts = _connection_parts(rules) | {"notifySchemaChanges": flag, "operationIds": many(identifier)}
    del parts["operations"]
    if rules.has("notifySchemaChangesByEmail"):
        parts["notifySchemaChangesByEmail"] = flag
    return parts


def operation_create_shape(rules: Rules) -> Body:
    """The body of operations/create."""
    return Body("OperationCreate", _operation(rules))


def operation_update_shape(rules: Rules) -> Body:
    """The body of operations/update."""
    return Body("OperationUpdate", _operation(rules))


def mappers_shape(rules: Rules) -> Body:
    """The body of web_backend/mappers/validate."""
    return body(
        "WebBackendValidateMappersRequestBody",
        connectionId=identifier,
        streamDescriptor=record(name=text, namespace=text),
        mappers=many(_mapper(rules)),
    )


def _mapper(rules: Rules) -> Shape:
    kind = word(*mapper_types(rules), model="StreamMapperType")
    return record(id=identifier, type=kind, mapperConfiguration=anything)
