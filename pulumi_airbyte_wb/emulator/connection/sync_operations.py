"""Operations: what is stored of one and how it reads back (semantics §8)."""

import re

from pulumi_airbyte_wb.emulator.core.failures import InternalError, database, needed, null_pointer, returned_null
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_DBT_CLOUD = "https://cloud.getdbt.com/api/v2/accounts/{accountId}/jobs/{jobId}/run/"
_DBT_PATTERN = re.compile(r"https://[^/]+/api/v2/accounts/(\d+)/jobs/(\d+)/run/?")
_MODEL = "io.airbyte.api.model.generated"
_NO_CONFIGURATION = f'the return value of "{_MODEL}.OperationCreate.getOperatorConfiguration()"'
_DBT_BODY = '{"cause": "airbyte"}'


def create_operation(airbyte: Airbyte, request: Doc) -> Doc:
    """Store a new operation under a fresh id (§8.1, §8.2); it needs a name and a known workspace (real-server.md 7)."""
    _check_row(airbyte, request)
    operation: Doc = {
        "operationId": airbyte.new_id(),
        "workspaceId": request.get("workspaceId"),
        "name": request.get("name"),
        "configuration": stored_configuration(request.get("operatorConfiguration"), airbyte.rules),
        "tombstone": False,
    }
    airbyte.store.put("operation", operation["operationId"], operation)
    operation_read(operation, airbyte.rules)  # what cannot be read breaks the request once it is stored
    return operation


def _check_row(airbyte: Airbyte, request: Doc) -> None:
    configuration = request.get("operatorConfiguration")
    if configuration is None or configuration.get("operatorType") is None:
        raise returned_null(f"{_MODEL}.OperatorConfiguration.getOperatorType()", _NO_CONFIGURATION)
    if airbyte.rules.has("operations.workspaceChecked"):
        airbyte.workspace(needed(request, "workspaceId", airbyte.rules))
    if request.get("name") is None or request.get("workspaceId") is None:
        raise database("null value in column violates not-null constraint", airbyte.rules)
    if airbyte.store.get("workspace", request["workspaceId"]) is None:
        raise database("insert or update violates foreign key constraint", airbyte.rules)


def change_operation(airbyte: Airbyte, operation: Doc, request: Doc) -> None:
    """Replace name and configuration; the workspace stays (§8.1)."""
    operation["name"] = request.get("name")
    operation["configuration"] = stored_configuration(request.get("operatorConfiguration"), airbyte.rules)
    airbyte.store.put("operation", operation["operationId"], operation)


def stored_configuration(configuration: Doc | None, rules: Rules) -> Doc:
    """What is kept of an operatorConfiguration (§8.4)."""
    if configuration is None or configuration.get("operatorType") is None:
        raise returned_null(f"{_MODEL}.OperatorConfiguration.getOperatorType()", _NO_CONFIGURATION)
    kind = configuration["operatorType"]
    if kind != "webhook":
        if not rules.has("normalizationOperator"):
            return {"operatorType": kind}
        if configuration.get(kind) is None:
            raise InternalError("null")
        return {"operatorType": kind, kind: configuration[kind]}
    webhook = configuration.get("webhook")
    if webhook is None:
        raise InternalError("null")
    dbt = webhook.get("dbtCloud")
    if webhook.get("webhookType") == "dbtCloud":
        if dbt is None:
            raise null_pointer("dbtCloud")
        url, body = _DBT_CLOUD.format(**dbt), _DBT_BODY
    else:
        url, body = webhook.get("executionUrl"), webhook.get("executionBody")
    stored = {"webhookConfigId": webhook.get("webhookConfigId"), "executionUrl": url, "executionBody": body}
    return {"operatorType": kind, "webhook": stored}


def operation_read(operation: Doc, rules: Rules) -> Doc:
    """An OperationRead; a webhook that is no dbt Cloud run cannot be read (§8.4)."""
    configuration = operation["configuration"]
    answer: Doc = {"operatorType": configuration["operatorType"]}
    if configuration["operatorType"] == "webhook":
        answer["webhook"] = _webhook_read(configuration["webhook"])
    elif rules.has("normalizationOperator"):
        answer |= configuration
    return {
        "operationId": operation["operationId"],
        "workspaceId": operation["workspaceId"],
        "name": operation["name"],
        "operatorConfiguration": answer,
    }


def _webhook_read(webhook: Doc) -> Doc:
    match = _DBT_PATTERN.fullmatch(webhook["executionUrl"] or "")
    if match is None:
        raise InternalError("Unexpected webhook operator config")
    answer = {
        "webhookConfigId": webhook["webhookConfigId"],
        "webhookType": "dbtCloud",
        "dbtCloud": {"accountId": int(match.group(1)), "jobId": int(match.group(2))},
        "executionUrl": webhook["executionUrl"],
        "executionBody": webhook["executionBody"],
    }
    return {name: value for name, value in answer.items() if value is not None}


def replace_operations(airbyte: Airbyte, connection: Doc, requests: list[Doc]) -> list[str]:
    """Create, change, detach and tombstone the operations of an update; each step is durable (§8.1)."""
    attached = list(connection["operationIds"])
    kept: list[str] = []
    for request in requests:
        operation_id = request.get("operationId")
        if operation_id is not None and operation_id in attached:
            change_operation(airbyte, airbyte.operation(operation_id), request)
            kept.append(operation_id)
        else:
            kept.append(create_operation(airbyte, request)["operationId"])
    for operation_id in attached:
        if operation_id not in kept:
            detach_operation(airbyte, connection, operation_id)
    return kept


def detach_operation(airbyte: Airbyte, connection: Doc, operation_id: str) -> None:
    """Unlink an operation and tombstone it unless another connection row uses it (§8.1)."""
    connection["operationIds"] = [other for other in connection["operationIds"] if other != operation_id]
    airbyte.store.put("connection", connection["connectionId"], connection)
    shared = any(operation_id in other["operationIds"] for other in airbyte.connections(deleted=True))
    operation = airbyte.store.get("operation", operation_id)
    if operation is not None and not shared:
        operation["tombstone"] = True
        airbyte.store.put("operation", operation_id, operation)
