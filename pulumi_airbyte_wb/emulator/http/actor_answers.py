"""How sources, destinations and their connectors look in answers, by version (semantics §1, §14)."""

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.jobs import history

_NO_JOBS = {"running": 0, "incomplete": 0, "pending": 0, "cancelled": 0, "failed": 0, "succeeded": 0}


def actor_read(airbyte: Airbyte, actor: Doc, kind: str) -> Doc:
    """A SourceRead or DestinationRead."""
    rules, definition = airbyte.rules, actor["definition"]
    answer: Doc = {
        f"{kind}Id": actor[f"{kind}Id"],
        f"{kind}DefinitionId": definition["definitionId"],
        "workspaceId": actor["workspaceId"],
        "connectionConfiguration": actor["configuration"],
        "name": actor["name"],
        f"{kind}Name": definition["name"],
    }
    if rules.has("actorCreatedAt"):
        answer["createdAt"] = int(actor["createdAt"])
    if rules.has("actorStatus"):
        answer |= {"isVersionOverrideApplied": False, "supportState": "supported"}
    if rules.has("entitlements"):
        answer["isEntitled"] = True
    if rules.has("cursorPaging"):
        answer["connectionJobStatuses"] = {}
    return answer


def listed_actor(airbyte: Airbyte, actor: Doc, kind: str) -> Doc:
    """A SourceRead or DestinationRead in a list, which says whether it has an active connection."""
    rules, answer = airbyte.rules, actor_read(airbyte, actor, kind)
    own = [other for other in airbyte.connections() if other[f"{kind}Id"] == actor[f"{kind}Id"]]
    if rules.has("actorStatus"):
        answer["status"] = "active" if any(other["status"] == "active" for other in own) else "inactive"
    if rules.has("cursorPaging"):
        counts = dict(_NO_JOBS)
        newest = [history.newest_sync(airbyte, other["connectionId"], in_list=True) for other in own]
        for job in filter(None, newest):
            counts[job["status"]] += 1
        answer |= {"numConnections": len(own), "connectionJobStatuses": counts}
        moments = [int(job["createdAt"]) for job in newest if job is not None]
        if moments:
            answer["lastSync"] = max(moments)
    return answer


def snippet(actor: Doc, kind: str) -> Doc:
    """The short form of a source or destination in lists."""
    return {
        f"{kind}Id": actor[f"{kind}Id"],
        "name": actor["name"],
        f"{kind}DefinitionId": actor["definition"]["definitionId"],
        f"{kind}Name": actor["definition"]["name"],
    }


def definition_version(airbyte: Airbyte, actor: Doc) -> Doc:
    """An ActorDefinitionVersionRead."""
    rules, definition = airbyte.rules, actor["definition"]
    answer: Doc = {
        "dockerRepository": definition["dockerRepository"],
        "dockerImageTag": definition["dockerImageTag"],
        "isVersionOverrideApplied": False,
        "supportState": "supported",
    }
    if rules.has("supportLevel"):
        answer["supportLevel"] = "certified"
    if rules.has("supportsRefreshes.version"):
        answer["supportsRefreshes"] = bool(actor.get("supportsRefreshes", False))
    if rules.has("supportsDbt"):
        answer |= {"supportsDbt": False, "normalizationConfig": {"supported": False}}
    if rules.has("includeFiles"):
        answer["supportsFileTransfer"] = False
    if rules.has("destinationObjectName"):
        answer["supportsDataActivation"] = False
    return answer


def definition_read(airbyte: Airbyte, actor: Doc, kind: str) -> Doc:
    """A SourceDefinitionRead or DestinationDefinitionRead: the connector of a source or destination."""
    rules, definition = airbyte.rules, actor["definition"]
    answer: Doc = {
        f"{kind}DefinitionId": definition["definitionId"],
        "name": definition["name"],
        "dockerRepository": definition["dockerRepository"],
        "dockerImageTag": definition["dockerImageTag"],
        "documentationUrl": "https://docs.example",
        "protocolVersion": "0.2.0",
    }
    if kind == "source":
        answer["sourceType"] = "database"
    if rules.has("supportLevel"):
        answer |= {"supportLevel": "certified", "releaseStage": "generally_available", "custom": False}
    if rules.has("definition.language"):
        answer["language"] = "java"
    if rules.has("entitlements"):
        answer["enterprise"] = False
    if kind == "destination" and rules.has("normalizationOperator"):
        answer |= {"supportsDbt": False, "normalizationConfig": {"supported": False}}
    if kind == "destination" and rules.has("supportRefreshes.definition"):
        answer["supportRefreshes"] = bool(actor.get("supportsRefreshes", False))
    if kind == "destination" and rules.has("destinationObjectName"):
        answer["supportsDataActivation"] = False
    return answer
