"""Which rules a server of a given version follows when it compares catalogs.

The rules changed at a dozen releases. Each change is one row of ``_CHANGES``; nothing else in this package asks for a
version when it compares catalogs. Ranges: ``tests/vectors/README.md`` (Versions) and Airbyte's own history.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?")


class ServerVersion(NamedTuple):
    """The version of a server; compares by number, so ``0.50.4 < 0.50.37``."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> ServerVersion:
        """Read what a server says of itself: ``0.50.0``, ``v1.8.0``, ``2.0``, ``1.8.0-rc.1`` (read as ``1.8.0``).

        Raises:
            ValueError: the text is no version, for example ``dev``.
        """
        match = _VERSION.fullmatch(text.strip())
        if match is None:
            msg = f"{text!r} is no server version; one looks like 1.8.0"
            raise ValueError(msg)
        major, minor, patch = match.groups(default="0")
        return cls(int(major), int(minor), int(patch))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class SourceKeyRule(Enum):
    """What a changed source-defined key is."""

    NOT_REPORTED = auto()
    BREAKING_UNLESS_SAME_ORDER = auto()
    """Breaking unless it is the configured key, its parts in the same order."""
    BREAKING_UNLESS_SAME_SET = auto()
    """Breaking unless it has the parts of the configured key."""


@dataclass(frozen=True, slots=True)
class CatalogRules:
    """How one version of the server reads, compares and stores catalogs.

    Attributes:
        typed_by_type_key_only: a schema node counts as typed only with the key ``type`` itself; later any key that
            contains ``type`` will do, such as ``airbyte_type``.
        refuses_non_object_nodes: a schema node that is no object refuses the catalog; later it is skipped.
        reports_every_difference: a stream that differs in anything, selected or not, is an ``update_stream``, even
            without a field change; later only a selected one with a field or key change.
        source_key: what a changed source-defined key is.
        dedup_modes: the destination sync modes that need a key.
        refuses_unknown_selection: a selected field that the schema lacks refuses the catalog; later it is dropped.
        absent_lists_are_null: an absent list is read as null; later as an empty list.
        nearest_properties_first: field selection narrows the ``properties`` of the node itself where it has some;
            earlier the first ``properties`` met depth first, which can belong to ``definitions`` above it.
        diff_refuses_duplicates: a comparison of catalogs that list a stream twice fails; later the last one counts.
        update_refuses_duplicates: an update that lists a stream twice is refused, selected or not; earlier selected
            ones only.
        compares_hashed_fields: changed hashed fields are a changed configuration.
        reads_mappers: ``mappers`` take the place of ``hashedFields``.
        compares_destination_catalogs: an update compares what the destination sees: mapped, and with canonical types.
        resets_all_without_stream_state: a connection without state per stream resets all its streams or none.
    """

    typed_by_type_key_only: bool = True
    refuses_non_object_nodes: bool = True
    reports_every_difference: bool = True
    source_key: SourceKeyRule = SourceKeyRule.NOT_REPORTED
    dedup_modes: frozenset[str] = frozenset({"append_dedup"})
    refuses_unknown_selection: bool = True
    absent_lists_are_null: bool = True
    nearest_properties_first: bool = False
    diff_refuses_duplicates: bool = True
    update_refuses_duplicates: bool = False
    compares_hashed_fields: bool = False
    reads_mappers: bool = False
    compares_destination_catalogs: bool = False
    resets_all_without_stream_state: bool = True


_CHANGES: Mapping[ServerVersion, Mapping[str, Any]] = MappingProxyType(
    {
        ServerVersion(0, 41): {"typed_by_type_key_only": False},
        ServerVersion(0, 50, 18): {"refuses_non_object_nodes": False},
        ServerVersion(0, 50, 31): {"update_refuses_duplicates": True},
        ServerVersion(0, 50, 37): {"reports_every_difference": False, "absent_lists_are_null": False},
        ServerVersion(0, 52): {"nearest_properties_first": True},  # Jackson 2.16 changed ObjectNode.findValue
        ServerVersion(0, 59): {"source_key": SourceKeyRule.BREAKING_UNLESS_SAME_ORDER},
        ServerVersion(0, 60): {"resets_all_without_stream_state": False},
        ServerVersion(0, 61): {"source_key": SourceKeyRule.BREAKING_UNLESS_SAME_SET},
        ServerVersion(0, 63, 14): {"dedup_modes": frozenset({"append_dedup", "overwrite_dedup"})},
        ServerVersion(0, 63, 16): {"refuses_unknown_selection": False},
        ServerVersion(0, 64, 5): {"compares_hashed_fields": True},
        ServerVersion(1, 2): {"reads_mappers": True},
        ServerVersion(1, 4): {"compares_hashed_fields": False, "compares_destination_catalogs": True},
        ServerVersion(1, 8): {"diff_refuses_duplicates": False},
    }
)


@lru_cache
def rules_for(server_version: str) -> CatalogRules:
    """The rules of a server, by the version that it says it has.

    Raises:
        ValueError: the text is no version.
    """
    version = ServerVersion.parse(server_version)
    rules = CatalogRules()
    for since, changes in _CHANGES.items():
        if version >= since:
            rules = replace(rules, **changes)
    return rules
