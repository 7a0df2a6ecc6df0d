"""The request bodies of the API, as far as the server reads them."""

from pulumi_airbyte_wb.emulator.core.versions import Rules
from pulumi_airbyte_wb.emulator.http.binding import (
    Shape,
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
    RefreshMode,
    ScheduleType,
    SyncMode,
    TimeUnit,
)

WORKSPACE_ID = record(workspaceId=identifier)
ORGANIZATION_ID = record(organizationId=identifier)
DATAPLANE_GROUPS = record(organization_id=identifier)
CONNECTION_ID = record(connectionId=identifier)
CONNECTION_SEARCH = record(
    connectionId=identifier,
    name=text,
    namespaceDefinition=word(*NamespaceDefinition),
    namespaceFormat=text,
    prefix=text,
    sourceId=identifier,
    destinationId=identifier,
    status=word("active", "inactive", "deprecated"),
    source=record(name=text, workspaceId=identifier),
    destination=record(name=text, workspaceId=identifier),
)
SOURCE_ID = record(sourceId=identifier)
DESTINATION_ID = record(destinationId=identifier)
OPERATION_ID = record(operationId=identifier)
JOB_ID = record(id=whole)
TAG_ID = record(tagId=identifier)

STREAM_REFERENCES = record(connectionId=identifier, streams=many(record(streamName=text, streamNamespace=text)))
REFRESH = record(
    connectionId=identifier,
    refreshMode=word(*RefreshMode),
    streams=many(record(streamName=text, streamNamespace=text)),
)
WEB_GET = record(connectionId=identifier, withRefreshedCatalog=flag)
WEB_LIST = record(
    workspaceId=identifier,
    sourceId=many(identifier),
    destinationId=many(identifier),
    cursor=identifier,
    pageSize=whole,
    sortKey=word(
        *(
            f"{key}_{way}"
            for key in ("connectionName", "sourceName", "destinationName", "lastSync")
            for way in ("asc", "desc")
        )
    ),
    filters=record(
        searchTerm=text,
        sourceDefinitionIds=many(identifier),
        destinationDefinitionIds=many(identifier),
        statuses=many(word("healthy", "failed", "running", "paused")),
        states=many(word("active", "inactive")),
        tagIds=many(identifier),
    ),
)
ACTOR_LIST = record(
    workspaceId=identifier,
    cursor=identifier,
    pageSize=whole,
    sortKey=word(
        *(f"{key}_{way}" for key in ("actorName", "actorDefinitionName", "lastSync") for way in ("asc", "desc"))
    ),
    filters=record(searchTerm=text, states=many(word("active", "inactive"))),
)
PAGINATION = record(pageSize=whole, rowOffset=whole)
WORKSPACES_PAGE = record(workspaceIds=many(identifier), pagination=PAGINATION, includeDeleted=flag)
JOB_LIST = record(
    configTypes=many(text),
    configId=text,
    includingJobId=whole,
    pagination=PAGINATION,
    statuses=many(word("pending", "running", "incomplete", "failed", "succeeded", "cancelled", "queued")),
    status=word("pending", "running", "incomplete", "failed", "succeeded", "cancelled"),
    createdAtStart=text,
    createdAtEnd=text,
    updatedAtStart=text,
    updatedAtEnd=text,
    orderByField=word("createdAt", "updatedAt"),
    orderByMethod=word("ASC", "DESC"),
)
DISCOVER = record(sourceId=identifier, connectionId=identifier, disable_cache=flag, notifySchemaChange=flag)
TOKEN = record(client_id=text, client_secret=text)
STATE_WRITE = record(connectionId=identifier, connectionState=mapping)
TAG_CREATE = record(workspaceId=identifier, name=text, color=text)
TAG_UPDATE = record(tagId=identifier, name=text, color=text)

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
    supportedSyncModes=many(word(*SyncMode)),
    sourceDefinedCursor=flag,
    defaultCursorField=many(text),
    sourceDefinedPrimaryKey=many(many(text)),
    isResumable=flag,
    isFileBased=flag,
)


def operation_shape(rules: Rules) -> Shape:
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


def catalog_shape(rules: Rules) -> Shape:
    """A catalog of a create or update; fields that the version does not know vanish (§14)."""
    config: dict[str, Shape] = {
        "syncMode": word(*SyncMode),
        "destinationSyncMode": word(*destination_sync_modes(rules)),
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
        config["mappers"] = many(record(id=identifier, type=word(*mapper_types(rules)), mapperConfiguration=mapping))
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
        "syncCatalog": catalog_shape(rules),
        "schedule": _BASIC_SCHEDULE,
        "scheduleType": word(*ScheduleType),
        "scheduleData": _SCHEDULE_DATA,
        "status": word("active", "inactive", "deprecated"),
        "resourceRequirements": _RESOURCES,
        "operations": many(operation_shape(rules)),
        "sourceCatalogId": identifier,
        "nonBreakingChangesPreference": word(*preferences),
    }
    if rules.has("backfillPreference"):
        parts["backfillPreference"] = word(*BackfillPreference)
    if rules.has("geography"):
        parts["geography"] = text
    if rules.has("destinationCatalogId"):
        parts["destinationCatalogId"] = identifier
    if rules.has("tags"):
        parts["tags"] = many(record(tagId=identifier, workspaceId=identifier, name=text, color=text))
    return parts


def web_create_shape(rules: Rules) -> Shape:
    """The body of web_backend/connections/create (§2.2)."""
    parts = _connection_parts(rules) | {"sourceId": identifier, "destinationId": identifier}
    if rules.has("notifySchemaChanges.create"):
        parts["notifySchemaChanges"] = flag
    return record(**parts)


def update_shape(rules: Rules) -> Shape:
    """The body of web_backend/connections/update (§4.2)."""
    parts = _connection_parts(rules) | {"connectionId": identifier, "notifySchemaChanges": flag, "skipReset": flag}
    if rules.has("notifySchemaChangesByEmail"):
        parts["notifySchemaChangesByEmail"] = flag
    return record(**parts)


def plain_update_shape(rules: Rules) -> Shape:
    """The body of connections/update: operations by id, nothing is ever reset (§5.1)."""
    parts = _connection_parts(rules) | {
        "connectionId": identifier,
        "notifySchemaChanges": flag,
        "breakingChange": flag,
        "operationIds": many(identifier),
    }
    del parts["operations"]
    if rules.has("notifySchemaChangesByEmail"):
        parts["notifySchemaChangesByEmail"] = flag
    return record(**parts)


OPERATOR_CHECK = record(
    operatorType=word("normalization", "dbt", "webhook"), webhook=mapping, normalization=mapping, dbt=mapping
)
