"""The order of answers: where the real server's is a hash set's, ours is random (world option ``shuffle``)."""

import random
from typing import Any

# lists whose order means nothing; a path inside primaryKey and everything else keeps its order
_UNORDERED = frozenset(
    {
        "streams",
        "primaryKey",
        "selectedFields",
        "hashedFields",
        "tags",
        "operations",
        "operationIds",
        "transforms",
        "fieldTransforms",
        "streamAttributeTransforms",
        "updateStream",
        "streamStates",
        "streamState",
        "streamsToReset",
        "streamsToRefresh",
        "enabledStreams",
        "streamStats",
        "streamAggregatedStats",
        "connections",
    }
)
# JSON whose key order is the source's own
_KEPT = frozenset({"jsonSchema", "connectionConfiguration", "schema", "oldSchema", "newSchema"})


def shuffled(answer: Any, dice: random.Random, *, keep: frozenset[str] = frozenset()) -> Any:
    """The answer with every unordered list, and the keys of every object, in a random order."""
    if isinstance(answer, list):
        return [shuffled(item, dice, keep=keep) for item in answer]
    if not isinstance(answer, dict):
        return answer
    names = list(answer)
    dice.shuffle(names)
    mixed = {}
    for name in names:
        value = answer[name] if name in _KEPT else shuffled(answer[name], dice, keep=keep)
        if name in _UNORDERED and name not in keep and isinstance(value, list):
            value = dice.sample(value, len(value))
        mixed[name] = value
    return mixed
