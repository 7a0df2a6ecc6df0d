"""A fault: what the nth request, or a request to a path, meets instead of its answer."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "refuse", "cut-before", "cut-after", "status", "html", "delay", "half", "garbage", "exit", "expire", "late"
]
Step = Literal["operations", "row"]
"""Where a create or an update can break off: its operations are written, or its row is (semantics §4.1)."""

_APPLIED = ("cut-after", "delay", "half", "garbage", "expire")


@dataclass
class Fault:
    """One fault; it counts down ``skip`` matching requests, then strikes ``times`` times.

    A request matches by its ``path`` and by ``about``, a text in its body, such as the id of a connection. ``delay``
    are the seconds before the request is carried out, ``hold`` those before its answer leaves. ``step`` lets a create
    or an update of ``web_backend`` break off half done. ``exit`` ends the process of the emulator at once. ``expire``
    ends every token that was issued, just before the request; one that asks for a token does not meet it. ``late``
    keeps the request and answers 504, as a proxy does that has lost patience; ``LateRequests`` says when it is carried
    out.
    """

    kind: Kind
    path: str | None = None
    skip: int = 0
    times: int = 1
    status: int = 500
    delay: float = 0
    hold: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    apply: bool = False
    step: Step | None = None
    about: str | None = None

    @property
    def applies(self) -> bool:
        """Whether the request is carried out all the same."""
        return self.kind in _APPLIED or self.apply or self.step is not None
