"""A spec read from a resource's inputs, with everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.connection import CONNECTION, ConnectionSpec, Options, ResourceKind
from pulumi_airbyte_wb.spec.fields import FIELDS
from pulumi_airbyte_wb.spec.input_names import COMPUTED
from pulumi_airbyte_wb.spec.inputs import flag, mapping, names, one_of, stream_key, text, uuid
from pulumi_airbyte_wb.spec.other_words import CONNECTION_WORDS, VALUES
from pulumi_airbyte_wb.spec.patterns import is_pattern
from pulumi_airbyte_wb.spec.resets import OnDelete, OnRemove, Resets, SchemaChanges, read_resets
from pulumi_airbyte_wb.spec.streams import Streams, StreamSpec
from pulumi_airbyte_wb.spec.validation import check_declared

_IDS = {
    "source_id": "find it by get_source(name=…)",
    "destination_id": "find it by get_destination(name=…)",
    "connection_id": "find it by get_connection(name=…)",
}


@dataclass(frozen=True)
class ParsedSpec:
    """A spec read from inputs, with everything that is wrong in it."""

    spec: ConnectionSpec
    problems: tuple[DeclarationError, ...]


def parse_spec(
    inputs: Mapping[str, Any],
    unknown: frozenset[str] = frozenset(),
    kind: ResourceKind = CONNECTION,
    *,
    recorded: bool = False,
) -> ParsedSpec:
    """Read a resource's inputs, from a program or from state.

    Args:
        inputs: the property bag; keys with ``None`` count as absent.
        unknown: the top-level inputs whose value is not known yet; what ``inputs`` has for them is not looked at.
        kind: the kind of resource.
        recorded: whether the inputs come from state: a refresh notes what a person or another tool gave the server,
            which may be what no program of ours could declare.
    """
    given = {name: value for name, value in inputs.items() if value is not None and name not in unknown}
    reader = _Reader(given, recorded)
    problems = [*_misplaced(given, unknown, kind), *_contradictions(given, unknown)]
    take = reader.take
    declared, patterns = take("streams", _streams, (None, {}))
    recorded_patterns = take("patterns", _patterns, {})
    spec = ConnectionSpec(
        source_id=take("source_id", uuid),
        destination_id=take("destination_id", uuid),
        connection_id=take("connection_id", uuid),
        fields={name: value for name in FIELDS if (value := take(name, FIELDS[name].canonical)) is not None},
        streams=declared if declared is not None or not (patterns or recorded_patterns) else {},
        patterns=patterns | recorded_patterns,
        exclusive=take("exclusive", flag, False),
        options=_options(reader),
        unknown=unknown,
        secret=frozenset(take("secret_inputs", names, ())),
        secret_streams=frozenset(map(_canonical, take("secret_streams", names, ()))),
        kind=kind,
    )
    return ParsedSpec(spec, (*problems, *reader.problems))


def problems_of(spec: ConnectionSpec) -> Iterator[DeclarationError]:
    """What a program says of its streams that cannot be, whatever the source offers."""
    for stream, line in (spec.streams or {}).items():
        yield from check_declared(line, f'streams["{stream}"]')
    for pattern, line in spec.patterns.items():
        yield from check_declared(line, f'streams["{pattern}"]')


@dataclass
class _Reader:
    """Takes values out of a property bag, and collects what is wrong with them."""

    given: Mapping[str, Any]
    recorded: bool
    problems: list[DeclarationError] = field(default_factory=list)

    def take(self, name: str, canonical: Any, default: Any = None) -> Any:
        """The value of an input in its canonical form; the default where it is absent or wrong."""
        if name not in self.given:
            return default
        try:
            return canonical(self.given[name], name)
        except DeclarationError as problem:
            if self.recorded and name in FIELDS and isinstance(self.given[name], str):
                return self.given[name]
            self.problems.append(problem)
            return default


def _options(reader: _Reader) -> Options:
    take = reader.take
    return Options(
        resets=take("resets", read_resets, Resets()),
        on_remove=take("on_remove", one_of(OnRemove), OnRemove.KEEP),
        on_delete=take("on_delete", one_of(OnDelete), OnDelete.KEEP),
        adopt=take("adopt", uuid),
        allow_replace=take("allow_replace", flag, False),
        schema_changes=take("schema_changes", one_of(SchemaChanges), SchemaChanges.KEEP),
        with_refreshed_catalog=take("with_refreshed_catalog", flag, False),
        server=take("server", text, ""),
    )


def _misplaced(given: Mapping[str, Any], unknown: frozenset[str], kind: ResourceKind) -> Iterator[DeclarationError]:
    """Inputs that the kind of resource does not have, and those that it needs and are not there."""
    for name in sorted(set(given) - set(kind.inputs) - set(COMPUTED)):
        hint = CONNECTION_WORDS.get(name) or nearest(name, kind.inputs)
        yield DeclarationError(name, given[name], f"is not a property of a {kind.name}", hint)
    for name in kind.ids:
        if name not in given and name not in unknown:
            yield DeclarationError(name, "nothing", f"is declared, but every {kind.name} needs one", _IDS[name])


def _contradictions(given: Mapping[str, Any], unknown: frozenset[str]) -> Iterator[DeclarationError]:
    if given.get("name") == "":
        yield DeclarationError("name", "", "is empty", "leave it out to use the resource's name")
    definition = given.get("namespace_definition")
    definition = VALUES.get(definition, definition) if isinstance(definition, str) else definition
    if "namespace_format" in given and definition not in {None, "customformat"}:
        yield DeclarationError(
            "namespace_format",
            given["namespace_format"],
            f"has no use with namespace_definition {definition!r}",
            "declare namespace_definition 'customformat', or leave the format out",
        )
    formatted = "namespace_format" in unknown or given.get("namespace_format")
    if definition == "customformat" and not formatted:
        yield DeclarationError(
            "namespace_definition",
            "customformat",
            "needs a namespace_format",
            "declare one, for example '${SOURCE_NAMESPACE}_raw'",
        )


def _streams(value: object, path: str) -> tuple[Streams, dict[str, StreamSpec]]:
    streams: Streams = {}
    patterns: dict[str, StreamSpec] = {}
    for key, line in sorted(mapping(value, path).items(), key=lambda item: str(item[0])):
        where = f'{path}["{key}"]'
        spec = StreamSpec.parse(text(line, where, longest=65_536), where)
        if is_pattern(key):
            patterns[key] = spec
        else:
            stream = stream_key(key, path)
            if stream in streams:
                raise DeclarationError(where, key, "is declared twice", "keep one of them")
            streams[stream] = spec
    return dict(sorted(streams.items(), key=lambda item: item[0].key)), patterns


def _patterns(value: object, path: str) -> dict[str, StreamSpec]:
    return {
        key: StreamSpec.parse(text(line, f'{path}["{key}"]', longest=65_536), f'{path}["{key}"]')
        for key, line in sorted(mapping(value, path).items(), key=lambda item: str(item[0]))
    }


def _canonical(key: str) -> str:
    """The one form of a stream's name; a pattern, or what is neither, as it is."""
    try:
        return key if is_pattern(key) else StreamDescriptor.parse(key).key
    except ValueError:
        return key
