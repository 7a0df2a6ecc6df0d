"""Mappers as text: what the server adds to them, and what it hides in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

MASK = "**********"
"""What servers answer in place of the key of an encryption."""

_TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hashing": ("targetField", "method", "fieldNameSuffix"),
        "field-renaming": ("originalFieldName", "newFieldName"),
        "field-filtering": ("targetField",),
        "encryption": ("targetField", "algorithm", "fieldNameSuffix"),
        "row-filtering": (),
        "AES": ("mode", "padding", "key"),
        "RSA": ("publicKey",),
    }
)
"""The settings of each mapper, and of each way to encrypt, that are texts; a row filter has its conditions."""

EVERY_SETTING = frozenset(name for names in _TEXTS.values() for name in names)
"""The settings of all mappers."""


def text_settings(kind: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The settings that a mapper has, but for the conditions of a row filter."""
    algorithm = settings.get("algorithm") if kind == "encryption" else None
    return (*_TEXTS.get(kind, ()), *(_TEXTS.get(algorithm, ()) if isinstance(algorithm, str) else ()))


def canonical_json(value: object) -> str:
    """Compact JSON with sorted keys: equal values are equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain_mapper(mapper: Mapping[str, Any]) -> str:
    """The canonical text of a mapper, without the id and the empty lists of conditions that the server gives it."""
    return canonical_json({name: _conditions(value) for name, value in mapper.items() if name != "id"})


def _conditions(value: Any) -> Any:
    if isinstance(value, list):
        return [_conditions(each) for each in value]
    if not isinstance(value, dict):
        return value
    empty = {"conditions"} if value.get("type") == "EQUAL" and value.get("conditions") == [] else set()
    return {name: _conditions(each) for name, each in value.items() if name not in empty}


def is_masked(mapper: Mapping[str, Any]) -> bool:
    """Whether the server hides a setting of a mapper, such as the key of an encryption: it refuses what it shows."""
    settings = mapper.get("mapperConfiguration")
    return isinstance(settings, Mapping) and MASK in settings.values()


def unmasked(live: Iterable[str], declared: Iterable[str]) -> Iterator[str]:
    """Live mappers, each as it is declared where it differs only in what servers mask, or have no such setting for."""
    left = list(declared)
    for text in live:
        said = next((each for each in left if text == shown_as(text, each)), None)
        if said is not None:
            left.remove(said)
        yield text if said is None else said


def shown_as(live: str, declared: str) -> str:
    """The declared mapper with the server's mask wherever the live one has it, and without what servers drop."""
    if live == declared:
        return declared
    seen, said = (json.loads(text).get("mapperConfiguration") for text in (live, declared))
    if not isinstance(seen, dict) or not isinstance(said, dict):
        return declared
    dropped = dropped_settings(live, declared)
    shown = {name: MASK if seen.get(name) == MASK else value for name, value in said.items() if name not in dropped}
    return canonical_json({**json.loads(declared), "mapperConfiguration": shown})


def dropped_settings(live: str, declared: str) -> tuple[str, ...]:
    """The settings of a declared mapper that the live one lacks, and that such a mapper is not known to have."""
    mapper = json.loads(declared)
    seen, said = json.loads(live).get("mapperConfiguration"), mapper.get("mapperConfiguration")
    if not isinstance(seen, dict) or not isinstance(said, dict):
        return ()
    known = {"conditions", *text_settings(mapper["type"], said)}
    return tuple(name for name in sorted(said) if name not in known and name not in seen)


def shown_mapper(text: str) -> str:
    """A mapper as texts may show it: without the key that it encrypts with."""
    mapper = json.loads(text)
    settings = mapper.get("mapperConfiguration")
    if not isinstance(settings, dict) or "key" not in settings:
        return text
    return canonical_json({**mapper, "mapperConfiguration": {**settings, "key": MASK}})


def with_secrets(live: Iterable[Mapping[str, Any]], declared: Iterable[str]) -> list[dict[str, Any]]:
    """Live mappers as the API lists them, what the server masks as it is declared."""
    mappers = list(live)
    shown = [plain_mapper(mapper) for mapper in mappers]
    found = zip(mappers, shown, unmasked(shown, declared), strict=True)
    return [dict(mapper) if text == before else _identified(text, mapper) for mapper, before, text in found]


def sent_mappers(declared: Iterable[str], live: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Declared mappers as they are sent: each with the id that the server gave it, or the one that it takes over."""
    left, said = list(live), list(declared)
    same: dict[int, Mapping[str, Any]] = {}
    for alike in (plain_mapper, _work):
        for index, text in enumerate(said):
            found = next((each for each in left if alike(each) == alike(json.loads(text))), None)
            if found is not None and index not in same:
                same[index] = found
                left.remove(found)
    return [_identified(text, same.get(index, {})) for index, text in enumerate(said)]


def _work(mapper: Mapping[str, Any]) -> Any:
    """What a mapper does, and to which column."""
    settings = mapper.get("mapperConfiguration")
    names = ("targetField", "originalFieldName")
    return mapper.get("type"), [settings.get(name) for name in names] if isinstance(settings, Mapping) else settings


def _identified(text: str, live: Mapping[str, Any]) -> dict[str, Any]:
    return {**({"id": live["id"]} if "id" in live else {}), **json.loads(text)}
