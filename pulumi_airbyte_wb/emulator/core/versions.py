"""Which server version does what: the emulator's own table, by the tag at which a rule appeared or vanished.

The client has a capability table of its own; the two are kept apart on purpose, so that each can be wrong alone.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

SUPPORTED_VERSIONS = ("0.44.0", "0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0")
DEFAULT_VERSION = "1.8.0"

# rule: (first tag, last tag or None), semantics §14 and the section named
SPANS: dict[str, tuple[str, str | None]] = {
    # fields of answers and requests (§14)
    "notifySchemaChanges.create": ("0.51.0", None),
    "notifySchemaChangesByEmail": ("0.42.1", None),
    "propagate": ("0.44.6", None),
    "backfillPreference": ("0.50.45", None),
    "createdAt": ("0.50.46", None),
    "geography": ("0.40.32", "1.6.0"),
    "geography.words": ("0.40.32", "1.5.0"),
    "dataplaneGroupId": ("1.7.0", None),
    "tags": ("1.4.0", None),
    "tags.effective": ("1.6.0", None),
    "destinationCatalogId": ("1.7.0", None),
    "includeFiles": ("1.7.0", None),
    "destinationObjectName": ("1.8.0", None),
    "overwrite_dedup": ("0.63.11", None),
    "overwrite_dedup.keySelection": ("0.63.14", None),
    "overwrite_dedup.breaking": ("0.63.15", None),
    "generationId": ("0.57.4", None),
    "instance.version": ("0.57.4", None),
    "hashedFields": ("0.64.4", None),
    "mappers": ("1.2.0", None),
    "mappers.encryption": ("1.3.0", None),
    "mappers.ids": ("1.3.0", None),
    "mappers.masked": ("1.3.0", None),
    "mappers.sampleEncrypted": ("1.4.0", None),
    "mappers.settingProblems": ("1.4.0", None),
    "mappers.fieldFiltering": ("1.8.0", None),
    "isResumable": ("0.62.0", None),
    "isFileBased": ("1.7.0", None),
    "actorDefinitionVersion": ("0.63.2", None),
    "supportsRefreshes.version": ("0.62.1", None),
    "supportRefreshes.definition": ("0.58.1", "0.62.0"),
    "supportLevel": ("0.50.28", None),
    "definition.language": ("0.63.20", None),
    "entitlements": ("1.6.0", None),
    "notificationSettings": ("0.44.6", None),
    "actorCreatedAt": ("1.5.0", None),
    "actorStatus": ("0.63.0", None),
    "aggregatedStats": ("0.50.45", None),
    "enabledStreams": ("0.42.1", None),
    "reset.enabledStreams": ("0.59.0", None),
    "refreshConfig": ("0.62.2", None),
    "wasResumed": ("0.62.4", None),
    "recordsRejected": ("1.8.0", None),
    "structuredLogs": ("1.4.0", None),
    "cursorPaging": ("1.8.0", None),
    "jobs.pagesInCode": ("0.64.2", None),
    "jobs.statuses": ("0.50.46", None),
    "jobs.status": ("0.50.8", "0.50.45"),
    "jobs.ordering": ("0.50.18", None),
    "normalizationOperator": ("0.40.32", "0.63.4"),
    "supportsDbt": ("0.50.6", "0.63.4"),
    "licenseStatus": ("1.0.0", None),
    "organization": ("0.50.33", None),
    # catalog diff (§6)
    "diff.updateStreamAsObject": ("0.59.0", None),
    "diff.onlyConfigured": ("0.50.37", None),
    "diff.keyAsSet": ("0.61.0", None),
    "diff.lenientTraversal": ("0.50.32", None),
    "diff.duplicatesRefused": ("0.40.32", "1.7.0"),
    # merges (§3.3)
    "merge.sourceKeyWins": ("0.59.0", None),
    "merge.emptySelectedFields": ("0.60.0", None),
    "merge.suggested": ("0.60.0", None),
    "defaults.unselected": ("0.50.4", None),
    "defaults.smartModes": ("0.50.24", None),
    # reset decision (§5.3)
    "reset.legacyWidening": ("0.40.32", "0.59.1"),
    "reset.syncAfter": ("0.40.32", "0.57.2"),
    "reset.syncUnlessClear": ("0.57.3", "0.57.4"),
    "reset.emptyListIsAll": ("1.8.0", None),
    "reset.asynchronous": ("0.58.0", None),
    "reset.refreshes": ("0.62.2", None),
    "reset.destinationCatalogs": ("1.4.0", None),
    "catalog.fields": ("0.64.4", None),
    "catalog.internalModel": ("0.63.15", None),
    "catalog.oldTypes": ("0.40.32", "0.63.11"),
    "stream.cursorFlagSent": ("0.60.0", None),
    "state.deletedOnSyncModeChange": ("1.8.0", None),
    # jobs (§9)
    "jobs.stateDeletedAtStart": ("0.62.0", None),
    "jobs.fetchSchemaAlways": ("0.63.5", None),
    "jobs.refreshCountsAsSync": ("0.57.4", None),
    "sync.needsActive": ("0.43.2", None),
    "refresh.mode": ("0.59.0", None),
    "refresh.answersJob": ("1.2.0", None),
    "delete.dropsRefreshes": ("0.57.2", None),
    "autoDisable.late": ("1.6.0", None),
    # discovery and propagation (§3.4, §7)
    "discover.onlyNamedConnection": ("1.4.0", None),
    "propagate.emptyDiff": ("0.51.0", None),
    "propagate.newFieldsSelected": ("0.64.2", None),
    "propagate.withoutFlag": ("0.50.45", None),
    "backfill.withoutFlag": ("0.63.1", None),
    # validation and errors (§11)
    "duplicateStreams.refused": ("0.50.31", None),
    "includeFiles.checked": ("1.7.0", None),
    "fieldLimit": ("0.58.0", None),
    "selection.unknownFieldRefused": ("0.40.32", "0.63.15"),
    "selection.propertiesInOrder": ("0.40.32", "0.60.1"),
    "lists.absentAreEmpty": ("0.50.37", None),
    "problems": ("0.62.4", None),
    "mapperProblems": ("1.2.0", None),
    "cron.onceAMinute": ("1.3.0", None),
    "cron.hourly": ("1.3.0", "1.3.1"),
    "errors.stack": ("0.40.32", "1.2.0"),
    "errors.idOnly": ("2.0.0", None),
    "errors.wrongMethodBreaks": ("1.8.0", None),
    "controllers.kotlin": ("1.6.0", None),
    "handlers.kotlin": ("1.8.0", None),
    "errors.databaseConflict": ("1.3.0", None),
    "json.micronaut4": ("0.52.0", None),
    "operations.workspaceChecked": ("0.63.1", None),
    "token.short": ("1.8.0", None),
}

# path under /api/v1/: (first tag, last tag or None), semantics §1.1, §1.2
ENDPOINTS: dict[str, tuple[str, str | None]] = {
    "web_backend/geographies/list": ("0.40.32", "1.6.0"),
    "web_backend/mappers/validate": ("1.3.0", None),
    "web_backend/describe_cron_expression": ("1.2.0", None),
    "connections/reset/stream": ("0.42.0", None),
    "connections/clear": ("0.57.3", None),
    "connections/clear/stream": ("0.57.3", None),
    "connections/refresh": ("0.57.2", None),
    "connections/list_paginated": ("0.50.13", None),
    "connections/last_job_per_stream": ("0.62.0", None),
    "state/create_or_update_safe": ("0.50.22", None),
    "jobs/get_without_logs": ("0.44.6", None),
    "actor_definition_versions/get_for_source": ("0.50.6", None),
    "actor_definition_versions/get_for_destination": ("0.50.6", None),
    "workspaces/list": ("0.40.32", "1.6.0"),
    "workspaces/list_paginated": ("0.50.13", None),
    "workspaces/list_by_organization_id": ("0.50.18", None),
    "applications/token": ("0.50.38", None),
    "dataplane_group/list": ("1.6.0", None),
    "instance_configuration": ("0.50.9", None),
    "tags/create": ("1.4.0", None),
    "tags/list": ("1.4.0", None),
    "tags/update": ("1.4.0", None),
    "tags/delete": ("1.4.0", None),
}


@dataclass(frozen=True, order=True)
class Version:
    """A server version, compared number by number."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@lru_cache(maxsize=512)
def parse_version(text: str) -> Version:
    """Read ``1.8.0`` or ``v1.8.0``."""
    found = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    if found is None:
        raise ValueError(f"'{text}' is not a server version: write three numbers, such as {DEFAULT_VERSION}")
    major, minor, patch = (int(part) for part in found.groups())
    return Version(major, minor, patch)


class Rules:
    """The rules of one server version."""

    def __init__(self, version: str) -> None:
        self.version = parse_version(version)

    def has(self, rule: str) -> bool:
        """Whether the rule of :data:`SPANS` holds on this version."""
        return self._within(SPANS[rule])

    def serves(self, path: str) -> bool:
        """Whether the server has this path (under ``/api/v1/``)."""
        return path not in ENDPOINTS or self._within(ENDPOINTS[path])

    def _within(self, span: tuple[str, str | None]) -> bool:
        first, last = span
        return parse_version(first) <= self.version and (last is None or self.version <= parse_version(last))

    def __repr__(self) -> str:
        return f"Rules({str(self.version)!r})"
