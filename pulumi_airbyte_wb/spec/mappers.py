"""Mappers as text: what the server adds to them, and what it hides in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
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


def unmasked(live: Iterable[str], declared: Iterable[str]) -> Iterator[str]:
    """Live mappers, each that the server masks something of as it is declared, where it is the same otherwise."""
    for text, said in zip_longest(live, declared):
        if text is not None:
            yield said if said is not None and MASK in text and text == _masked_as(text, said) else text


def _masked_as(live: str, declared: str) -> str:
    """The declared mapper with the server's mask wherever the live one has it."""

    def mask(seen: Any, said: Any) -> Any:
        if seen == MASK and isinstance(said, str):
            return MASK
        if isinstance(seen, dict) and isinstance(said, dict):
            return {name: mask(seen.get(name), value) for name, value in said.items()}
        return said

    return canonical_json(mask(json.loads(live), json.loads(declared)))
