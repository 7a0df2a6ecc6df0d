"""``tags/*`` (semantics §1.2, §11.3)."""

import re
from typing import Any

from pulumi_airbyte_wb.emulator.core.failures import NotFoundError, ProblemError, needed
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.registry import NO_CONTENT, operation
from pulumi_airbyte_wb.emulator.http.requests import TAG_CREATE, TAG_ID, TAG_UPDATE, WORKSPACE_ID

_LONGEST_NAME = 30
_MOST = 100


def _tags(airbyte: Airbyte, workspace_id: str) -> list[Doc]:
    return [tag for tag in airbyte.store.all("tag") if tag["workspaceId"] == workspace_id]


def _check(airbyte: Airbyte, workspace_id: str, body: Doc, own_id: str | None) -> None:
    name, color = body.get("name") or "", body.get("color") or ""
    if not name or len(name) > _LONGEST_NAME:
        raise ProblemError(
            "error:tag-invalid-name", "Invalid tag", f"A tag's name has 1 to {_LONGEST_NAME} characters."
        )
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", color):
        raise ProblemError("error:tag-invalid-hex-color", "Invalid tag", "A tag's color is 6 hexadecimal digits.")
    if any(tag["name"] == name and tag["tagId"] != own_id for tag in _tags(airbyte, workspace_id)):
        raise ProblemError("error:tag-already-exists", "Invalid tag", f"A tag named {name} exists.", status=409)


@operation("tags/list", WORKSPACE_ID)
def list_tags(airbyte: Airbyte, body: Doc) -> Any:
    """The tags of a workspace."""
    return _tags(airbyte, body.get("workspaceId") or "")


@operation("tags/create", TAG_CREATE)
def create(airbyte: Airbyte, body: Doc) -> Doc:
    """Create a tag; names are unique in a workspace, which holds at most 100."""
    workspace_id = needed(body, "workspaceId", airbyte.rules)
    airbyte.workspace(workspace_id)
    _check(airbyte, workspace_id, body, None)
    if len(_tags(airbyte, workspace_id)) >= _MOST:
        raise ProblemError("error:tag-limit-reached", "Invalid tag", f"A workspace holds at most {_MOST} tags.")
    tag = {"tagId": airbyte.new_id(), "workspaceId": workspace_id, "name": body["name"], "color": body["color"]}
    airbyte.store.put("tag", tag["tagId"], tag)
    return tag


def _found(airbyte: Airbyte, body: Doc) -> Doc:
    tag = airbyte.store.get("tag", body.get("tagId") or "")
    if tag is None:
        raise NotFoundError("TAG", str(body.get("tagId")))
    return tag


@operation("tags/update", TAG_UPDATE)
def update(airbyte: Airbyte, body: Doc) -> Doc:
    """Change a tag's name and color."""
    tag = _found(airbyte, body)
    _check(airbyte, tag["workspaceId"], body, tag["tagId"])
    tag.update(name=body["name"], color=body["color"])
    airbyte.store.put("tag", tag["tagId"], tag)
    return tag


@operation("tags/delete", TAG_ID)
def delete(airbyte: Airbyte, body: Doc) -> Any:
    """Delete a tag and take it from connections."""
    tag = _found(airbyte, body)
    airbyte.store.delete("tag", tag["tagId"])
    for connection in airbyte.connections(deleted=True):
        if tag["tagId"] in connection["tagIds"]:
            connection["tagIds"].remove(tag["tagId"])
            airbyte.store.put("connection", connection["connectionId"], connection)
    return NO_CONTENT
