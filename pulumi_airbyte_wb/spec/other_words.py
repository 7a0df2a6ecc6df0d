"""What other tools call what this package has: Terraform's provider, octavia, Airbyte's API and its web app."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_STREAMS = "declare streams=[airbyte.stream(…), …]"

CONNECTION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("configurations", "sync_catalog", "syncCatalog", "catalog"), _STREAMS),
        **dict.fromkeys(
            ("schedule_type", "schedule_data", "scheduleType", "scheduleData", "cron_expression"),
            "declare schedule=airbyte.cron(…), airbyte.every(…) or airbyte.manual()",
        ),
        "data_residency": "declare geography",
        "namespace": "declare namespace_definition='customformat' and namespace_format",
        "non_breaking_schema_updates_behavior": "declare non_breaking_changes_preference",
        "nonBreakingSchemaUpdatesBehavior": "declare non_breaking_changes_preference",
        "source_catalog_id": "leave it out: the schema is that of the source, or of the connection that is there",
        "sourceCatalogId": "leave it out: the schema is that of the source, or of the connection that is there",
    }
)
"""Words of a connection, each with what to declare instead."""

_MODE = "declare both halves in mode, for example 'incremental_append_dedup'"

STREAM_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("sync_mode", "syncMode", "destination_sync_mode", "destinationSyncMode"), _MODE),
        **dict.fromkeys(("cursor_field", "cursorField", "cursor_fields"), "declare cursor"),
        **dict.fromkeys(("primary_key", "primaryKey", "primary_keys"), "declare key"),
        **dict.fromkeys(
            ("selected_fields", "selectedFields", "field_selection_enabled", "fieldSelectionEnabled"),
            "declare fields, for example ['id', 'email']",
        ),
        **dict.fromkeys(
            ("hashed_fields", "hashedFields"),
            "declare mappers with {'type': 'hashing', …}",
        ),
        **dict.fromkeys(
            ("namespace", "stream_namespace", "streamNamespace"),
            "write it in the name: 'namespace.name'",
        ),
        **dict.fromkeys(("stream_name", "streamName"), "declare name"),
        **dict.fromkeys(("selected", "is_selected"), "leave streams out that are not to be synced"),
        **dict.fromkeys(("alias_name", "aliasName"), "leave it out: Airbyte keeps it, and no data moves by it"),
    }
)
"""Words of a stream, each with what to declare instead."""

VALUES: Mapping[str, str] = MappingProxyType({"custom_format": "customformat", "disable_connection": "disable"})
"""Values of other tools that mean the same as one of the API's."""

_MODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "incremental_deduped_history": ("incremental_append_dedup",),
        "incremental_dedup": ("incremental_append_dedup",),
        "incremental_deduped": ("incremental_append_dedup",),
        "incremental_append_deduped": ("incremental_append_dedup",),
        "full_refresh_overwrite_deduped": ("full_refresh_overwrite_dedup",),
        "full_refresh_append_deduped": ("full_refresh_append_dedup",),
        "full_refresh": ("full_refresh_overwrite", "full_refresh_append"),
        "incremental": ("incremental_append", "incremental_append_dedup"),
        "overwrite": ("full_refresh_overwrite",),
        "append": ("full_refresh_append", "incremental_append"),
        "append_dedup": ("incremental_append_dedup", "full_refresh_append_dedup"),
        "overwrite_dedup": ("full_refresh_overwrite_dedup",),
    }
)


def modes_meant(text: str, modes: Mapping[str, object]) -> tuple[str, ...]:
    """The modes that a text of another tool names, such as ``Full refresh | Overwrite``; several for half of one."""
    word = re.sub(r"[^a-z]+", "_", text.casefold()).strip("_")
    return (word,) if word in modes else _MODES.get(word, ())
