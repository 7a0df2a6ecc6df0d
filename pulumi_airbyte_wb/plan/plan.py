"""A plan: everything that an update of a connection will do, as a value.

``build_plan`` makes it, ``codec`` writes it into the ``planned`` input and reads it back, ``explain`` tells it,
``steps`` orders its work, and ``guard`` holds the live connection against it before anything is sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.effects import Action, Effect
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.fields import Value
from pulumi_airbyte_wb.spec.resets import Running, Wait
from pulumi_airbyte_wb.state.pending import Deferred, Required


class Operation(StrEnum):
    """What happens to the connection as a whole."""

    CREATE = "create"
    ADOPT = "adopt"
    ATTACH = "attach"
    UPDATE = "update"
    REPLACE = "replace"


class Refill(StrEnum):
    """Who fills tables that are cleared."""

    SYNC = "sync"
    SERVER = "server"
    SCHEDULE = "schedule"


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way of an update, whatever its changes mean for the rows.

    Args:
        code: what it is.
        streams: the streams that it is about, by key.
        names: what else stands in its sentence: a status, a column, a code.
    """

    code: Code
    streams: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServerDefault:
    """What Airbyte itself would do about the same change, sent without ``skipReset``; numbers of streams.

    Args:
        resynced: those that it would re-sync beside the rows that are there.
        cleared: those that it would clear, so that they are empty until the next sync.
        doubled: those of them whose rows would be there twice.
        stale: those that it would leave as they are, with rows that are wrong.
    """

    resynced: int = 0
    cleared: int = 0
    doubled: int = 0
    stale: int = 0


@dataclass(frozen=True)
class Plan:
    """What will be done to one connection.

    Args:
        operation: what happens to the connection as a whole.
        subject: the connection that is adopted, or whose streams are declared.
        subject_name: its name, where that is no secret.
        effects: what the changes of streams mean for their data, in the order of the streams' keys.
        fields: the changed connection-level fields, each with its value before (``None``: unknown) and after.
        released: fields that are no longer managed, with their last declared value, which stays.
        released_streams: streams that are no longer managed, by key.
        refill: who fills the tables that are cleared; ``None`` where none is.
        running: what is done first about a sync that runs.
        wait: what is waited for at the end.
        paused: whether the connection is inactive once this is done, so that none of its jobs would run.
        undecided: the inputs that are not known yet, so that nothing can be said of the streams.
        obstacles: what stands in the way of the update.
        server_default: what Airbyte itself would do, where it is worse; ``None`` where it is not, or not known.
        secret: the inputs whose values no text may show.
        deferred: streams whose re-sync waits until the connection is active.
        required: as ``deferred``, where the lines do not tell.
        next_run: what the program wishes of a connection that is taken over as it is: the next run does it, not this
            one. It may be blocked, which blocks the next run alone.
    """

    operation: Operation
    subject: str = ""
    subject_name: str = ""
    effects: tuple[Effect, ...] = ()
    fields: Mapping[str, tuple[Value | None, Value]] = field(default_factory=dict)
    released: Mapping[str, Value] = field(default_factory=dict)
    released_streams: tuple[str, ...] = ()
    refill: Refill | None = None
    running: Running = Running.LEAVE
    wait: Wait = Wait.ACCEPTED
    paused: bool = False
    undecided: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    server_default: ServerDefault | None = None
    secret: frozenset[str] = field(default=frozenset(), compare=False)
    deferred: Mapping[StreamDescriptor, Deferred] = field(default_factory=dict, compare=False)
    required: Mapping[StreamDescriptor, Required] = field(default_factory=dict, compare=False)
    next_run: Plan | None = None

    def by_stream(self) -> dict[StreamDescriptor, list[Effect]]:
        """The effects of each stream, the greatest action first."""
        grouped: dict[StreamDescriptor, list[Effect]] = defaultdict(list)
        for effect in self.effects:
            grouped[effect.stream].append(effect)
        return {stream: sorted(effects, key=lambda effect: -effect.action) for stream, effects in grouped.items()}

    def actions(self) -> dict[StreamDescriptor, Action]:
        """The one action of each stream that needs one: the greatest of its effects."""
        greatest = {stream: effects[0].action for stream, effects in self.by_stream().items()}
        return {stream: action for stream, action in greatest.items() if action is not Action.NONE}

    def deciding(self, stream: StreamDescriptor) -> Effect:
        """The effect that decides what is done for a stream that has one."""
        return self.by_stream()[stream][0]

    def blocked(self) -> list[Effect]:
        """The effects that need an explicit approval."""
        return [effect for effect in self.effects if effect.action is Action.BLOCK]

    @property
    def is_blocked(self) -> bool:
        """Whether the update would be blocked."""
        return bool(self.obstacles) or any(effect.action is Action.BLOCK for effect in self.effects)

    @property
    def silent(self) -> bool:
        """Whether there is nothing to tell: fields alone show themselves in the engine's own diff."""
        whole = self.operation in {Operation.CREATE, Operation.UPDATE}
        told = self.effects or self.released or self.released_streams or self.undecided or self.obstacles
        return whole and not told and self.next_run is None
