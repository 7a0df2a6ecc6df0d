"""What state remembers of a declaration: one short text in the outputs.

A provider's ``read`` and ``update`` are given the outputs only, never the inputs; so the outputs carry the recorded
declaration, packed: twenty streams take a few hundred bytes.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, PlanError
from pulumi_airbyte_wb.spec.inputs import uuid

VERSION = 1
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
    """A record as text: ``1:`` and the packed JSON."""
    packer = zlib.compressobj(9, zdict=_WORDS)
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    packed = packer.compress(text.encode()) + packer.flush()
    return f"{VERSION}:{base64.b85encode(packed).decode()}"


def unpack(text: object) -> dict[str, Any]:
    """The record that ``pack`` was given.

    Raises:
        PlanError: the text was cut or edited, or a newer version of this package wrote it.
    """
    version, _, packed = text.partition(":") if isinstance(text, str) else ("", "", "")
    if re.fullmatch(r"[1-9][0-9]*", version) and version != str(VERSION):
        raise PlanError(
            f"a newer pulumi_airbyte_wb wrote this resource's state (record version {version[:9]}); upgrade the package"
        )
    unpacker = zlib.decompressobj(zdict=_WORDS)
    try:
        record = json.loads(unpacker.decompress(base64.b85decode(packed)))
    except (ValueError, zlib.error):
        record = None
    if version != str(VERSION) or not unpacker.eof or not isinstance(record, dict):
        raise damaged("its 'recorded' output cannot be read")
    return record


def unpack_all(text: object, ids: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record that ``pack`` was given, and the part of it that says how to work.

    Args:
        text: what state holds.
        ids: what the record must have: ids all.

    Raises:
        PlanError: as ``unpack``, and where something is missing.
    """
    record = unpack(text)
    control = record.pop("control", {})
    if not isinstance(control, dict):
        raise damaged("the control of its 'recorded' output is no mapping")
    try:
        for name in ids:
            uuid(record.get(name), name)
    except DeclarationError as problem:
        raise damaged(problem) from None
    return record, control


def damaged(what: object) -> PlanError:
    """State that cannot be read, so that nothing may be concluded from it.

    Args:
        what: what is wrong with it.
    """
    return PlanError(
        f"this resource's state is damaged: {what}; restore the stack from a backup (`pulumi stack export`, then "
        "`pulumi stack import`), or remove the resource from state (`pulumi state delete`) and adopt it again"
    )
