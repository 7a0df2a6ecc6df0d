"""The columns of the matrix: what happens to a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

FOREVER = 1_000
SHORT, LONG = 0.25, 1.0
"""Seconds until a call gives up, and until a late answer comes."""
WRITES = ("web_backend/connections/create", "web_backend/connections/update")
ALL_WRITES = (
    *WRITES,
    "connections/update",
    "connections/delete",
    "connections/refresh",
    "connections/clear/stream",
    "connections/reset/stream",
    "connections/sync",
    "operations/create",
    "operations/update",
    "operations/delete",
)

Login = Literal["", "bearer", "client-credentials"]
Late = Literal["", "overtaken", "after a read", "before a write"]
Victim = Literal["provider before", "provider after", "server"]


@dataclass(frozen=True)
class Kind:
    """A fault.

    Attributes:
        name: how the matrix names it.
        fault: what the emulator does with the request; nothing where the request never reaches it.
        then: what it does with later ones; their paths and numbers are given.
        lasts: whether all later requests of the run meet it too, or the one alone.
        to: where a request goes that does not reach the server; ``{port}`` stands for the server's.
        provider: settings of the provider process.
        kills: who is killed at this request.
        only: the paths that can meet it; all without one.
        login: how the provider logs in.
        says: what the run's error has to say, if it ends with one.
        unhurt: whether the run has to end well all the same.
        late: when the request is carried out all the same: in this run, after the next request, which may be the same
            once more, or in the next run. What comes later still is found by no run (decision 13).
    """

    name: str
    fault: Mapping[str, Any] = field(default_factory=dict)
    lasts: bool = False
    to: str = ""
    provider: Mapping[str, Any] = field(default_factory=dict)
    kills: Victim | None = None
    only: tuple[str, ...] = ()
    then: Mapping[str, Any] = field(default_factory=dict)
    login: Login = ""
    says: str = ""
    unhurt: bool = False
    late: Late = ""


def _hasty(attempts: int = 2) -> dict[str, Any]:
    return {"timeout": SHORT, "attempts": attempts}


_EVERY = (
    Kind("refused", lasts=True, to="http://127.0.0.1:9"),
    Kind("refused once", to="http://127.0.0.1:9"),
    Kind("unknown host", lasts=True, to="http://airbyte.invalid"),
    Kind("no TLS", lasts=True, to="https://127.0.0.1"),
    Kind("cut before", {"kind": "cut-before"}, lasts=True),
    Kind("cut before once", {"kind": "cut-before"}),
    Kind("cut after", {"kind": "cut-after"}, lasts=True),
    Kind("cut after once", {"kind": "cut-after"}),
    Kind("401", {"kind": "status", "status": 401}, lasts=True),
    Kind("409", {"kind": "status", "status": 409}),
    Kind("423", {"kind": "status", "status": 423}),
    Kind("429", {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}}, lasts=True),
    Kind("429 once", {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}}),
    Kind("500", {"kind": "status", "status": 500}),
    Kind("500 when done", {"kind": "status", "status": 500, "apply": True}),
    Kind("500 after operations", {"kind": "status", "status": 500, "step": "operations"}, only=WRITES),
    Kind("500 after the row", {"kind": "status", "status": 500, "step": "row"}, only=WRITES),
    Kind("502 page", {"kind": "html"}, lasts=True),
    Kind("502 page when done", {"kind": "html", "apply": True}),
    Kind("timeout before", {"kind": "status", "delay": LONG}, lasts=True, provider=_hasty()),
    Kind("timeout after", {"kind": "delay", "hold": LONG}, lasts=True, provider=_hasty()),
    Kind("timeout after once", {"kind": "delay", "hold": LONG}, provider=_hasty()),
    Kind("half an answer", {"kind": "half"}, lasts=True),
    Kind("half an answer once", {"kind": "half"}),
    Kind("not JSON", {"kind": "garbage"}),
    Kind("provider killed before", {"kind": "status", "delay": LONG}, kills="provider before"),
    Kind("provider killed after", {"kind": "delay", "hold": LONG}, kills="provider after"),
    Kind("server killed before", {"kind": "exit"}, kills="server"),
    Kind("server killed after", {"kind": "exit", "apply": True}, kills="server"),
    Kind("server killed after operations", {"kind": "exit", "step": "operations"}, kills="server", only=WRITES),
    Kind("server killed after the row", {"kind": "exit", "step": "row"}, kills="server", only=WRITES),
    Kind("token expired", {"kind": "expire"}, login="client-credentials", unhurt=True),
    Kind(
        "token expired, no other",
        {"kind": "expire"},
        login="client-credentials",
        then={"kind": "status", "status": 401, "path": "applications/token", "skip": 1, "times": FOREVER},
        says="no token for client id 'emulator-client'.* check airbyte-wb:clientId and airbyte-wb:clientSecret",
    ),
    Kind("every token refused", {"kind": "expire"}, lasts=True, login="client-credentials", says=r"\(401\)"),
    Kind(
        "401 to a bearer token",
        {"kind": "status", "status": 401},
        lasts=True,
        login="bearer",
        says="check airbyte-wb:token: .* expired",
    ),
    *(
        Kind(
            f"late, {when}",
            {"kind": "late", "hold": LONG},
            then={} if when == "overtaken" else {"kind": "cut-before", "times": FOREVER},
            provider=_hasty(),
            only=ALL_WRITES,
            late=when,
        )
        for when in get_args(Late)
        if when
    ),
)

KINDS = {kind.name: kind for kind in _EVERY}
