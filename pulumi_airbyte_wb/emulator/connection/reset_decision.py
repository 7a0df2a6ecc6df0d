"""The reset decision of a web_backend update: which streams are reset or refreshed (semantics §5)."""

from dataclasses import dataclass, field

from pulumi_airbyte_wb.emulator.catalog.diff import catalog_diff, configured_by_key, same_key
from pulumi_airbyte_wb.emulator.catalog.mappers import destination_catalog
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules


@dataclass
class ResetDecision:
    """What an update does to streams, and why."""

    streams: list[Key] = field(default_factory=list)
    config_changed: list[Key] = field(default_factory=list)
    diff: list[Doc] = field(default_factory=list)


def reset_decision(old: Doc, new: Doc, state_type: str, rules: Rules) -> ResetDecision:
    """Compare the stored catalog before and after an update (§5.7 steps 2 to 6)."""
    if rules.has("reset.destinationCatalogs"):
        old, new = destination_catalog(old), destination_catalog(new)
    olds, news = configured_by_key(old), configured_by_key(new)
    diff = catalog_diff(
        (entry["stream"] for entry in old["streams"]), (entry["stream"] for entry in new["streams"]), news, rules
    )
    changed = [key for key, config in news.items() if key in olds and config_differs(olds[key], config)]
    descriptors = (transform["streamDescriptor"] for transform in diff)
    streams = list(dict.fromkeys([*(key_of(part) for part in descriptors), *changed]))
    if streams and rules.has("reset.legacyWidening") and state_type in ("legacy", "not_set"):
        streams = list(news)
    return ResetDecision(streams, changed, diff)


def config_differs(old: Doc, new: Doc) -> bool:
    """Whether cursor, modes or key differ (§5.2, the config half)."""
    return (
        (old.get("cursorField") or []) != (new.get("cursorField") or [])
        or old.get("syncMode") != new.get("syncMode")
        or old.get("destinationSyncMode") != new.get("destinationSyncMode")
        or not same_key(old.get("primaryKey") or [], new.get("primaryKey") or [])
    )
