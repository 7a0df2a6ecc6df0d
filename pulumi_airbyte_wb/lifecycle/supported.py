"""Whether the server's version has what a program declares; asked for what changes only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pydantic.alias_generators import to_camel

from pulumi_airbyte_wb.api.capabilities import FIELDS, WORDS
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import OperatorConfiguration, StreamDescriptor
from pulumi_airbyte_wb.spec.operations import SMALL, parse_line
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline

_STREAM_FIELDS = ("mappers", "include_files", "destination_object_name")


def check_supported(session: Session, before: Baseline | None, after: Baseline) -> None:
    """Hold new and changed fields and streams against what the server's version knows.

    The server would ignore a field that it does not know, and the next preview would want to set it again.

    Raises:
        DeclarationError: naming the first such field and the versions that have it.
    """
    for name, path, value in _restricted(before, after):
        why = session.client.capabilities.lack(name)
        if why:
            raise DeclarationError(
                path, value, f"is not possible here: it {why}", "leave it out, or upgrade the server"
            )


def _restricted(before: Baseline | None, after: Baseline) -> Iterator[tuple[str, str, object]]:
    old_fields = before.spec.fields if before else {}
    for name, value in after.spec.fields.items():
        if old_fields.get(name) != value:
            wire = to_camel(name)
            if f"connection.{wire}" in FIELDS:
                yield f"connection.{wire}", name, value
            if f"{wire}.{value}" in WORDS:
                yield f"{wire}.{value}", name, value
            if name == "operations" and isinstance(value, Mapping):
                for operation, line in value.items():
                    yield from of_operation(parse_line(line, name), f'{name}["{operation}"]')
    old_streams = (before.spec.streams if before else None) or {}
    for stream, spec in after.streams.items():
        if old_streams.get(stream) != spec:
            yield from _of_stream(stream, spec)


def of_operation(configuration: OperatorConfiguration, path: str) -> Iterator[tuple[str, str, object]]:
    """What of an operation not every version knows, as ``(name in the tables, path, value)``."""
    kind = configuration.operator_type
    if f"operator.{kind}" in FIELDS:
        yield f"operator.{kind}", f"{path}.{kind}" if path else kind, kind
    job = configuration.webhook.dbt_cloud if configuration.webhook else None
    if job is not None:
        for name in ("account_id", "job_id"):
            if getattr(job, name) > SMALL:
                where = f"webhook.dbt_cloud.{name}"
                yield "operator.largeNumbers", f"{path}.{where}" if path else where, getattr(job, name)


def _of_stream(stream: StreamDescriptor, spec: StreamSpec) -> Iterator[tuple[str, str, object]]:
    path = f'streams["{stream}"]'
    mode = f"destinationSyncMode.{spec.mode.destination_sync_mode}"
    if mode in WORDS:
        yield mode, f"{path}.mode", spec.mode.word
    for name in _STREAM_FIELDS:
        value = getattr(spec, name)
        if value is not None:
            yield f"stream.{to_camel(name)}", f"{path}.{name}", value
    for index, text in enumerate(spec.mappers or ()):
        kind = json.loads(text).get("type")
        if f"mapper.{kind}" in WORDS:
            yield f"mapper.{kind}", f"{path}.mappers[{index}].type", kind
