"""The policies themselves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from pulumi_airbyte_wb.errors import DeclarationError, PlanError
from pulumi_airbyte_wb.plan import MEANING, Action, Operation, Plan, planned_of
from pulumi_airbyte_wb.plan.effects import NextSync
from pulumi_airbyte_wb.plan.words import change_text, next_sync_text, reason_text
from pulumi_airbyte_wb.policy.permissions import Permission, protected
from pulumi_airbyte_wb.spec.codes import Code

TYPES = ("pulumi-python:dynamic/airbyte:Connection", "pulumi-python:dynamic/airbyte:Catalog")

_READS = frozenset({Action.MERGE, Action.TRUNCATE, Action.CLEAR})
_LOSSES = frozenset({NextSync.REPLACES, NextSync.DROPS})
_STACKS = {"type": "array", "items": {"type": "string"}, "default": ["*"]}


def plan_of(args: ResourceValidationArgs) -> Plan:
    """The plan of a resource of this package, for policies of one's own; an empty one for every other resource.

    Raises:
        PlanError: the plan cannot be read, so that nothing may be let through.
    """
    return planned_of(args.props) if args.resource_type in TYPES else Plan(Operation.UPDATE)


def _readable(args: ResourceValidationArgs, report: ReportViolation) -> Plan | None:
    try:
        return plan_of(args)
    except PlanError as error:
        report(f"{args.name}: {error}", None)
        return None


def _stack(args: ResourceValidationArgs) -> str:
    return args.urn.removeprefix("urn:pulumi:").split("::", 1)[0]


def _check_reads(args: ResourceValidationArgs, report: ReportViolation) -> None:
    config: dict[str, Any] = dict(args.get_config() or {})
    plan = _readable(args, report) if protected(_stack(args), config) else None
    effects = [effect for effect in plan.effects if effect.action in _READS] if plan else []
    replaced = plan is not None and plan.operation is Operation.REPLACE
    if not effects and not replaced:
        return
    told = [(e.stream.key, e.code, MEANING[e.action], f"{change_text(e)} ({reason_text(e)})") for e in effects]
    if replaced:
        told.append(("*", Code.REPLACED, "replacement", "the connection is deleted, then created"))
    _report(
        args, config, report, [(stream, code, f"would be changed by {does}: {why}") for stream, code, does, why in told]
    )


def _check_losses(args: ResourceValidationArgs, report: ReportViolation) -> None:
    config: dict[str, Any] = dict(args.get_config() or {})
    plan = _readable(args, report) if protected(_stack(args), config) else None
    losing = [e for e in (plan.effects if plan else ()) if e.action is Action.NONE and e.next_sync in _LOSSES]
    if losing:
        told = [(e.stream.key, e.code, f"{change_text(e)}: {next_sync_text(e)}") for e in losing]
        _report(args, config, report, told)


def _report(
    args: ResourceValidationArgs,
    config: Mapping[str, Any],
    report: ReportViolation,
    told: Iterable[tuple[str, Code, str]],
) -> None:
    """Report what no permission of the policy's configuration covers: streams, codes, and what happens."""
    try:
        permissions = [
            Permission.read(value, f"permissions[{index}]")
            for index, value in enumerate(config.get("permissions") or [])
        ]
    except DeclarationError as error:
        report(str(error), None)
        return
    today = dt.datetime.now(dt.UTC).date()
    for stream, code, why in told:
        if not any(permission.covers(args.name, stream, code, today) for permission in permissions):
            wanted = {"resource": args.name, "stream": stream, "code": code, "until": today.isoformat()}
            report(
                f"{stream} of {args.name} {why}; to permit it, add {json.dumps(wanted)} to the permissions of this "
                "policy's configuration",
                None,
            )


def _check_skips(args: ResourceValidationArgs, report: ReportViolation) -> None:
    config: dict[str, Any] = dict(args.get_config() or {})
    plan = _readable(args, report) if protected(_stack(args), config) else None
    for effect in plan.effects if plan else ():
        if effect.unsafe and effect.overruled_by is not None:
            report(
                f"{effect.stream} of {args.name}: {change_text(effect)} [{effect.code}]: {reason_text(effect)}; rows "
                f"would be missing, doubled or stale: take the '{effect.overruled_by.value}' out of resets",
                None,
            )


def _check_keys(args: ResourceValidationArgs, report: ReportViolation) -> None:
    streams = args.props.get("streams") if args.resource_type in TYPES else None
    for stream, line in (streams if isinstance(streams, Mapping) else {}).items():
        words = str(line).split()
        if words and words[0].endswith("_dedup") and not any(word.startswith("key=") for word in words):
            report(
                f"{stream} of {args.name} is deduplicated by a key that the program does not name: declare key=…", None
            )


no_unpermitted_reads = ResourceValidationPolicy(
    name="airbyte-no-unpermitted-reads",
    description="Prohibits re-syncing streams, or clearing them, without a permission that names the stream.",
    validate=_check_reads,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=PolicyConfigSchema(
        properties={"stacks": _STACKS, "permissions": {"type": "array", "items": {"type": "object"}, "default": []}}
    ),
)
"""Stops a preview of a protected stack that would re-sync a stream, unless a permission names it and still holds."""

no_unpermitted_losses = ResourceValidationPolicy(
    name="airbyte-no-unpermitted-losses",
    description="Prohibits that a table is replaced, or loses columns, without a permission that names the stream.",
    validate=_check_losses,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=PolicyConfigSchema(
        properties={"stacks": _STACKS, "permissions": {"type": "array", "items": {"type": "object"}, "default": []}}
    ),
)
"""Stops a preview after which the next sync would replace a table or drop columns, unless a permission names it."""

no_unsafe_skip = ResourceValidationPolicy(
    name="airbyte-no-unsafe-skip",
    description="Prohibits skipping a re-sync where rows would be missing, doubled or stale.",
    validate=_check_skips,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=PolicyConfigSchema(properties={"stacks": _STACKS}),
)
"""Stops a preview in which the program overrules the decision table."""

dedup_needs_key = ResourceValidationPolicy(
    name="airbyte-dedup-needs-key",
    description="Requires deduplicated streams to name their key.",
    validate=_check_keys,
    enforcement_level=EnforcementLevel.MANDATORY,
)
"""Stops a preview of a deduplicated stream whose key is left to the source."""


def pack(name: str = "airbyte") -> PolicyPack:
    """The pack of all policies; call it from the ``__main__.py`` of a policy pack folder."""
    return PolicyPack(
        name=name, policies=[no_unpermitted_reads, no_unpermitted_losses, no_unsafe_skip, dedup_needs_key]
    )
