"""Mappers as text: what the server adds to them, and what it hides in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MASK = "**********"
"""What servers answer in place of the key of an encryption."""


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
    """Live mappers, each that the server masks something of as it is declared, where it is the same otherwise."""
    left = list(declared)
    for text in live:
        said = next((each for each in left if text == masked_as(text, each)), None)
        if said is not None:
            left.remove(said)
        yield text if said is None else said


def masked_as(live: str, declared: str) -> str:
    """The declared mapper with the server's mask wherever the live one has it."""
    seen, said = json.loads(live), json.loads(declared)
    settings = said.get("mapperConfiguration")
    if not is_masked(seen) or not isinstance(settings, dict):
        return declared
    hidden = {name for name, value in seen["mapperConfiguration"].items() if value == MASK}
    shown = {name: MASK if name in hidden else value for name, value in settings.items()}
    return canonical_json({**said, "mapperConfiguration": shown})


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
