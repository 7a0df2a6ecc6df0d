"""A declared stream's mappers: what each needs, and the columns that those before it leave it (semantics §5.5).

The server applies them in order: a hashing or an encryption puts a text column in place of the one that it reads, a
renaming moves it, a field filter takes it out. A row filter compares texts, of the record as it is by then; a condition
on a column that is not there is never true, so that it would empty the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.spec.mappers import EVERY_SETTING, MASK, text_settings

UNDESCRIBED = "_ab_"
"""How columns begin that a source may fill and not describe, such as CDC's ``_ab_cdc_lsn``."""

_NAME: Mapping[str, str] = MappingProxyType(
    {
        "hashing": "targetField",
        "field-renaming": "originalFieldName",
        "field-filtering": "targetField",
        "encryption": "targetField",
        "row-filtering": "conditions",
    }
)
"""The mappers, each with the setting that says what it works on."""

_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "method": ("MD2", "MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"),
        "algorithm": ("AES", "RSA"),
        "mode": ("CBC", "CFB", "OFB", "CTR"),
        "padding": ("NoPadding", "PKCS5Padding"),
    }
)
"""The words that the server takes; its API names two more modes, GCM and ECB, with which it cannot encrypt."""

_AES_PADDINGS = {"CBC": ("PKCS5Padding",), "CTR": ("NoPadding",)}
_RSA = re.compile(r"30.{0,12}30..06092a864886f70d010101", re.IGNORECASE)
"""How such a key begins: two sequences and the identifier of RSA."""
_AES_KEY = (32, 48, 64)
_CONDITIONS = ("EQUAL", "NOT")


@dataclass
class _Columns:
    """The columns of a stream on their way through its mappers; ``None`` where the source describes none."""

    names: set[str] | None
    stream: str
    deselected: Collection[str] = ()
    became: dict[str, str | None] = field(default_factory=dict)

    def missing(self, name: str, path: str) -> Iterator[DeclarationError]:
        if self.names is None or name in self.names or name.startswith(UNDESCRIBED):
            return
        if name in self.deselected:
            yield DeclarationError(path, name, "is not among the selected columns", "select it too")
            return
        if name in self.became:
            now = self.became[name]
            hint = f"an earlier mapper makes it {now!r}" if now else "an earlier mapper takes it out"
        else:
            hint = nearest(name, self.names) or f"it has {', '.join(sorted(self.names)[:12])}"
        yield DeclarationError(path, name, f"is no column of {self.stream} where this mapper has its turn", hint)

    def replace(self, name: str, by: str | None) -> None:
        self.became[name] = by
        if self.names is not None:
            self.names.discard(name)
            self.names.update([by] if by is not None else [])


def check_mappers(
    mappers: Iterable[str],
    stream: str,
    columns: Collection[str],
    selected: Collection[str],
    needed: Mapping[str, str],
    path: str,
) -> Iterator[DeclarationError]:
    """What is wrong with the mappers of a stream; what comes after a wrong one is not looked at.

    Args:
        mappers: each as canonical JSON, in order.
        stream: the stream's name.
        columns: those that the source describes; empty where it describes none.
        selected: the selected ones; empty where all are.
        needed: the columns of cursor and key in force, each with what it is.
        path: the property of the stream.
    """
    kept = {name for name in columns if not selected or name in selected}
    there = _Columns(kept if columns else None, stream, set(columns) - kept)
    for index, text in enumerate(mappers):
        problems = list(_of_mapper(json.loads(text), there, needed, f"{path}.mappers[{index}]"))
        yield from problems
        if problems:
            return


def _of_mapper(
    mapper: Mapping[str, Any], columns: _Columns, needed: Mapping[str, str], path: str
) -> Iterator[DeclarationError]:
    kind, settings = mapper["type"], mapper.get("mapperConfiguration")
    if kind not in _NAME:
        hint = nearest(str(kind), _NAME) or f"use {', '.join(_NAME)}"
        yield DeclarationError(f"{path}.type", kind, "is not a mapper of Airbyte's", hint)
        return
    if not isinstance(settings, Mapping):
        hint = f"write 'mapperConfiguration': {{'{_NAME[kind]}': …}}"
        yield DeclarationError(f"{path}.mapperConfiguration", settings, "is not a mapping of settings", hint)
        return
    wrong = [*_of_settings(kind, settings, path)]
    if kind == "row-filtering":
        yield from wrong or _of_condition(settings["conditions"], columns, f"{path}.conditions")
        return
    yield from wrong or _of_column(kind, settings, columns, needed, path)


def _of_settings(kind: str, settings: Mapping[str, Any], path: str) -> Iterator[DeclarationError]:
    for name in text_settings(kind, settings):
        value = settings.get(name)
        where = f"{path}.{name}"
        if not isinstance(value, str):
            yield _absent(name, settings, where)
        elif name in _WORDS and value not in _WORDS[name]:
            hint = nearest(value, _WORDS[name]) or f"use {', '.join(_WORDS[name])}"
            yield DeclarationError(where, value, f"is no {name} with which the server can work", hint)
        elif name in {"key", "publicKey"}:
            yield from _of_key(name, value, where)
    mode, padding = settings.get("mode"), settings.get("padding")
    if settings.get("algorithm") == "AES" and padding not in _AES_PADDINGS.get(str(mode), (padding,)):
        hint = f"use {' or '.join(_AES_PADDINGS[str(mode)])}"
        yield DeclarationError(f"{path}.padding", padding, f"does not work with mode {mode}", hint)
    if kind == "row-filtering" and "conditions" not in settings:
        yield _absent("conditions", settings, f"{path}.conditions")


def _absent(name: str, settings: Mapping[str, Any], path: str) -> DeclarationError:
    if name in settings:
        return DeclarationError(path, settings[name], "is not a text", "write it in quotes")
    near = [each for each in settings if each not in EVERY_SETTING and nearest(name, [each])]
    hint = f"write it in place of {near[0]!r}" if near else "add it"
    return DeclarationError(path, name, "is missing, and this mapper needs it", hint)


def _of_key(name: str, value: str, path: str) -> Iterator[DeclarationError]:
    """The value is not shown: it is what the rows are encrypted with."""
    hexadecimal = bool(value) and all(letter in "0123456789abcdefABCDEF" for letter in value)
    if value == MASK:
        yield DeclarationError(
            path, MASK, "is the mask that Airbyte shows instead of the key", "declare the key itself"
        )
    elif not hexadecimal or (name == "key" and len(value) not in _AES_KEY):
        what = "32, 48 or 64 hexadecimal digits" if name == "key" else "a public key in hexadecimal digits"
        yield DeclarationError(path, "the declared text", f"is not {what}", f"declare {what}")
    elif name == "publicKey" and not _RSA.match(value):
        what = "an RSA public key (X.509, DER) in hexadecimal digits"
        yield DeclarationError(path, "the declared text", f"is not {what}", f"declare {what}")


def _of_column(
    kind: str, settings: Mapping[str, Any], columns: _Columns, needed: Mapping[str, str], path: str
) -> Iterator[DeclarationError]:
    name = _NAME[kind]
    column = settings[name]
    missing = list(columns.missing(column, f"{path}.{name}"))
    yield from missing
    if missing:
        return
    if column in needed:
        yield DeclarationError(
            f"{path}.{name}", column, f"is {needed[column]}, which a {kind} mapper would change", "map another column"
        )
    result = {
        "field-renaming": settings.get("newFieldName"),
        "field-filtering": None,
    }.get(kind, f"{column}{settings.get('fieldNameSuffix', '')}")
    if result is not None and result != column and result in (columns.names or ()):
        part = "newFieldName" if kind == "field-renaming" else "fieldNameSuffix"
        yield DeclarationError(
            f"{path}.{part}", settings[part], f"makes it {result!r}, which is a column already", "choose another name"
        )
    columns.replace(column, result)


def _of_condition(condition: object, columns: _Columns, path: str) -> Iterator[DeclarationError]:
    kind = condition.get("type") if isinstance(condition, Mapping) else None
    if not isinstance(condition, Mapping) or kind not in _CONDITIONS:
        hint = (
            {
                "AND": "write a row-filtering mapper for each condition: a row has to pass all of them",
                "OR": "the server knows EQUAL and NOT alone",
            }.get(str(kind).upper())
            or nearest(str(kind), _CONDITIONS)
            or "write {'type': 'EQUAL', …} or {'type': 'NOT', …}"
        )
        yield DeclarationError(f"{path}.type", kind or "nothing", "is not a condition of a row filter", hint)
        return
    if kind == "NOT":
        inner = condition.get("conditions")
        if not isinstance(inner, list) or not inner:
            yield DeclarationError(
                f"{path}.conditions", inner, "is not a list of conditions", "write [{'type': 'EQUAL', …}]"
            )
            return
        for index, each in enumerate(inner):
            yield from _of_condition(each, columns, f"{path}.conditions[{index}]")
        return
    for name in ("fieldName", "comparisonValue"):
        if not isinstance(condition.get(name), str):
            yield _absent(name, condition, f"{path}.{name}")
    if isinstance(condition.get("fieldName"), str):
        yield from columns.missing(condition["fieldName"], f"{path}.fieldName")
