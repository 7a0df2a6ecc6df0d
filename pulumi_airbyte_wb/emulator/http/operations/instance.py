"""``health``, ``instance_configuration`` and ``applications/token`` (semantics §1.2, §12)."""

from pulumi_airbyte_wb.emulator.core.failures import KnownError
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.answers import ORGANIZATION
from pulumi_airbyte_wb.emulator.http.registry import operation
from pulumi_airbyte_wb.emulator.http.requests import TOKEN
from pulumi_airbyte_wb.emulator.http.tokens import issue_token


@operation("health", method="GET", open_to_all=True)
def health(airbyte: Airbyte, body: Doc) -> Doc:  # noqa: ARG001 - a handler
    """Always available, always open."""
    return {"available": True}


@operation("instance_configuration", method="GET", open_to_all=True)
def instance_configuration(airbyte: Airbyte, body: Doc) -> Doc:  # noqa: ARG001 - a handler
    """What the instance is; ``version`` (0.57.4 on) is how clients find the server's version."""
    workspace_id = next(iter(airbyte.store.ids("workspace")), ORGANIZATION)
    answer: Doc = {
        "edition": "community",
        "airbyteUrl": "http://localhost:8000",
        "auth": {"mode": "none" if airbyte.login.mode in ("none", "basic") else "simple"},
        "initialSetupComplete": True,
        "defaultUserId": ORGANIZATION,
        "defaultOrganizationId": ORGANIZATION,
        "defaultWorkspaceId": workspace_id,
        "trackingStrategy": "logging",
    }
    if airbyte.rules.has("instance.version"):
        answer["version"] = str(airbyte.rules.version)
    if airbyte.rules.has("licenseStatus"):
        answer |= {"licenseStatus": "pro", "defaultOrganizationEmail": "admin@emulator.example"}
    return answer


@operation("applications/token", TOKEN, open_to_all=True)
def token(airbyte: Airbyte, body: Doc) -> Doc:
    """Exchange client credentials for a token (§12)."""
    login = airbyte.login
    right = login.accepts(str(body.get("client_id")), str(body.get("client_secret")))
    if login.mode != "client-credentials" or not right:
        raise KnownError(400, "Invalid client id or token", "BadRequestException")
    return {"access_token": issue_token(airbyte)}
