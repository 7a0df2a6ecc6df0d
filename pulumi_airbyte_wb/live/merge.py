"""Three-way merge of catalogs: what was recorded, what is declared, what is live."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import ConfiguredStream, StreamDescriptor, SyncCatalog
from pulumi_airbyte_wb.spec.streams import StreamSpec, configure, kept, offered, unselected


def merge_catalogs(
    live: SyncCatalog,
    declared: Mapping[StreamDescriptor, StreamSpec],
    removed: Collection[StreamDescriptor],
    discovered: SyncCatalog | None = None,
) -> SyncCatalog:
    """The catalog to send: declared streams as declared, removed ones deselected, all others as they are.

    A declared stream that the live catalog lacks, or does not have selected, is taken from ``discovered`` where that is
    given, with nothing of the configuration that discovery suggests.

    Raises:
        DeclarationError: a declared stream is in neither catalog.
    """
    found = discovered.by_descriptor() if discovered else {}
    offers = {**found, **live.by_descriptor()}
    missing = [stream for stream in declared if stream not in offers]
    if missing:
        raise unknown_stream(missing[0], offers)
    merged: list[ConfiguredStream] = []
    for stream, entry in live.by_descriptor().items():
        if stream in declared:
            start = entry if entry.config.selected else offered(found.get(stream, entry))
            merged.append(configure(start, declared[stream]))
        else:
            merged.append(unselected(entry) if stream in removed else kept(entry))
    known = live.by_descriptor()
    merged += [configure(offered(offers[stream]), spec) for stream, spec in declared.items() if stream not in known]
    return live.model_copy(update={"streams": merged})


def is_changed(live: SyncCatalog, merged: SyncCatalog, declared: Collection[StreamDescriptor]) -> bool:
    """Whether a merged catalog has anything to send: beside declared streams, that those which stay are sent back."""
    same = [entry if stream in declared else kept(entry) for stream, entry in live.by_descriptor().items()]
    return merged != live.model_copy(update={"streams": same})


def vanished_stream(stream: StreamDescriptor) -> DeclarationError:
    """What to say of a stream that the connection had, and its source has no longer."""
    return DeclarationError(
        f'streams["{stream.key}"]',
        stream.key,
        "is gone from the source, which had it before",
        "take it out of the program: its table stays as it is; or see to it that the source has it again",
    )


def unknown_stream(stream: StreamDescriptor, offers: Collection[StreamDescriptor]) -> DeclarationError:
    """What to say of a stream that the source does not have, with the nearest names."""
    by_text = {offer.key: offer for offer in offers}
    alone = [offer.key for offer in offers if offer.name in {stream.name, f"{stream.namespace}.{stream.name}"}]
    hint = f"did you mean {' or '.join(repr(key) for key in alone[:3])}?" if alone else nearest(stream.key, by_text)
    if not hint and len(by_text) <= 12:
        hint = f"it has {', '.join(sorted(by_text)) or 'none'}"
    return DeclarationError(f'streams["{stream.key}"]', stream.key, "is no stream of the source", hint)
