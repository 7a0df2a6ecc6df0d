"""Who may call: none, basic, bearer, client credentials with tokens that expire (semantics §12)."""

import base64
import hmac
import secrets

from pulumi_airbyte_wb.emulator.server import Airbyte

_LONG, _SHORT = 24 * 3600.0, 15 * 60.0


def issue_token(airbyte: Airbyte) -> str:
    """A new access token: 15 minutes from v1.8.0, a day before, or as the world says."""
    lifetime = airbyte.auth.token_lifetime
    if lifetime is None:
        lifetime = _SHORT if airbyte.rules.has("token.short") else _LONG
    token = secrets.token_urlsafe(24)
    airbyte.store.put("token", token, {"expires": airbyte.moment + lifetime})
    return token


def expire_tokens(airbyte: Airbyte) -> None:
    """End every token that was issued."""
    for token in airbyte.store.ids("token"):
        airbyte.store.delete("token", token)


def admitted(airbyte: Airbyte, header: str | None) -> bool:
    """Whether an Authorization header lets the caller in."""
    auth = airbyte.auth
    if auth.mode == "none":
        return True
    kind, _, value = (header or "").partition(" ")
    if auth.mode == "basic":
        wanted = base64.b64encode(f"{auth.username}:{auth.password}".encode()).decode()
        return kind.lower() == "basic" and hmac.compare_digest(value.strip().encode(), wanted.encode())
    if kind.lower() != "bearer":
        return False
    if auth.mode == "bearer":
        return hmac.compare_digest(value.strip().encode(), auth.token.encode())
    known = airbyte.store.get("token", value.strip())
    return known is not None and known["expires"] > airbyte.moment
