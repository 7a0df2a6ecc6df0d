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


def pack(record: Mapping[str, Any]) -> str:
    """A record as text: ``1:`` and the packed JSON."""
    packed = zlib.compress(json.dumps(record, sort_keys=True, separators=(",", ":")).encode(), 9)
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
    try:
        record = json.loads(zlib.decompress(base64.b85decode(packed)))
    except (ValueError, zlib.error):
        record = None
    if version != str(VERSION) or not isinstance(record, dict):
        raise PlanError(
            "this resource's state is damaged: its 'recorded' output cannot be read; restore the stack from "
            "a backup (`pulumi stack export`), or remove the resource from state and adopt the connection again"
        )
    return record
