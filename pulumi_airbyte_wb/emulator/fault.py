"""A fault: what the nth request, or a request to a path, meets instead of its answer."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["refuse", "cut-before", "cut-after", "status", "html", "delay", "half", "garbage"]

_APPLIED = ("cut-after", "delay", "half", "garbage")


@dataclass
class Fault:
    """One fault; it counts down ``skip`` matching requests, then strikes ``times`` times."""

    kind: Kind
    path: str | None = None
    skip: int = 0
    times: int = 1
    status: int = 500
    delay: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    apply: bool = False

    @property
    def applies(self) -> bool:
        """Whether the request is carried out all the same."""
        return self.kind in _APPLIED or self.apply
