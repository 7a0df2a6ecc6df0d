"""What each version of the server has: endpoints and fields, by the first and the last version (semantics §1, §14).

Everything that is not in these tables is in every version from 0.40.32 on. The tables are data, so that a new version
of Airbyte is one more line here and no code anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_airbyte_wb.errors import UnsupportedError


@dataclass(frozen=True, order=True)
class Release:
    """A version of the server, compared number by number."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Release | None:
        """Read ``1.8.0``, ``v1.8.0`` or ``1.8.0-rc1``; ``None`` for anything else, such as ``dev``."""
        found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
        return cls(*(int(part) for part in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True)
class Span:
    """The versions that have something: from ``first`` to ``last``, both included; ``None`` where there is no end."""

    first: Release | None
    last: Release | None = None

    def __str__(self) -> str:
        if self.first is None:
            return "no version" if self.last is None else f"versions up to {self.last}"
        return f"versions from {self.first} on" if self.last is None else f"versions {self.first} to {self.last}"


def _table(spans: Mapping[str, tuple[str | None, str | None]]) -> dict[str, Span]:
    def release(text: str | None) -> Release | None:
        return Release.parse(text) if text else None

    return {name: Span(release(first), release(last)) for name, (first, last) in spans.items()}


ENDPOINTS: Final = _table(
    {
        "actor_definition_versions/get_for_destination": ("0.50.6", None),
        "actor_definition_versions/get_for_source": ("0.50.6", None),
        "applications/token": ("0.50.38", None),
        "connections/clear": ("0.57.3", None),
        "connections/clear/stream": ("0.57.3", None),
        "connections/last_job_per_stream": ("0.62.0", None),
        "connections/refresh": ("0.57.2", None),
        "connections/reset/stream": ("0.42.0", None),
        "dataplane_group/list": ("1.6.0", None),
        "instance_configuration": ("0.50.9", None),
        "tags/list": ("1.4.0", None),
        "web_backend/geographies/list": (None, "1.6.0"),
        "workspaces/list": (None, "1.6.0"),
        "workspaces/list_by_organization_id": ("0.50.18", None),
    }
)
"""Endpoints under ``/api/v1/`` that are not in every version."""

FIELDS: Final = _table(
    {
        "connection.backfillPreference": ("0.50.45", None),
        "connection.destinationCatalogId": ("1.7.0", None),
        "connection.geography": (None, "1.6.0"),
        "connection.notifySchemaChangesByEmail": ("0.42.1", None),
        # in the specification from 1.4.0, but without effect before 1.6.0
        "connection.tags": ("1.6.0", None),
        "create.notifySchemaChanges": ("0.51.0", None),
        "list.cursor": ("1.8.0", None),
        "list.filters": ("1.8.0", None),
        "list.pageSize": ("1.8.0", None),
        "list.sortKey": ("1.8.0", None),
        "operator.dbt": (None, "0.63.4"),
        # numbers of dbt Cloud accounts and jobs beyond 32 bits
        "operator.largeNumbers": ("0.63.13", None),
        "operator.normalization": (None, "0.63.4"),
        "refresh.refreshMode": ("0.59.0", None),
        "stream.destinationObjectName": ("1.8.0", None),
        "stream.generationId": ("0.57.4", None),
        "stream.hashedFields": ("0.64.4", None),
        "stream.includeFiles": ("1.7.0", None),
        "stream.mappers": ("1.2.0", None),
        "stream.minimumGenerationId": ("0.57.4", None),
        "stream.namespace": ("1.7.0", None),
        "stream.syncId": ("0.57.4", None),
    }
)
"""Fields of requests that are not in every version: ``connection`` stands for create and update both."""

WORDS: Final = _table(
    {
        "destinationSyncMode.overwrite_dedup": ("0.63.11", None),
        "destinationSyncMode.soft_delete": ("1.8.0", None),
        "destinationSyncMode.update": ("1.8.0", None),
        "jobConfigType.refresh": ("0.57.2", None),
        "mapper.encryption": ("1.3.0", None),
        "mapper.field-filtering": ("1.8.0", None),
        "nonBreakingChangesPreference.propagate_columns": ("0.44.6", None),
        "nonBreakingChangesPreference.propagate_fully": ("0.44.6", None),
    }
)
"""Words of vocabularies that are not in every version."""

BEHAVIOURS: Final = _table(
    {
        "page.timeline": ("1.0.0", None),
        "resets.allOfLegacyState": (None, "0.59.1"),
        "resets.seesMappers": ("1.4.0", None),
        "resets.syncAfter": (None, "0.57.4"),
    },
)
"""What versions do otherwise, whatever they are asked."""

_SPANS: Final = {**FIELDS, **WORDS, **BEHAVIOURS, **{f"endpoint {path}": span for path, span in ENDPOINTS.items()}}

PROBES: Final = (
    ("jobs/get_without_logs", "0.44.6"),
    ("actor_definition_versions/get_for_source", "0.50.6"),
    ("connections/list_paginated", "0.50.13"),
    ("workspaces/list_by_organization_id", "0.50.18"),
    ("state/create_or_update_safe", "0.50.22"),
    ("applications/token", "0.50.38"),
    ("connections/refresh", "0.57.2"),
)
"""Endpoints by the version that brought them, for servers before 0.57.4, which do not say which version they are."""


@dataclass(frozen=True)
class Capabilities:
    """What one server can do, by its version.

    Args:
        at_least: the server is this version or newer; ``None`` where nothing is known.
        below: and older than this; ``None`` for no bound. A server that tells its version has ``below`` just above it.
    """

    at_least: Release | None = None
    below: Release | None = None

    @classmethod
    def of(cls, version: str) -> Capabilities:
        """Those of a version such as ``1.8.0``; of a text that is no version, those of a server of unknown version."""
        release = Release.parse(version)
        if release is None:
            return cls()
        return cls(release, Release(release.major, release.minor, release.patch + 1))

    @property
    def exact(self) -> bool:
        """Whether the version is known, not only bounded."""
        return self.at_least is not None and self == Capabilities.of(str(self.at_least))

    def __str__(self) -> str:
        if self.exact:
            return str(self.at_least)
        if self.at_least is None and self.below is None:
            return "of an unknown version"
        low = f"{self.at_least} or newer" if self.at_least else ""
        high = f"older than {self.below}" if self.below else ""
        return " and ".join(part for part in (low, high) if part)

    def has(self, name: str) -> bool:
        """Whether the server has an entry of the tables; where the version leaves it open, yes."""
        span = _SPANS.get(name)
        if span is None:
            return True
        if span.first is None and span.last is None:
            return False
        too_old = span.first is not None and self.below is not None and self.below <= span.first
        too_new = span.last is not None and self.at_least is not None and self.at_least > span.last
        return not too_old and not too_new

    def lack(self, name: str) -> str:
        """Why the server does not have an entry, as the end of a sentence; empty where it has it."""
        if self.has(name):
            return ""
        return f"needs a server of {_SPANS[name]}, this one is {self}"


def restricted(body: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    """What of a create or update request not every version knows, as ``(name in the tables, path in the request)``.

    Args:
        body: the request on the wire.
        kind: ``create`` or ``update``.
    """
    for name, value in body.items():
        for owner in ("connection", kind):
            if f"{owner}.{name}" in FIELDS:
                yield f"{owner}.{name}", name
        if name == "nonBreakingChangesPreference" and f"{name}.{value}" in WORDS:
            yield f"{name}.{value}", name
    for index, operation in enumerate(body.get("operations") or ()):
        yield from restricted_operator(operation.get("operatorConfiguration", {}), f"operations[{index}]")
    for entry in (body.get("syncCatalog") or {}).get("streams", ()):
        config, where = entry.get("config", {}), f"stream {entry.get('stream', {}).get('name')}"
        yield from ((f"stream.{name}", f"{where}: {name}") for name in config if f"stream.{name}" in FIELDS)
        mode = f"destinationSyncMode.{config.get('destinationSyncMode')}"
        if mode in WORDS:
            yield mode, f"{where}: {mode}"
        for mapper in config.get("mappers") or ():
            word = f"mapper.{mapper.get('type')}"
            if word in WORDS:
                yield word, f"{where}: {word}"


def restricted_operator(configuration: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """As ``restricted``, of one ``operatorConfiguration``."""
    for name in configuration:
        if f"operator.{name}" in FIELDS:
            yield f"operator.{name}", f"{where}.{name}"


def check(capabilities: Capabilities, names: Iterator[tuple[str, str]], operation: str) -> None:
    """Refuse a request that holds something which the server does not know.

    Raises:
        UnsupportedError: naming the first such thing and the versions that have it; nothing was sent.
    """
    for name, where in names:
        why = capabilities.lack(name)
        if why:
            raise UnsupportedError(f"{operation}: {where} {why}", operation=operation, applied=False)
