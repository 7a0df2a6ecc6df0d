"""What state remembers of a declaration: one short text in the outputs.

A provider's ``read`` and ``update`` are given the outputs only, never the inputs; so the outputs carry the recorded
declaration, packed: twenty streams take a few hundred bytes.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from pulumi_airbyte_wb.errors import PlanError

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
    version, _, packed = str(text or "").partition(":")
    if version.isdecimal() and int(version) > VERSION:
        raise PlanError(
            f"a newer pulumi_airbyte_wb wrote this resource's state (record version {version}); upgrade the package"
        )
    unpacker = zlib.decompressobj(zdict=_WORDS)
    try:
        record = json.loads(unpacker.decompress(base64.b85decode(packed)))
    except (ValueError, zlib.error):
        record = None
    if version != str(VERSION) or not unpacker.eof or not isinstance(record, dict):
        raise PlanError(
            "this resource's state is damaged: its 'recorded' output cannot be read; restore the stack from "
            "a backup (`pulumi stack export`), or remove the resource from state and adopt the connection again"
        )
    return record
