"""The policies themselves."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.policy.permissions import Permission, protected

TYPES = ("pulumi-python:dynamic/airbyte:Connection", "pulumi-python:dynamic/airbyte:Catalog")

_EFFECT = re.compile(r"(AWB\d{3}) (\w+): (.*?)(?: \((.*)\))?", re.DOTALL)
# What the plan says where a word of the program stands against the table.
_OVERRULED = re.compile(r"the program says '(skip|server)'.*, although ", re.DOTALL)
_UNREADABLE = "something unreadable"
_READS = {"merge", "truncate", "clear", "replace", _UNREADABLE}
_STACKS = {"type": "array", "items": {"type": "string"}, "default": ["*"]}


def _planned(args: ResourceValidationArgs) -> Iterator[tuple[str, str, str, str, str]]:
    """The announced effects of a resource: stream, code, action, what, because."""
    planned = args.props.get("planned") if args.resource_type in TYPES else None
    for stream, text in (planned if isinstance(planned, Mapping) else {}).items():
        for part in str(text).split(" + "):
            match = _EFFECT.fullmatch(part)
            # What cannot be read is not let through.
            code, action, what, because = match.groups() if match else ("AWB000", _UNREADABLE, part, "")
            yield stream, code, action, what, because or ""


def _stack(args: ResourceValidationArgs) -> str:
    return args.urn.removeprefix("urn:pulumi:").split("::", 1)[0]


def _check_reads(args: ResourceValidationArgs, report: ReportViolation) -> None:
    effects = [effect for effect in _planned(args) if effect[2] in _READS]
    config: dict[str, Any] = dict(args.get_config() or {})
    if not effects or not protected(_stack(args), config):
        return
    try:
        permissions = [
            Permission.read(value, f"permissions[{index}]")
            for index, value in enumerate(config.get("permissions") or [])
        ]
    except DeclarationError as error:
        report(str(error), None)
        return
    today = dt.datetime.now(dt.UTC).date()
    for stream, code, action, what, because in effects:
        if not any(permission.covers(args.name, stream, code, today) for permission in permissions):
            wanted = {"resource": args.name, "stream": stream, "code": code, "until": today.isoformat()}
            report(
                f"{stream} of {args.name} would be changed by {action}: {what} ({because}); to permit it, add "
                f"{json.dumps(wanted)} to the permissions of this policy's configuration",
                None,
            )


def _check_skips(args: ResourceValidationArgs, report: ReportViolation) -> None:
    config: dict[str, Any] = dict(args.get_config() or {})
    for stream, code, _, what, because in _planned(args):
        word = _OVERRULED.match(because)
        if word and protected(_stack(args), config):
            report(
                f"{stream} of {args.name}: {what} [{code}]: {because}; rows would be missing, doubled or stale: "
                f"take the '{word.group(1)}' out of resets",
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
    description="Prohibits reading streams again, or clearing them, without a permission that names the stream.",
    validate=_check_reads,
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=PolicyConfigSchema(
        properties={"stacks": _STACKS, "permissions": {"type": "array", "items": {"type": "object"}, "default": []}}
    ),
)
"""Stops a preview of a protected stack that would read a stream again, unless a permission names it and still holds."""

no_unsafe_skip = ResourceValidationPolicy(
    name="airbyte-no-unsafe-skip",
    description="Prohibits skipping a re-read where rows would be missing, doubled or stale.",
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
    return PolicyPack(name=name, policies=[no_unpermitted_reads, no_unsafe_skip, dedup_needs_key])
