"""Names of streams, and how they are written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_PLAIN_PART = re.compile(r"[^\s.\"*?\[\]{}=,|]+")


def quote(part: str) -> str:
    """One element of a dotted name, in double quotes where it holds a character with a meaning of its own.

    What cannot be printed is escaped: a source may offer names that break lines or turn the text around.
    """
    plain = part.isprintable()
    return part if plain and _PLAIN_PART.fullmatch(part) else json.dumps(part, ensure_ascii=not plain)


def split_dotted(text: str) -> tuple[str, ...]:
    """The elements of a dotted name; ``"a.b".c`` has the two elements ``a.b`` and ``c``, an empty one stands as ``""``.

    Raises:
        ValueError: an element is missing, or a quote is not closed.
    """
    parts: list[str] = []
    decoder = json.JSONDecoder()
    position = 0
    while True:
        quoted = text.startswith('"', position)
        if quoted:
            try:
                part, position = decoder.raw_decode(text, position)
            except json.JSONDecodeError:
                msg = "has a quote that is not closed"
                raise ValueError(msg) from None
        else:
            end = text.find(".", position)
            end = len(text) if end < 0 else end
            part, position = text[position:end], end
        if not part and not quoted:
            msg = "has an empty part"
            raise ValueError(msg)
        parts.append(part)
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            msg = f"has something after the quote at character {position + 1}"
            raise ValueError(msg)
        position += 1


@dataclass(frozen=True, order=True)
class StreamDescriptor:
    """Which stream: a name, unique within its namespace.

    ``namespace`` is ``None`` where the source has none; the server treats ``None`` and ``""`` as different.
    """

    namespace: str | None
    name: str

    @property
    def key(self) -> str:
        """``namespace.name``, or the name alone; parts with dots or spaces stand in double quotes."""
        return quote(self.name) if self.namespace is None else f"{quote(self.namespace)}.{quote(self.name)}"

    @classmethod
    def parse(cls, key: str) -> StreamDescriptor:
        """Read ``namespace.name`` or ``name``.

        The first dot separates, so that ``public.a.b`` is the stream ``a.b`` of ``public``; quote a name with dots that
        has no namespace: ``"a.b"``.

        Raises:
            ValueError: a part is missing.
        """
        parts = split_dotted(key)
        if len(parts) == 1:
            return cls(None, parts[0])
        return cls(parts[0], ".".join(parts[1:]))

    def wire(self) -> dict[str, str]:
        """The API's ``StreamDescriptor``."""
        return {"name": self.name} | ({} if self.namespace is None else {"namespace": self.namespace})

    def __str__(self) -> str:
        return self.key
