"""What state remembers of a resource: one short text in the outputs.

A provider's ``read`` and ``update`` are given the outputs only, never the inputs; so the outputs carry the recorded
baseline, packed: twenty streams take a few hundred bytes.

Every later version reads what this one writes. A reader that meets a key which it does not know stops, and says that a
newer version wrote it, unless the writer has named the key under ``may_ignore``.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pulumi_airbyte_wb._version import __version__
from pulumi_airbyte_wb.errors import DeclarationError, PlanError, shown
from pulumi_airbyte_wb.spec.inputs import uuid

VERSION = 2
CONTROL_KEY = "control"
"""The key of a record under which stands how the resource is worked on."""
_LARGEST = 32 * 2**20
"""How many bytes a record may unpack to; 5,000 streams of many columns take less than a tenth of it."""
MAY_IGNORE = "may_ignore"
"""The key of a record under which its writer names the keys that a reader may pass over."""
_WORDS = (
    b'{"control":{"resource_urn":"urn:pulumi:dev::airbyte::pulumi-python:dynamic/airbyte:Connection::",'
    b'"resets":{"default":"overrides":"timeout_minutes":"wait":"accepted","wait":"job"}},"destination_id":"",'
    b'"name":"","namespace_definition":"customformat","namespace_format":"${SOURCE_NAMESPACE}",'
    b'"non_breaking_changes_preference":"propagate_columns","patterns":{"prefix":"","schedule":"manual",'
    b'"schedule":"every 24 hours","schedule":"cron 0 0 6 * * ? UTC","source_id":"","status":"active",'
    b'"streams":{"public.":"full_refresh_overwrite","public.":"full_refresh_append",'
    b'"incremental_append cursor=","public.":"incremental_append_dedup cursor=updated_at key=id","'
)
"""What most records have in common: a dictionary for the packing. It is part of the format and never changes."""


def pack(record: Mapping[str, Any]) -> str:
    """A record as text: ``2:`` and the packed JSON."""
    packer = zlib.compressobj(9, zdict=_WORDS)
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    packed = packer.compress(text.encode()) + packer.flush()
    return f"{VERSION}:{base64.b85encode(packed).decode()}"


def unpack(text: object) -> dict[str, Any]:
    """The record that ``pack`` was given, whatever its keys.

    Raises:
        PlanError: the text was cut or edited, or a newer version of this package wrote it.
    """
    version, _, packed = text.partition(":") if isinstance(text, str) else ("", "", "")
    if re.fullmatch(r"[1-9][0-9]*", version) and (len(version) > 9 or int(version) > VERSION):
        raise newer(f"version {version[:9]} of its record")
    unpacker = zlib.decompressobj(zdict=_WORDS)
    try:
        record = json.loads(unpacker.decompress(base64.b85decode(packed), _LARGEST))
    except (ValueError, RecursionError, zlib.error):
        record = None
    if version != str(VERSION) or not unpacker.eof or not isinstance(record, dict):
        raise damaged("its 'recorded' output cannot be read")
    return record


def unpack_all(text: object, ids: Iterable[str], known: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record that ``pack`` was given, and the part of it that says how to work.

    Args:
        text: what state holds.
        ids: what the record must have: ids all.
        known: the keys that the reader understands.

    Raises:
        PlanError: as ``unpack``, and where something is missing.
    """
    record = unpack(text)
    passed_over = set(record.pop(MAY_IGNORE, ())) - set(known)
    record = {name: value for name, value in record.items() if name not in passed_over}
    check_known(record, {*known, CONTROL_KEY}, "its record")
    control = record.pop(CONTROL_KEY, {})
    if not isinstance(control, dict):
        raise damaged("the control of its 'recorded' output is no mapping")
    try:
        for name in ids:
            uuid(record.get(name), name)
    except DeclarationError as problem:
        raise damaged(problem) from None
    return record, control


def check_known(given: Iterable[str], known: Collection[str], what: str) -> None:
    """Stop at a key that this version does not know.

    Raises:
        PlanError: it is one of a newer version.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise newer(f"{shown(unknown[0])} in {what}")


def newer(what: str) -> PlanError:
    """State that only a newer version of this package can read.

    Args:
        what: what it has that this version does not know.
    """
    return PlanError(
        f"a newer pulumi_airbyte_wb wrote this resource's state: version {__version__} does not know {what}; "
        "upgrade the package"
    )


def damaged(what: object) -> PlanError:
    """State that cannot be read, so that nothing may be concluded from it.

    Args:
        what: what is wrong with it.
    """
    return PlanError(
        f"this resource's state is damaged: {what}; restore the stack from a backup (`pulumi stack export`, then "
        "`pulumi stack import`), or upgrade the package if a newer version wrote it"
    )
