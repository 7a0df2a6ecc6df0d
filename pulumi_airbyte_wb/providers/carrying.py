"""What a check passes on of what earlier checks and refreshes have noted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pulumi_airbyte_wb.catalog.tables import table_of
from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan import (
    Declaration,
    SchemaChanges,
)
from pulumi_airbyte_wb.plan.declaration import (
    CONNECTION,
)
from pulumi_airbyte_wb.plan.schema_changes import parted
from pulumi_airbyte_wb.providers.facts import NAMING, naming_of, renames


def with_notes(before: Declaration | None, after: Declaration, resource_name: str) -> Declaration:
    """What a check has to pass on of what was noted before; what is handed back stays as it was declared last."""
    if before is None:
        return after
    declared = after.streams or {}
    naming = {name: value for name, value in before.naming.items() if name not in after.fields}
    if after.shape is CONNECTION:
        plain = {"namespace_definition": "source", "status": ConnectionStatus.ACTIVE.value, "name": resource_name}
        handed_back = before.fields.keys() - after.fields.keys() - after.unknown
        for name in handed_back & {*NAMING, *plain}:
            if before.fields[name] and before.fields[name] != plain.get(name):
                naming[name] = str(before.fields[name])
    paused = replace(after, naming=naming).paused
    unclear = "streams" in after.unknown or after.streams is None
    gone = dict(before.retired) if unclear else {**before.retired, **(before.streams or {})}
    # Streams that are handed back altogether stay in the connection, as somebody else's.
    others = {**before.others, **(before.streams or {})} if after.streams is None else before.others
    left = before.left | left_behind(before, after)
    if renames(before, after):
        # Under another name there is nothing to resume: the sync state would leave out all older rows.
        gone = dict.fromkeys(gone)
    # Nor where the rows that were left are not those that the line would have written.
    gone |= dict.fromkeys(gone.keys() & before.unfinished)
    return replace(
        after,
        retired={stream: spec for stream, spec in gone.items() if stream not in declared},
        parted=_parted(before, after),
        columns={stream: digest for stream, digest in before.columns.items() if stream not in declared},
        left=left,
        others={stream: spec for stream, spec in others.items() if stream not in declared},
        naming=naming,
        owed=before.owed if paused else {},
        due=before.due if paused else {},
        queued=before.queued if after.paused or "status" not in after.fields else {},
        ordered={stream: spec for stream, spec in before.ordered.items() if stream in declared},
        legacy=before.legacy,
    )


def left_behind(before: Declaration, after: Declaration) -> frozenset[str]:
    """The tables that other names leave behind."""
    if not renames(before, after):
        return frozenset()
    return frozenset(table_of(s, **naming_of(before)).key for s in (*(before.streams or {}), *before.retired))


def _parted(before: Declaration, after: Declaration) -> dict[StreamDescriptor, tuple[str, ...]]:
    """The columns that the source took away: they are at the destination until a sync comes, which nobody tells."""
    accepts = before.schema_changes is after.schema_changes is SchemaChanges.ACCEPT
    notes = before.schema if accepts else {}
    found = {
        stream: parted(before.parted.get(stream, ()), notes.get(stream, ()))
        for stream in before.parted.keys() | notes.keys()
    }
    return {stream: columns for stream, columns in found.items() if columns}


def with_others(
    before: Declaration | None, after: Declaration, added: Collection[StreamDescriptor] = ()
) -> Declaration | None:
    """The recorded declaration with those of the connection's other streams that the program takes over now.

    ``added`` are those of them that count as added.
    """
    if before is None or after.streams is None:
        return before
    taken = {
        stream: after.streams[stream].declared_only(spec) if stream in after.streams else spec
        for stream, spec in before.others.items()
        if (stream in after.streams or after.exclusive) and stream not in added
    }
    return replace(before, streams={**(before.streams or {}), **taken})
