"""Streams from a file, for catalogs of a thousand streams."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Never

import yaml

from pulumi_airbyte_wb.errors import DeclarationError, nearest, shown
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.resources.program import ProgramError
from pulumi_airbyte_wb.resources.streams import Stream
from pulumi_airbyte_wb.spec.other_words import STREAM_WORDS
from pulumi_airbyte_wb.spec.patterns import is_pattern
from pulumi_airbyte_wb.spec.stream_parts import path_text
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.validation import check_declared

_MOST_NODES = 1_000_000
_DEEPEST = 100
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXTS = ("mode", "destination_object_name")
_LISTS = ("cursor", "key", "fields", "guarantees")
_ARGUMENTS = tuple(name for name in Stream.__dataclass_fields__ if name != "name")
_SHOWN = 5
_OTHER_FILES: Mapping[str, str] = MappingProxyType(
    {
        "definition_type": "a configuration of octavia",
        "syncCatalog": "an answer of the API about a connection",
        "sync_catalog": "an answer of the API about a connection",
        "connectionId": "an answer of the API about a connection",
        "configurations": "a connection of Terraform's provider or the public API",
    }
)
"""Words that a file of another tool has at its top, each with what it is."""


class _Wrong(Exception):  # noqa: N818 - a finding, not an error that leaves this module
    def __init__(self, node: yaml.Node, words: str) -> None:
        self.line = node.start_mark.line + 1
        self.words = words


def streams_from_file(path: str | Path) -> list[Stream]:
    """Read streams from a YAML or JSON file, and check each.

    The file is a mapping from stream names (or patterns) to lines or to the arguments of ``stream``::

        public.users: incremental_append_dedup cursor=updated_at key=id
        public.events:
          mode: incremental_append
          cursor: ts
        public.dim_*: full_refresh_overwrite

    or a list of such arguments, each with its ``name``. Names of columns are texts however they are written: ``no`` is
    a column, not false.

    Args:
        path: the file, from the program's folder where it is relative; ``.json`` files are read as JSON.

    Raises:
        ProgramError: the file cannot be read, or holds mistakes: the first few, each with its line.
    """
    file = Path(path)
    root = _parsed(file, _text_of(file, path))
    _refuse_other_files(file, root)
    found: dict[str, Stream] = {}
    lines: dict[str, int] = {}
    wrong: list[_Wrong] = []
    for name, where, body in _entries(root, wrong):
        try:
            if name in found:
                _refuse(where, f"{shown(name)} is declared twice, first in line {lines[name]}; keep one of them")
            found[name] = _checked(name, where, body)
            lines[name] = where.start_mark.line + 1
        except _Wrong as finding:
            wrong.append(finding)
    if wrong:
        raise _mistakes(file, wrong)
    return list(found.values())


def _mistakes(file: Path, wrong: list[_Wrong]) -> ProgramError:
    first = sorted(wrong, key=lambda finding: finding.line)[:_SHOWN]
    told = "; ".join(f"{file.name}:{finding.line}: {finding.words}" for finding in first)
    more = f"; and {len(wrong) - _SHOWN} more mistakes" if len(wrong) > _SHOWN else ""
    return ProgramError(f"streams_from_file: {told}{more}")


def _text_of(file: Path, path: str | Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is no UTF-8 text"
        raise ProgramError(f"streams_from_file: {str(path)!r} cannot be read: {reason}") from None


def _parsed(file: Path, text: str) -> yaml.Node:
    if file.suffix.lower() == ".json":
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            reason = getattr(error, "msg", "it is nested too deeply")
            raise ProgramError(f"streams_from_file: {file.name}:{line}: no JSON: {reason}") from None
        # YAML reads JSON, but for tabs, which JSON has between its words alone.
        text = text.replace("\t", " ")
    try:
        _check_depth(text)
        root = yaml.compose(text, Loader=_LOADER)
        large = root is not None and _written_out(root, {}) > _MOST_NODES
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        deep = isinstance(error, RecursionError)
        reason = (
            "it is nested too deeply" if deep else getattr(error, "problem", None) or "it is more than one document"
        )
        raise ProgramError(f"streams_from_file: {file.name}:{line}: no YAML: {reason}") from None
    if root is None:
        raise ProgramError(f"streams_from_file: {file.name} is empty; write 'namespace.name: mode …' lines")
    if large:
        raise ProgramError(
            f"streams_from_file: {file.name}: its aliases stand for more than {_MOST_NODES} values, or for themselves; "
            "write the streams out"
        )
    return root


def _check_depth(text: str) -> None:
    """Composing is done in C, which ends the process where a text is nested too deeply.

    Raises:
        RecursionError: it is.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise RecursionError


def _written_out(node: yaml.Node, sizes: dict[int, int]) -> int:
    """How many values a node holds with each alias written out; one that holds itself has too many."""
    if id(node) not in sizes:
        sizes[id(node)] = _MOST_NODES + 1
        inner = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
        inner = inner if isinstance(inner, list) else []
        sizes[id(node)] = 1 + sum(_written_out(part, sizes) for part in inner)
    return sizes[id(node)]


def _refuse_other_files(file: Path, root: yaml.Node) -> None:
    """A file of another tool, told once instead of once a line."""
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    names = {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}
    kind = next((kind for word, kind in _OTHER_FILES.items() if word in names), "")
    if isinstance(names.get("streams"), yaml.SequenceNode):
        kind = kind or "a catalog of the API or of a connector"
    if kind:
        raise ProgramError(
            f"streams_from_file: {file.name} is no list of streams but {kind}; write a mapping such as "
            "'public.users: incremental_append_dedup cursor=updated_at key=id'"
        )


def _entries(root: yaml.Node, wrong: list[_Wrong]) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, key, value
            else:
                wrong.append(_Wrong(key, "a stream's name has to be a text"))
    elif isinstance(root, yaml.SequenceNode):
        for item in root.value:
            pairs = {key.value: value for key, value in item.value} if isinstance(item, yaml.MappingNode) else {}
            name = pairs.get("name")
            if isinstance(name, yaml.ScalarNode):
                yield name.value, name, item
            else:
                wrong.append(_Wrong(item, "a stream needs a name and a mode: '- {name: public.users, mode: …}'"))
    else:
        wrong.append(_Wrong(root, "the file holds neither a mapping by stream names nor a list of streams"))


def _checked(name: str, where: yaml.Node, body: yaml.Node) -> Stream:
    nodes: dict[str, yaml.Node] = {}
    try:
        if not is_pattern(name):
            StreamDescriptor.parse(name)
    except ValueError as error:
        _refuse(where, f"{shown(name)} is not a stream's name: it {error}; write namespace.name")
    if isinstance(body, yaml.ScalarNode):
        stream = _of_line(name, body)
    elif isinstance(body, yaml.MappingNode):
        nodes = {key.value: value for key, value in body.value if isinstance(key, yaml.ScalarNode)}
        stream = _of_arguments(name, body)
    else:
        _refuse(body, f"{name}: a stream is a line or a mapping of its arguments")
    try:
        spec = StreamSpec.parse(str(stream.line), name)  # all its parts are known, so the line is a text
        problems = list(check_declared(spec, name))
    except DeclarationError as error:
        problems = [error]
    for problem in problems:
        part = problem.path.removeprefix(name).strip(".").split("[")[0].split(".")[0]
        _refuse(nodes.get(part, body), str(problem))
    return stream


def _of_line(name: str, node: yaml.ScalarNode) -> Stream:
    try:
        spec = StreamSpec.parse(node.value, name)
    except DeclarationError as error:
        _refuse(node, str(error))
    if not node.value.strip():
        _refuse(node, f"{name}: nothing is declared; write its mode")
    return _stream_of(name, spec)


def _stream_of(name: str, spec: StreamSpec) -> Stream:
    return Stream(
        name,
        spec.mode.word,  # type: ignore[arg-type]
        cursor=None if spec.cursor is None else path_text(spec.cursor),
        key=None if spec.key is None else sorted(path_text(path) for path in spec.key),
        fields=None if spec.fields is None else sorted(spec.fields) or "*",
        mappers=None if spec.mappers is None else [json.loads(mapper) for mapper in spec.mappers],
        include_files=spec.include_files,
        destination_object_name=spec.destination_object_name,
        guarantees=sorted(spec.guarantees),  # type: ignore[arg-type]
    )


def _of_arguments(name: str, body: yaml.MappingNode) -> Stream:
    values: dict[str, Any] = {}
    for key, node in body.value:
        argument = key.value if isinstance(key, yaml.ScalarNode) else ""
        if argument == "name":
            continue
        if argument not in _ARGUMENTS:
            hint = STREAM_WORDS.get(argument) or nearest(argument, _ARGUMENTS) or f"it takes {', '.join(_ARGUMENTS)}"
            _refuse(key, f"{name}: {shown(argument)} is no argument of a stream; {hint}")
        if argument in values:
            _refuse(key, f"{name}.{argument} is given twice; keep one of them")
        values[argument] = _value(name, argument, node)
    if values.get("mode") is None:
        _refuse(body, f"{name}: mode is missing, for example full_refresh_overwrite")
    return Stream(name, **values)


def _value(name: str, argument: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
        return [] if argument == "guarantees" else None
    if argument in _LISTS and isinstance(node, yaml.SequenceNode):
        return [_column(each, f"{name}.{argument}") for each in node.value]
    if argument in {*_LISTS, *_TEXTS}:
        return _text(node, f"{name}.{argument}")
    if argument == "include_files":
        if node.tag != "tag:yaml.org,2002:bool":
            _refuse(node, f"{name}.include_files is neither true nor false")
        return node.value.casefold() in {"true", "yes", "on"}
    mappers = _plain(node)
    if not isinstance(mappers, list) or not all(isinstance(mapper, dict) for mapper in mappers):
        _refuse(node, f"{name}.mappers is not a list of mappings such as {{type: hashing, mapperConfiguration: {{…}}}}")
    return mappers


def _column(node: yaml.Node, where: str) -> str | list[str]:
    """A column by its name, or as the path that Airbyte writes: ``[[id], [region]]``."""
    if isinstance(node, yaml.SequenceNode):
        return [_text(each, where) for each in node.value]
    return _text(node, where)


def _text(node: yaml.Node, where: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        _refuse(node, f"{where} is not a text")
    return str(node.value)


def _plain(node: yaml.Node) -> Any:
    """The node as plain JSON values."""
    constructor = yaml.SafeLoader("")
    try:
        return constructor.construct_document(node)
    except yaml.YAMLError as error:
        _refuse(node, f"cannot be read: {getattr(error, 'problem', error)}")


def _refuse(node: yaml.Node, words: str) -> Never:
    raise _Wrong(node, words)
