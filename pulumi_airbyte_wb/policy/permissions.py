"""Permissions to re-sync streams: narrow, and running out."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, nearest

_KEYS = ("resource", "stream", "code", "until")


@dataclass(frozen=True)
class Permission:
    """Leave for one kind of effect on one stream, until the end of a day.

    Args:
        resource: the name of the Pulumi resource.
        stream: the stream's name as the plan writes it, for example ``public.users``; no pattern.
        code: the row of the decision table, for example ``AWB220``.
        until: the last day on which it holds, in UTC.
    """

    resource: str
    stream: str
    code: str
    until: dt.date

    @classmethod
    def read(cls, value: object, path: str) -> Permission:
        """Read a permission from a pack's configuration.

        Raises:
            DeclarationError: a key is missing or unknown, or the day is none.
        """
        if not isinstance(value, Mapping):
            raise DeclarationError(path, value, f"is not a mapping of {', '.join(_KEYS)}")
        for key in value:
            if key not in _KEYS:
                hint = nearest(str(key), _KEYS) or f"use {', '.join(_KEYS)}"
                raise DeclarationError(f"{path}.{key}", key, "is not part of a permission", hint)
        for key in _KEYS:
            if not isinstance(value.get(key), str) or not value[key]:
                raise DeclarationError(
                    f"{path}.{key}", value.get(key), "is missing: a permission needs resource, stream, code and until"
                )
        try:
            until = dt.date.fromisoformat(value["until"])
        except ValueError:
            raise DeclarationError(f"{path}.until", value["until"], "is not a day", "write 2026-12-31") from None
        return cls(value["resource"], value["stream"], value["code"], until)

    def covers(self, resource: str, stream: str, code: str, today: dt.date) -> bool:
        """Whether it permits this effect today."""
        return (self.resource, self.stream, self.code) == (resource, stream, code) and today <= self.until


def protected(stack: str, config: Mapping[str, Any]) -> bool:
    """Whether a stack is guarded: its name matches one of the patterns of ``stacks``; without them every stack is."""
    patterns = config.get("stacks") or ["*"]
    return any(fnmatch.fnmatchcase(stack, str(pattern)) for pattern in patterns)
