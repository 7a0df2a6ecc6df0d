"""The reset decision of a web_backend update: which streams are reset or refreshed (semantics §5)."""

from dataclasses import dataclass, field

from pulumi_airbyte_wb.emulator.catalog.checks import compared_streams, configured_streams
from pulumi_airbyte_wb.emulator.catalog.configured import api_catalog_of
from pulumi_airbyte_wb.emulator.catalog.destination import destination_catalog
from pulumi_airbyte_wb.emulator.catalog.diff import catalog_diff, configured_by_key, same_key
from pulumi_airbyte_wb.emulator.core.failures import null_pointer
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules


@dataclass
class ResetDecision:
    """What an update does to streams, and why.

    ``needed`` tells an order of nothing at all (real-server.md D5) from no order.
    """

    streams: list[Key] = field(default_factory=list)
    config_changed: list[Key] = field(default_factory=list)
    diff: list[Doc] = field(default_factory=list)
    needed: bool = False


def reset_decision(old: Doc, new: Doc, state_type: str, rules: Rules) -> ResetDecision:
    """Compare the stored catalog before and after an update (§5.7 steps 2 to 6).

    The new side is what the answer shows, secrets masked: a mapper that needs a masked secret is not applied to it, so
    that every comparison finds the stream changed (real-server.md A1).
    """
    before, after = _compared(old, new, rules)
    news = configured_by_key(after)
    diff = catalog_diff(compared_streams(before, rules), compared_streams(after, rules), news, rules)
    olds = configured_by_key(before)
    changed = [key for key, config in news.items() if key in olds and config_differs(olds[key], config)]
    descriptors = (transform["streamDescriptor"] for transform in diff)
    streams = list(dict.fromkeys([*(key_of(part) for part in descriptors), *changed]))
    needed = bool(streams)
    if needed and rules.has("reset.legacyWidening") and state_type in ("legacy", "not_set"):
        streams = list(news)
    return ResetDecision(streams, changed, diff, needed)


def _compared(old: Doc, new: Doc, rules: Rules) -> tuple[Doc, Doc]:
    """Both sides in the API's form; from v1.4.0 as the destination sees them (§5.5)."""
    if not rules.has("reset.destinationCatalogs"):
        return api_catalog_of(old, rules), api_catalog_of(new, rules)
    answered = {"streams": configured_streams(api_catalog_of(new, rules)["streams"], rules)}
    before, after = destination_catalog(old, rules), destination_catalog(answered, rules)
    return _shown(before, rules), _shown(after, rules)


def _shown(seen: Doc, rules: Rules) -> Doc:
    """A destination catalog in the API's form, where lists that a field filter emptied are null (A2)."""
    shown = api_catalog_of(seen, rules)
    for entry, source in zip(shown["streams"], seen["streams"], strict=True):
        entry["config"] |= {name: source["config"][name] for name in ("cursorField", "primaryKey")}
        entry["config"]["mappers"] = []
    return shown


def config_differs(old: Doc, new: Doc) -> bool:
    """Whether cursor, modes or key differ (§5.2, the config half).

    Raises:
        ApiError: a key is null, or a mode that was stored (real-server.md A2, D3).
    """
    if old.get("primaryKey") is None or new.get("primaryKey") is None:
        raise null_pointer('Cannot invoke "java.util.Collection.size()" because "c" is null')
    if old.get("syncMode") is None or old.get("destinationSyncMode") is None:
        raise null_pointer("null")
    return (
        old["cursorField"] != new["cursorField"]
        or old.get("syncMode") != new.get("syncMode")
        or old.get("destinationSyncMode") != new.get("destinationSyncMode")
        or not same_key(old["primaryKey"], new["primaryKey"])
    )
