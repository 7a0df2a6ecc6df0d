"""Who may call: none, basic, bearer, client credentials with tokens that expire (semantics §12)."""

import base64
import binascii
import secrets

from pulumi_airbyte_wb.emulator.core.login import fingerprint, proves
from pulumi_airbyte_wb.emulator.core.server import Airbyte

_LONG, _SHORT = 24 * 3600.0, 15 * 60.0


def issue_token(airbyte: Airbyte) -> str:
    """A new access token: 15 minutes from v1.8.0, a day before, or as the world says."""
    lifetime = airbyte.login.token_lifetime
    if lifetime is None:
        lifetime = _SHORT if airbyte.rules.has("token.short") else _LONG
    token = secrets.token_urlsafe(24)
    airbyte.store.put("token", fingerprint(token), {"expires": airbyte.moment + lifetime})
    return token


def expire_tokens(airbyte: Airbyte) -> None:
    """End every token that was issued."""
    for token in airbyte.store.ids("token"):
        airbyte.store.delete("token", token)


def admitted(airbyte: Airbyte, header: str | None) -> bool:
    """Whether an Authorization header lets the caller in."""
    login = airbyte.login
    if login.mode == "none":
        return True
    kind, _, value = (header or "").partition(" ")
    if login.mode == "basic":
        return kind.lower() == "basic" and login.accepts(*_pair(value.strip()))
    if kind.lower() != "bearer":
        return False
    if login.mode == "bearer":
        return proves(value.strip(), login.proof)
    known = airbyte.store.get("token", fingerprint(value.strip()))
    return known is not None and known["expires"] > airbyte.moment


def _pair(encoded: str) -> tuple[str, str]:
    """User name and password of a basic Authorization header; empty ones of what is none."""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
