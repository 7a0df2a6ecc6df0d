"""How callers prove who they are: what the server keeps of a login, never a secret in clear."""

import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from pulumi_airbyte_wb.emulator.core.world import Auth

Mode = Literal["none", "basic", "bearer", "client-credentials"]

_COST, _SALT_BYTES = 2**12, 16


class KeptLogin(BaseModel):
    """A login as it is stored: ``name`` is the user's or the client's, ``proof`` the scrypt hash of the secret."""

    mode: Mode = "none"
    name: str = ""
    proof: str = ""
    token_lifetime: float | None = None

    def accepts(self, name: str, secret: str) -> bool:
        """Whether these are the right ones; a bearer token has no name."""
        return hmac.compare_digest(name.encode(), self.name.encode()) and proves(secret, self.proof)


def kept_login(auth: Auth) -> dict[str, Any]:
    """What is stored of a world's ``auth``: only what its mode needs, the secret as a hash."""
    name, secret = {
        "none": ("", None),
        "basic": (auth.username, auth.password),
        "bearer": ("", auth.token),
        "client-credentials": (auth.client_id, auth.client_secret),
    }[auth.mode]
    proof = "" if secret is None else proof_of(secret)
    return KeptLogin(mode=auth.mode, name=name, proof=proof, token_lifetime=auth.token_lifetime).model_dump()


def proof_of(secret: str) -> str:
    """A salted hash of a secret."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{salt.hex()}:{_hash(secret, salt).hex()}"


@lru_cache(maxsize=64)
def proves(secret: str, proof: str) -> bool:
    """Whether a secret is the one that a proof was made of."""
    salt, _, wanted = proof.partition(":")
    return bool(wanted) and hmac.compare_digest(_hash(secret, bytes.fromhex(salt)).hex(), wanted)


def fingerprint(token: str) -> str:
    """What is kept of a token that the server made up itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=_COST, r=8, p=1)
