"""Requests that are carried out late: the client has given up, and the server still works on them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pulumi_airbyte_wb.emulator.core.api_request import ApiRequest


@dataclass
class LateRequests:
    """The requests that wait, and when they are carried out: never, until that is said.

    ``before`` names paths: just before the next request to one of them. ``after`` counts requests: as soon as so many
    more have been answered.
    """

    waiting: list[ApiRequest] = field(default_factory=list)
    before: frozenset[str] = frozenset()
    after: int | None = None

    def due_before(self, path: str) -> bool:
        """Whether a request to the path finds them carried out."""
        return path in self.before

    def due_after(self) -> bool:
        """Whether they are carried out after the request that was just answered."""
        if self.after is None:
            return False
        self.after -= 1
        return self.after <= 0

    def release(self, carry_out: Callable[[ApiRequest], object]) -> None:
        """Carry them out now, in their order; from then on none is due."""
        waiting = self.waiting
        self.waiting, self.before, self.after = [], frozenset(), None
        for request in waiting:
            carry_out(request)
