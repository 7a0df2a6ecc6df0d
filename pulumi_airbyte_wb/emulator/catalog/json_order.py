"""The order of an object's keys: what is stored, and what is discovered, comes back in another one (real-server.md 14).

PostgreSQL's ``jsonb`` sorts keys by length, then byte by byte. A discovered catalog goes through hash maps besides.
The order decides which fields a node without a type hides from the diff (semantics §6.4).
"""

from collections.abc import Callable, Iterable
from typing import Any

_CAPACITY = 16
_LOAD = 0.75


def stored_order(node: Any) -> Any:
    """JSON as it comes back from the database."""
    return _ordered(node, lambda names: sorted(names, key=lambda name: (len(name.encode()), name.encode())))


def discovered_order(node: Any) -> Any:
    """JSON of a discovered catalog, as every later look at it has it."""
    return _ordered(stored_order(node), hash_order)


def hash_order(names: Iterable[str]) -> list[str]:
    """Names in the order of a Java ``HashMap`` that took them in this one."""
    names = list(names)
    capacity = _CAPACITY
    while len(names) > _LOAD * capacity:
        capacity *= 2
    return sorted(names, key=lambda name: _hash(name) & (capacity - 1))


def _hash(text: str) -> int:
    """Java's ``String.hashCode``, spread as its hash maps do."""
    value = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    return value ^ value >> 16


def _ordered(node: Any, order: Callable[[Iterable[str]], list[str]]) -> Any:
    if isinstance(node, dict):
        return {name: _ordered(node[name], order) for name in order(node)}
    if isinstance(node, list):
        return [_ordered(item, order) for item in node]
    return node
