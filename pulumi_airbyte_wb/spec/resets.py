"""How a program wants its changes carried out: policies, permissions, what is waited for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.inputs import flag, mapping, one_of, stream_key, text

_CODES = frozenset(code.value for code in Code)
_RUN = re.compile(r"once(:\S+)?")


class Policy(StrEnum):
    """What a program wants done where a change calls for a re-sync, or is blocked.

    ``auto`` follows the table, ``skip`` leaves the rows as they are, ``refuse`` blocks the plan. ``reset`` replaces
    the rows by the cheapest means; ``merge``, ``truncate`` and ``clear`` name the means: ``merge`` keeps old rows
    readable meanwhile, and doubles those of a stream that appends. ``server`` sends the change without ``skipReset``,
    so that Airbyte does what it does by default.
    """

    AUTO = "auto"
    SKIP = "skip"
    RESET = "reset"
    MERGE = "merge"
    TRUNCATE = "truncate"
    CLEAR = "clear"
    REFUSE = "refuse"
    SERVER = "server"


class Wait(StrEnum):
    """How long an update waits: until its jobs are accepted, until they ended, or until the tables are filled."""

    ACCEPTED = "accepted"
    JOB = "job"
    FILLED = "filled"


class AfterClear(StrEnum):
    """Who fills a table that was cleared: a sync that the update starts, or the schedule's next one."""

    SYNC = "sync"
    SCHEDULE = "schedule"


class Running(StrEnum):
    """What happens to a sync that runs when an update has streams to re-sync.

    ``leave`` leaves it to Airbyte, which cancels it for a clear and lets a refresh wait for the next job.
    """

    LEAVE = "leave"
    WAIT = "wait"
    CANCEL = "cancel"


class Loading(StrEnum):
    """How a destination loads its tables (rows.md §2); unknown is taken for the worst of them."""

    DIRECT_LOAD = "direct_load"
    TYPING_DEDUPING = "typing_deduping"
    NORMALIZATION = "normalization"
    UNKNOWN = "unknown"


class OnRemove(StrEnum):
    """What happens to the table of a stream that was declared and is no longer."""

    KEEP = "keep"
    CLEAR = "clear"


class SchemaChanges(StrEnum):
    """What happens when the source's schema is not the connection's any more: nothing, or a planned update."""

    KEEP = "keep"
    ACCEPT = "accept"


class OnDelete(StrEnum):
    """What happens to the streams of a ``Catalog`` that is deleted."""

    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True)
class Permit:
    """Leave to replace the rows of one stream where the table blocks, for one code.

    Args:
        stream: which stream, by its key.
        code: the row that blocks, for example ``AWB210``.
        until: the last day in UTC; ``None`` for a permission for one run.
        run: what tells permissions for one run apart: ``once``, or ``once:`` and a word of the program's.
    """

    stream: str
    code: str
    until: dt.date | None
    run: str = ""


@dataclass(frozen=True)
class Resets:
    """How changes that need a re-sync are decided and carried out; changing that alone changes no connection.

    ``spent`` are permissions for one run that an earlier run was given.
    """

    default: Policy = Policy.AUTO
    overrides: Mapping[StreamDescriptor, Policy] = field(default_factory=dict)
    permits: frozenset[Permit] = frozenset()
    spent: frozenset[Permit] = frozenset()
    backfill: bool = False
    wait: Wait = Wait.ACCEPTED
    after_clear: AfterClear = AfterClear.SYNC
    running: Running = Running.LEAVE
    timeout_minutes: int = 60
    destination_loading: Loading = Loading.UNKNOWN

    def policy(self, stream: StreamDescriptor) -> Policy:
        """The policy for one stream."""
        return self.overrides.get(stream, self.default)

    def permitted(self, stream: StreamDescriptor, code: str) -> bool:
        """Whether a permission covers this effect today, and in this run."""
        today = dt.datetime.now(dt.UTC).date()
        return any(
            (permit.stream, permit.code) == (stream.key, code) and (permit.until is None or today <= permit.until)
            for permit in self.permits - self.spent
        )

    def lapsed(self, stream: StreamDescriptor, code: str) -> Permit | None:
        """The permission for this effect that came last and covers it no longer: its day is over, or a run used it."""
        theirs = [permit for permit in self.permits if (permit.stream, permit.code) == (stream.key, code)]
        if self.permitted(stream, code) or not theirs:
            return None
        return max(theirs, key=lambda permit: (permit.until is None, permit.until or dt.date.min, permit.run))

    def after(self, earlier: Resets, waiting: Collection[StreamDescriptor] = ()) -> Resets:
        """These, once an earlier run was given those: its permissions for one run are spent.

        Not those of streams whose re-sync ``waiting`` defers: that run has used none for them.
        """
        put_off = {stream.key for stream in waiting}
        return replace(
            self, spent=frozenset(permit for permit in earlier.permits if permit.run and permit.stream not in put_off)
        )


def read_resets(value: object, path: str) -> Resets:
    """The declared ``resets``.

    Raises:
        DeclarationError: a property or a word of it is not possible.
    """
    given = mapping(value, path)
    names = tuple(each.name for each in fields(Resets) if each.name != "spent")
    for name in given:
        if name not in names:
            hint = nearest(name, names) or f"use {', '.join(names)}"
            raise DeclarationError(f"{path}.{name}", name, "is not a property of resets", hint)
    minutes = given.get("timeout_minutes", 60)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 1 <= minutes <= 1440 or minutes % 1:
        raise DeclarationError(
            f"{path}.timeout_minutes", minutes, "is not a number of minutes from 1 to 1440", "write for example 60"
        )
    return Resets(
        default=one_of(Policy)(given.get("default", "auto"), f"{path}.default"),
        overrides={
            stream_key(key, f"{path}.overrides"): one_of(Policy)(policy, f'{path}.overrides["{key}"]')
            for key, policy in mapping(given.get("overrides", {}), f"{path}.overrides").items()
        },
        permits=frozenset(_permits(given.get("permits", []), f"{path}.permits")),
        backfill=flag(given.get("backfill", False), f"{path}.backfill"),
        wait=one_of(Wait)(given.get("wait", "accepted"), f"{path}.wait"),
        after_clear=one_of(AfterClear)(given.get("after_clear", "sync"), f"{path}.after_clear"),
        running=one_of(Running)(given.get("running", "leave"), f"{path}.running"),
        timeout_minutes=int(minutes),
        destination_loading=one_of(Loading)(given.get("destination_loading", "unknown"), f"{path}.destination_loading"),
    )


def lasting(given: Mapping[str, Any]) -> dict[str, Any]:
    """Declared ``resets`` without their permissions for one run: as they are kept by a run that has used none."""
    if not given.get("permits"):
        return dict(given)
    permits = [item for item in given["permits"] if not _RUN.fullmatch(str(item).rpartition(" ")[2])]
    rest = {name: value for name, value in given.items() if name != "permits"}
    return rest | ({"permits": permits} if permits else {})


def _permits(value: object, path: str) -> Iterator[Permit]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise DeclarationError(
            path, value, "is not a list of permissions", "write ['public.events AWB210 2026-12-31', …]"
        )
    for index, item in enumerate(value):
        where = f"{path}[{index}]"
        words = text(item, where, longest=4096).rsplit(" ", 2)
        if len(words) != 3 or words[1] not in _CODES:
            raise DeclarationError(
                where, item, "is not a stream, a code and a day", "write 'public.events AWB210 2026-12-31'"
            )
        stream, (code, last) = stream_key(words[0], where).key, words[1:]
        if _RUN.fullmatch(last):
            yield Permit(stream, code, None, last)
            continue
        try:
            until = dt.date.fromisoformat(last)
        except ValueError:
            raise DeclarationError(where, last, "is not a day", "write 2026-12-31, or 'once' for one run") from None
        yield Permit(stream, code, until)
