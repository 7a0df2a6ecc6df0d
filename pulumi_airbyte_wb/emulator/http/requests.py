"""The request bodies of the API, as far as the server reads them."""

from pulumi_airbyte_wb.emulator.core.versions import Rules
from pulumi_airbyte_wb.emulator.http.binding import (
    Body,
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
from pulumi_airbyte_wb.models.enums import NamespaceDefinition, RefreshMode

WORKSPACE_ID = body("WorkspaceIdRequestBody", workspaceId=identifier)
ORGANIZATION_ID = body("ListWorkspacesByOrganizationIdRequestBody", organizationId=identifier)
DATAPLANE_GROUPS = body("DataplaneGroupListRequestBody", organization_id=identifier, organizationId=identifier)
CONNECTION_ID = body("ConnectionIdRequestBody", connectionId=identifier)
WORKSPACE_STATE = body("WebBackendWorkspaceState", workspaceId=identifier)
CONNECTION_SEARCH = body(
    "ConnectionSearch",
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
SOURCE_ID = body("SourceIdRequestBody", sourceId=identifier)
DESTINATION_ID = body("DestinationIdRequestBody", destinationId=identifier)
OPERATION_ID = body("OperationIdRequestBody", operationId=identifier)
JOB_ID = body("JobIdRequestBody", id=whole)
TAG_ID = body("TagDeleteRequestBody", tagId=identifier)
DEFINITIONS: dict[str, Body] = {
    "source": body("SourceDefinitionIdRequestBody", sourceDefinitionId=identifier),
    "destination": body("DestinationDefinitionIdRequestBody", destinationDefinitionId=identifier),
}
CRON_EXPRESSION = body("WebBackendDescribeCronExpressionRequestBody", cronExpression=text)

STREAM_REFERENCES = body(
    "ConnectionStreamRequestBody", connectionId=identifier, streams=many(record(streamName=text, streamNamespace=text))
)
REFRESH = body(
    "ConnectionStreamRefreshRequestBody",
    connectionId=identifier,
    refreshMode=word(*RefreshMode),
    streams=many(record(streamName=text, streamNamespace=text)),
)
WEB_GET = body("WebBackendConnectionRequestBody", connectionId=identifier, withRefreshedCatalog=flag)
WEB_LIST = body(
    "WebBackendConnectionListRequestBody",
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
        ),
        model="WebBackendConnectionListSortKey",
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
_ACTOR_PAGE = body(
    "ActorListCursorPaginatedRequestBody",
    workspaceId=identifier,
    cursor=identifier,
    pageSize=whole,
    sortKey=word(
        *(f"{key}_{way}" for key in ("actorName", "actorDefinitionName", "lastSync") for way in ("asc", "desc")),
        model="ActorListSortKey",
    ),
    filters=record(searchTerm=text, states=many(word("active", "inactive"))),
)
PAGINATION = record(pageSize=whole, rowOffset=whole)
WORKSPACES_PAGE = body(
    "ListResourcesForWorkspacesRequestBody", workspaceIds=many(identifier), pagination=PAGINATION, includeDeleted=flag
)
_JOB_TYPES = (
    "check_connection_source", "check_connection_destination", "discover_schema", "get_spec",
    "sync", "reset_connection", "refresh", "clear",
)  # fmt: skip


def actor_list_shape(rules: Rules) -> Body:
    """The body of ``sources/list`` and ``destinations/list``: pages from v1.8.0."""
    return _ACTOR_PAGE if rules.has("cursorPaging") else WORKSPACE_ID


def job_list_shape(rules: Rules) -> Body:
    """The body of ``jobs/list``: types of jobs that the version does not know are refused (real-server.md 10)."""
    unknown = {"refresh", "clear"} - {name for name in ("refresh", "clear") if rules.serves(f"connections/{name}")}
    statuses = ("pending", "running", "incomplete", "failed", "succeeded", "cancelled")
    return body(
        "JobListRequestBody",
        configTypes=many(word(*(kind for kind in _JOB_TYPES if kind not in unknown), model="JobConfigType")),
        configId=text,
        includingJobId=whole,
        pagination=PAGINATION,
        statuses=many(word(*statuses, "queued", model="JobStatus")),
        status=word(*statuses, model="JobStatus"),
        createdAtStart=text,
        createdAtEnd=text,
        updatedAtStart=text,
        updatedAtEnd=text,
        orderByField=word("createdAt", "updatedAt"),
        orderByMethod=word("ASC", "DESC"),
    )


DISCOVER = body(
    "SourceDiscoverSchemaRequestBody",
    sourceId=identifier,
    connectionId=identifier,
    disable_cache=flag,
    notifySchemaChange=flag,
)
TOKEN = body("ApplicationTokenRequest", client_id=text, client_secret=text)
STATE_WRITE = body("ConnectionStateCreateOrUpdate", connectionId=identifier, connectionState=mapping)
TAG_CREATE = body("TagCreateRequestBody", workspaceId=identifier, name=text, color=text)
TAG_UPDATE = body("TagUpdateRequestBody", tagId=identifier, name=text, color=text)

OPERATOR_CHECK = body(
    "OperatorConfiguration",
    operatorType=word("normalization", "dbt", "webhook"),
    webhook=mapping,
    normalization=mapping,
    dbt=mapping,
)
