"""The connection-level fields: how a program writes each, how the server answers it, how it is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pulumi_airbyte_wb.errors import DeclarationError, nearest, shown
from pulumi_airbyte_wb.models import (
    BackfillPreference,
    ConnectionRead,
    ConnectionStatus,
    NamespaceDefinition,
    NonBreakingChangesPreference,
    Tag,
)
from pulumi_airbyte_wb.spec.inputs import choice, flag, text, uuid
from pulumi_airbyte_wb.spec.schedule import parse_schedule, schedule_line

_PLACEHOLDER = re.compile(r"(?<!\$)\$\{SOURCE_NAMESPACE\}")

Value = str | bool | Mapping[str, str] | tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One field.

    Args:
        name: as the program writes it.
        canonical: the declared value in its one form; raises ``DeclarationError``.
        live: the server's value in the same form, ``None`` where the server's version has no such field.
        send: the value as arguments of ``ConnectionCreate`` and ``ConnectionUpdate``.
        moves_tables: whether a change makes streams write to other tables.
        part: of the live value (first) what is declared (second), where another tool or person may own the rest.
    """

    name: str
    canonical: Callable[[object, str], Value]
    live: Callable[[ConnectionRead], Value | None]
    send: Callable[[Any], dict[str, Any]]
    moves_tables: bool = False
    part: Callable[[Any, Any], Any] | None = None

    def observed(self, connection: ConnectionRead, declared: Value) -> Value | None:
        """The live value, as far as it is declared."""
        value = self.live(connection)
        return value if self.part is None or value is None else cast("Value", self.part(value, declared))


def _schedule(value: object, path: str) -> Value:
    return schedule_line(*parse_schedule(text(value, path), path))


def _send_schedule(value: str) -> dict[str, Any]:
    kind, data = parse_schedule(value)
    return {"schedule_type": kind.value, "schedule_data": data}


def _resources(value: object, path: str) -> Value:
    names = ("cpu_limit", "cpu_request", "memory_limit", "memory_request")
    if not isinstance(value, Mapping):
        raise DeclarationError(path, value, "is not a mapping", f"give some of {', '.join(names)}")
    for name, amount in value.items():
        if name not in names:
            hint = nearest(str(name), names) or f"use {', '.join(names)}"
            raise DeclarationError(f"{path}.{name}", name, "is not a resource", hint)
        text(amount, f"{path}.{name}")
    return dict(sorted(value.items()))


def _tags(value: object, path: str) -> Value:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise DeclarationError(path, value, "is not a list of tag ids", "write ['UUID', …]")
    return tuple(sorted({uuid(item, f"{path}[{index}]") for index, item in enumerate(value)}))


def _operations(value: object, path: str) -> Value:
    from pulumi_airbyte_wb.spec.operations import lines_of

    return lines_of(value, path)


def _live_operations(connection: ConnectionRead) -> Value:
    from pulumi_airbyte_wb.spec.operations import live_lines

    return live_lines(connection.operations)


def _operation_ids(value: object, path: str) -> Value:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise DeclarationError(path, value, "is not a list of operation ids", "write [operation.id, …]")
    return tuple(sorted({uuid(item, f"{path}[{index}]") for index, item in enumerate(value)}))


def _namespace_format(value: object, path: str) -> Value:
    given = text(value, path)
    rest = _PLACEHOLDER.sub("", given)
    if any(letter in rest for letter in "{}") or "source_namespace" in rest.casefold():
        raise DeclarationError(
            path,
            given,
            "holds a placeholder that Airbyte does not know, and would stand in the name of the schema as it is",
            "write ${SOURCE_NAMESPACE}, which stands for the source's namespace and is the only one",
        )
    return given


def _prefix(value: object, path: str) -> Value:
    given = text(value, path)
    if "${" in given or "{{" in given:
        raise DeclarationError(
            path,
            given,
            "holds a placeholder, and Airbyte takes a prefix as it is",
            "put ${SOURCE_NAMESPACE} into namespace_format, with namespace_definition='customformat'",
        )
    return given


def _plain(name: str, *, moves_tables: bool = False, canonical: Callable[[object, str], Value] = text) -> Field:
    def live(connection: ConnectionRead) -> Value | None:
        value: Value | None = getattr(connection, name)
        return "" if value is None and canonical in _TEXTS else value

    return Field(name, canonical, live, lambda value: {name: value}, moves_tables)


_TEXTS = (text, _namespace_format, _prefix)

FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        _plain("name"),
        _plain("status", canonical=choice(ConnectionStatus, without=("deprecated", "locked"))),
        _plain("namespace_definition", canonical=choice(NamespaceDefinition), moves_tables=True),
        _plain("namespace_format", moves_tables=True, canonical=_namespace_format),
        _plain("prefix", moves_tables=True, canonical=_prefix),
        _plain("notify_schema_changes", canonical=flag),
        _plain("notify_schema_changes_by_email", canonical=flag),
        _plain("non_breaking_changes_preference", canonical=choice(NonBreakingChangesPreference)),
        _plain("backfill_preference", canonical=choice(BackfillPreference)),
        _plain("geography"),
        _plain("destination_catalog_id", canonical=uuid),
        Field(
            "schedule",
            _schedule,
            lambda connection: schedule_line(connection.schedule_type, connection.schedule_data),
            _send_schedule,
        ),
        Field(
            "resource_requirements",
            _resources,
            lambda connection: dict(sorted((connection.resource_requirements or {}).items())),
            lambda value: {"resource_requirements": dict(value)},
            part=lambda live, declared: {name: live[name] for name in declared if name in live},
        ),
        Field(
            "tags",
            _tags,
            lambda connection: tuple(sorted(tag.tag_id for tag in connection.tags)),
            lambda value: {"tags": [Tag(tag_id=tag) for tag in value]},
        ),
        # These two are sent apart: they are sets that other tools and people add to (``live.operations``).
        Field(
            "operations",
            _operations,
            _live_operations,
            lambda _: {},
            part=lambda live, declared: {name: line for name, line in live.items() if name in declared},
        ),
        Field(
            "operation_ids",
            _operation_ids,
            lambda connection: tuple(sorted(connection.operation_ids)),
            lambda _: {},
            part=lambda live, declared: tuple(each for each in live if each in declared),
        ),
    )
}


def shown_value(value: Value | None) -> str:
    """A field's value on a line of a plan."""
    if value is None:
        return "nothing"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {amount}' for name, amount in value.items())}}}"
    return shown(value)
