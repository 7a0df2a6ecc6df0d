"""The names of connections whose creation has not ended."""

from __future__ import annotations

import hashlib
import json

MARK = " [creating "
"""What stands behind the name of an incomplete connection."""


def mark_of(urn: str, *content: str | None) -> str:
    """What stands behind the name of an incomplete connection: whose it is, and what it is to become.

    Both count: another backend may hold a resource of the same URN, whose creation is under way just now.
    """
    return f"{MARK}{_digest(urn)}-{_digest(json.dumps(content))}]"


def is_incomplete_of(urn: str, name: str) -> bool:
    """Whether a name is that of an incomplete connection of this resource, whatever it was to become."""
    return f"{MARK}{_digest(urn)}-" in name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
