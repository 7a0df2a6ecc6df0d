"""How a program wants changes of its streams carried out: the argument ``resets``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Never, TypedDict

from pulumi import Input, Output

from pulumi_airbyte_wb.resources.program import refuse_unknown

PolicyName = Literal["auto", "skip", "reset", "merge", "truncate", "clear", "refuse", "server"]
WaitName = Literal["accepted", "job", "filled"]
AfterClearName = Literal["sync", "schedule"]
RunningName = Literal["leave", "wait", "cancel"]
LoadingName = Literal["direct_load", "typing_deduping", "normalization", "unknown"]


class ResetsArgsDict(TypedDict, total=False):
    """``Resets`` as a dict literal, ``{"default": "skip"}``; ``Resets`` describes each key."""

    default: Input[PolicyName]
    overrides: Input[Mapping[str, Input[PolicyName]]]
    permits: Input[Sequence[Input[str]]]
    backfill: Input[bool]
    wait: Input[WaitName]
    after_clear: Input[AfterClearName]
    running: Input[RunningName]
    timeout_minutes: Input[int]
    destination_loading: Input[LoadingName]


class Resets:
    """How changes that call for a re-sync are decided and carried out; ``None`` leaves a key at its default.

    Written as ``airbyte.Resets(default="skip")``, or as the dict ``{"default": "skip"}``.

    Args:
        default: what is done for each stream. ``auto``, the default, follows the decision table
            (``airbyte-wb docs resets``). ``skip`` leaves the rows as they are. ``reset`` replaces them by the cheapest
            means, and is the approval where the table blocks. ``merge``, ``truncate`` and ``clear`` name the means:
            refresh, retaining records; refresh, removing old records when it is done; clear, to be filled by the next
            sync. ``refuse`` blocks the plan. ``server`` lets Airbyte do what it does by default.
        overrides: the same for single streams, by name: ``{"public.events": "skip"}``.
        permits: permissions to replace the rows of one stream for one code, until a day (in UTC) or for one run:
            ``"public.events AWB210 2026-12-31"``, ``"public.events AWB210 once"``, and ``once:2`` for another time.
        backfill: whether a stream is re-synced when columns are selected, so that old rows get them; by default not.
        wait: how long an update waits: ``accepted``, the default, until the server has taken the jobs; ``job`` until
            they have succeeded; ``filled`` until a sync has filled the tables, also those of added streams.
        after_clear: what fills a table that was cleared: a ``sync`` that the update starts, which is the default, or
            the next one of the ``schedule``.
        running: what happens to a sync that runs when streams are to be re-synced: ``leave``, the default, leaves it to
            Airbyte, which cancels it for a clear, and lets a refresh follow it; ``wait`` waits for its end; ``cancel``
            cancels it.
        timeout_minutes: how long a job is waited for, from 1 to 1440 minutes; 60 by default. The update then fails, and
            the next one goes on.
        destination_loading: how the destination loads its tables: ``direct_load``, ``typing_deduping`` (typing and
            deduping) or ``normalization``. Airbyte does not tell, so by default it is ``unknown``, which counts as the
            worst of them.

    Raises:
        ProgramError: an argument does not exist; the nearest right name is in the text. Everything else is told by the
            preview.
    """

    def __init__(
        self,
        *,
        default: Input[PolicyName] | None = None,
        overrides: Input[Mapping[str, Input[PolicyName]]] | None = None,
        permits: Input[Sequence[Input[str]]] | None = None,
        backfill: Input[bool] | None = None,
        wait: Input[WaitName] | None = None,
        after_clear: Input[AfterClearName] | None = None,
        running: Input[RunningName] | None = None,
        timeout_minutes: Input[int] | None = None,
        destination_loading: Input[LoadingName] | None = None,
        **unknown: Never,
    ) -> None:
        refuse_unknown("Resets", unknown, ResetsArgsDict.__annotations__)
        self.default = default
        self.overrides = overrides
        self.permits = permits
        self.backfill = backfill
        self.wait = wait
        self.after_clear = after_clear
        self.running = running
        self.timeout_minutes = timeout_minutes
        self.destination_loading = destination_loading


ResetsArg = Resets | ResetsArgsDict
"""What programs may write for ``resets``."""


def resets_property(resets: Input[ResetsArg] | None) -> Any:
    """The property of a resource: a dict, known now or later; what is neither is left for the check to tell."""
    if isinstance(resets, Output):
        return resets.apply(resets_property)
    if isinstance(resets, Resets):
        return {name: value for name, value in vars(resets).items() if value is not None}
    return resets
